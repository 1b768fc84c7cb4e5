#include "journal/holder.h"
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* The kernel's list of locks names a file by its number and its disk; of some file
 * systems that is another disk than stat has. */
static int find(const struct stat *file) {
  char line[256];
  int holder = 0;
  bool is_sure = false;
  FILE *locks = fopen("/proc/locks", "re");
  while (locks && !is_sure && fgets(line, sizeof line, locks)) {
    int process;
    unsigned major, minor;
    uint64_t inode;
    if (sscanf(line, "%*d: FLOCK %*s %*s %d %x:%x:%" SCNu64, &process, &major, &minor,
               &inode) != 4 ||
        inode != file->st_ino)
      continue;
    is_sure = makedev(major, minor) == file->st_dev;
    holder = process;
  }
  if (locks) fclose(locks);
  return holder;
}

/* The name of a program, as ps has it. */
static bool read_name(int process, char *name, size_t size) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/comm", process);
  FILE *file = fopen(path, "re");
  if (!file) return false;
  bool found = fgets(name, (int)size, file) != NULL;
  fclose(file);
  char *end = found ? strchr(name, '\n') : NULL;
  if (end) *end = '\0';
  return found;
}

void sms_journal_holder_name(int process, char *words, size_t size) {
  char name[32];
  if (process <= 0)
    snprintf(words, size,
             "is in use already, by a process that cannot be seen from here");
  else if (process == getpid())
    snprintf(words, size, "is in use already, by this process");
  else if (read_name(process, name, sizeof name))
    snprintf(words, size, "is in use already, by process %d (%s)", process, name);
  else
    snprintf(words, size,
             "is in use already, by a child of process %d, which has ended", process);
}

void sms_journal_holder_words(int fd, char *words, size_t size) {
  struct stat found;
  sms_journal_holder_name(fstat(fd, &found) == 0 ? find(&found) : 0, words, size);
}
