#include "limit/name_file.h"
#include "base/file_bytes.h"
#include "limit/slot_path.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Not every C library has renameat2. */
#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#endif

enum { SUFFIX = sizeof ".XXXXXX" - 1 };

int sms_name_file(const char *beside, const char *path) {
  if (syscall(SYS_renameat2, AT_FDCWD, beside, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
    return 0;
  int error = errno;
  if (error == EINVAL || error == ENOSYS || error == EOPNOTSUPP)
    error = link(beside, path) == 0 ? 0 : errno;
  unlink(beside);
  return error;
}

/* Whether an entry of the path's folder is called as what is to get the path. */
static bool is_beside(const char *entry, const char *name) {
  size_t length = strlen(name);
  return strlen(entry) == length + SUFFIX && memcmp(entry, name, length) == 0 &&
         entry[length] == '.';
}

static bool remove_entry(int folder, const char *entry, const struct stat *found) {
  struct stat other;
  return fstatat(folder, entry, &other, AT_SYMLINK_NOFOLLOW) == 0 &&
         sms_is_file(&other, found->st_dev, found->st_ino) &&
         (unlinkat(folder, entry, 0) == 0 || errno == ENOENT);
}

void sms_finish_naming(const char *path, const struct stat *found) {
  char folder[SMS_SLOT_PATH_MAX];
  snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') + 1 - path), path);
  const char *name = strrchr(path, '/') + 1;
  DIR *stream = opendir(folder);
  bool removed = false;
  if (!stream) return;
  for (struct dirent *entry; !removed && (entry = readdir(stream));)
    removed = is_beside(entry->d_name, name) &&
              remove_entry(dirfd(stream), entry->d_name, found);
  closedir(stream);
}
