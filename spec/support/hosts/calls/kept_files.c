/* Stands before the system (LD_PRELOAD): each file that a process removes is kept, by
 * another name, in the folder "kept" of TMPDIR, if there is one: "17.2.name", of the
 * process, a count and its own name. A spec looks afterwards at all that was ever
 * written. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PUBLIC __attribute__((visibility("default")))

enum { LONGEST = 4096 };

PUBLIC int unlink(const char *path);
PUBLIC int unlinkat(int folder, const char *path, int flags);
PUBLIC int remove(const char *path);

static char kept[LONGEST / 2];
static atomic_int count;

/* Programs take variables out of their environment, but not before this. */
__attribute__((constructor)) static void begin(void) {
  const char *folder = getenv("TMPDIR");
  if (folder) snprintf(kept, sizeof kept, "%s/kept", folder);
}

static bool is_kept(int folder, const char *path) {
  struct stat found;
  return *kept && fstatat(folder, path, &found, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISREG(found.st_mode) && found.st_size > 0;
}

/* A process id may come again, and then the name may be there: another is tried. */
static void keep(int folder, const char *path) {
  char name[LONGEST];
  const char *slash = strrchr(path, '/');
  if (!is_kept(folder, path)) return;
  for (int tries = 0; tries < 100; tries++) {
    int length = snprintf(name, sizeof name, "%s/%d.%d.%s", kept, (int)getpid(),
                          atomic_fetch_add(&count, 1), slash ? slash + 1 : path);
    if (length >= (int)sizeof name) return;
    if (linkat(folder, path, AT_FDCWD, name, 0) == 0) return;
  }
}

static void *next(const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  if (!found) abort();
  return found;
}

int unlink(const char *path) {
  int (*call)(const char *);
  *(void **)&call = next("unlink");
  keep(AT_FDCWD, path);
  return call(path);
}

int unlinkat(int folder, const char *path, int flags) {
  int (*call)(int, const char *, int);
  *(void **)&call = next("unlinkat");
  if (!(flags & AT_REMOVEDIR)) keep(folder, path);
  return call(folder, path, flags);
}

int remove(const char *path) {
  int (*call)(const char *);
  *(void **)&call = next("remove");
  keep(AT_FDCWD, path);
  return call(path);
}
