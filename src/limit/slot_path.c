#include "limit/slot_path.h"
#include "secret/crypto.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum sms_status sms_slot_path(const char *root, const char *key, uint32_t calls,
                              int64_t period, char path[SMS_SLOT_PATH_MAX]) {
  char text[SMS_SLOT_PATH_MAX], hex[SMS_DIGEST_HEX_MAX + 1];
  int length =
      snprintf(text, sizeof text, "%s:%" PRIu32 ":%" PRId64, key, calls, period);
  if ((size_t)length >= sizeof text) return SMS_TOO_LARGE;
  enum sms_status status = sms_digest_hex(SMS_DIGEST_SHA256, text, (size_t)length, hex);
  if (status != SMS_OK) return status;
  length = snprintf(path, SMS_SLOT_PATH_MAX, "%s/sms-%ju/%s", root,
                    (uintmax_t)geteuid(), hex);
  return length < SMS_SLOT_PATH_MAX ? SMS_OK : SMS_TOO_LARGE;
}

static const char *flaw(const struct stat *folder) {
  if (S_ISLNK(folder->st_mode)) return "is a symbolic link";
  if (!S_ISDIR(folder->st_mode)) return "is no folder";
  if (folder->st_uid != geteuid()) return "belongs to another user";
  if (folder->st_mode & (S_IWGRP | S_IWOTH)) return "may be written to by others";
  return NULL;
}

/* Whoever is refused here cannot be replaced behind our back: the root is sticky, and
 * in a folder of our own nobody else makes or renames anything. */
enum sms_status sms_slot_folder(const char *path, char why[SMS_WHY_MAX]) {
  char folder[SMS_SLOT_PATH_MAX];
  struct stat found;
  int length = (int)(strrchr(path, '/') - path);
  snprintf(folder, sizeof folder, "%.*s", length, path);
  bool made = mkdir(folder, S_IRWXU) == 0 || errno == EEXIST;
  bool seen = made && lstat(folder, &found) == 0;
  const char *what = seen ? flaw(&found) : strerror(errno);
  if (!what) return SMS_OK;
  if (!made && errno == ENOENT)
    snprintf(why, SMS_WHY_MAX, "there is no %.*s", (int)(strrchr(folder, '/') - folder),
             folder);
  else
    snprintf(why, SMS_WHY_MAX, "%s: %s", folder, what);
  return SMS_FAILED;
}
