#include "fuzz.h"
#include <dirent.h>
#include <string.h>
#include <unistd.h>

static char folder[256];

static void remove_folder(void) {
  DIR *listed = opendir(folder);
  if (!listed) return;
  for (struct dirent *entry; (entry = readdir(listed));)
    if (entry->d_name[0] != '.') unlink(fuzz_path(entry->d_name));
  closedir(listed);
  rmdir(folder);
}

static void make_folder(void) {
  const char *parent = getenv("TMPDIR");
  snprintf(folder, sizeof folder, "%s/fuzz.XXXXXX", parent ? parent : "/tmp");
  FUZZ_HOLDS(mkdtemp(folder));
  atexit(remove_folder);
}

const char *fuzz_path(const char *name) {
  static char path[sizeof folder + 256];
  if (!folder[0]) make_folder();
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}
