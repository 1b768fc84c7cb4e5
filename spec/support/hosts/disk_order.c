/* Stands before the system (LD_PRELOAD) in a process that sends a campaign with a
 * synced journal, with a disk that takes its time: counts requests, and those of items
 * whose begin was not on the disk when their first byte was given to the socket.
 *
 * DISK_ORDER names the file that gets "requests 300 early 0 syncs 12" at the end; the
 * journal's path ends in "/journal", and an item's number is its client-ref. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { ITEMS = 100000, RECORD = 64, KIND = 40, BEGUN = 1 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int64_t places[ITEMS]; /* where the begin of an item ends; 0: not begun */
static int64_t written, durable;
static int requests, early, syncs;

#define PUBLIC __attribute__((visibility("default")))

PUBLIC ssize_t pwrite(int fd, const void *data, size_t size, off_t place);
PUBLIC ssize_t pwrite64(int fd, const void *data, size_t size, off_t place);
PUBLIC int fdatasync(int fd);
PUBLIC ssize_t send(int fd, const void *data, size_t size, int flags);

static int is_journal(int fd) {
  static const char name[] = "/journal";
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path);
  size_t end = sizeof name - 1;
  return length > (ssize_t)end && memcmp(path + length - end, name, end) == 0;
}

static void note_records(const unsigned char *data, size_t size, int64_t place) {
  for (size_t at = 0; at + RECORD <= size; at += RECORD) {
    uint64_t ordinal;
    memcpy(&ordinal, data + at, sizeof ordinal);
    if (place + (int64_t)at == 0 || ordinal >= ITEMS) continue; /* the header */
    if (data[at + KIND] == BEGUN) places[ordinal] = place + (int64_t)at + RECORD;
  }
  written = place + (int64_t)size;
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t place) {
  pthread_mutex_lock(&lock);
  ssize_t put = syscall(SYS_pwrite64, fd, data, size, place);
  if (put == (ssize_t)size && is_journal(fd)) note_records(data, size, place);
  pthread_mutex_unlock(&lock);
  return put;
}

ssize_t pwrite64(int fd, const void *data, size_t size, off_t place) {
  return pwrite(fd, data, size, place);
}

int fdatasync(int fd) {
  const struct timespec slow = {0, 5000000};
  pthread_mutex_lock(&lock);
  int64_t target = written; /* what is written later need not be there */
  pthread_mutex_unlock(&lock);
  nanosleep(&slow, NULL);
  int failed = (int)syscall(SYS_fdatasync, fd);
  pthread_mutex_lock(&lock);
  if (!failed && is_journal(fd)) {
    durable = target;
    syncs++;
  }
  pthread_mutex_unlock(&lock);
  return failed;
}

ssize_t send(int fd, const void *data, size_t size, int flags) {
  static const char name[] = "client-ref=";
  const char *found = memmem(data, size, name, sizeof name - 1);
  if (found) {
    long ordinal = 0;
    const char *end = (const char *)data + size;
    for (const char *c = found + sizeof name - 1; c < end && *c >= '0' && *c <= '9';
         c++)
      ordinal = ordinal * 10 + (*c - '0');
    pthread_mutex_lock(&lock);
    requests++;
    if (ordinal < 1 || ordinal >= ITEMS || places[ordinal] == 0 ||
        places[ordinal] > durable)
      early++;
    pthread_mutex_unlock(&lock);
  }
  return syscall(SYS_sendto, fd, data, size, flags, NULL, 0);
}

__attribute__((destructor)) static void tell(void) {
  const char *path = getenv("DISK_ORDER");
  FILE *file = path ? fopen(path, "we") : NULL;
  if (!file) return;
  fprintf(file, "requests %d early %d syncs %d\n", requests, early, syncs);
  fclose(file);
}
