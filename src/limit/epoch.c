#include "limit/epoch.h"
#include "base/descriptor.h"
#include "base/file_bytes.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_SPACE                                                                    \
  UINT64_C(0xeffffffa) /* the number the kernel gives to the first                     \
                        */

enum { TEXT_MAX = 2048, PATH_MAX_HERE = 256, START_FIELD = 22, COMMAND_FIELD = 2 };

static const int64_t SECOND = INT64_C(1000000000);
static const int64_t KERNEL_ALONE = 60 * INT64_C(1000000000);

/* Whether an errno says that something may not be known here, now or later. */
static bool is_hidden(int error) {
  return error == ENOENT || error == ENOTDIR || error == EACCES || error == EPERM;
}

/* The file's beginning; "" where it is hidden. 0, or an errno. */
static int read_text(const char *proc, const char *name, char text[TEXT_MAX]) {
  char path[PATH_MAX_HERE];
  snprintf(path, sizeof path, "%s/%s", proc, name);
  text[0] = 0;
  int fd = sms_descriptor_open(path, O_RDONLY, 0);
  if (fd < 0) return is_hidden(errno) ? 0 : errno;
  size_t length;
  int error = sms_read_all(fd, text, TEXT_MAX - 1, 0, &length);
  close(fd);
  text[error ? 0 : length] = 0;
  return is_hidden(error) ? 0 : error;
}

/* "time:[4026531834]" */
static uint64_t read_space(const char *proc, const char *name) {
  char path[PATH_MAX_HERE], text[64];
  snprintf(path, sizeof path, "%s/self/ns/%s", proc, name);
  ssize_t length = readlink(path, text, sizeof text - 1);
  text[length > 0 ? length : 0] = 0;
  const char *number = strchr(text, '[');
  return number ? strtoull(number + 1, NULL, 10) : 0;
}

uint64_t sms_epoch_here(const char *proc) {
  return read_space(proc, "time");
}

/* "01234567-89ab-..." -> 128 bits */
static int read_boot(const char *proc, uint64_t boot[2]) {
  char text[TEXT_MAX];
  int digits = 0;
  uint64_t read[2] = {0, 0};
  int error = read_text(proc, "sys/kernel/random/boot_id", text);
  for (const char *c = text; *c && digits < 32; c++) {
    static const char hex[] = "0123456789abcdef";
    const char *digit = strchr(hex, *c);
    if (!digit) continue;
    uint64_t *half = &read[digits++ / 16];
    *half = *half << 4 | (uint64_t)(digit - hex);
  }
  boot[0] = digits == 32 ? read[0] : 0;
  boot[1] = digits == 32 ? read[1] : 0;
  return error;
}

bool sms_boot_is_known(const uint64_t boot[2]) {
  return (boot[0] | boot[1]) != 0;
}

/* The file tells the offsets of the namespace that children get, which is another one
 * between unshare and fork. */
static int read_offset(const char *proc, struct sms_epoch *epoch) {
  char text[TEXT_MAX];
  uint64_t next = read_space(proc, "time_for_children");
  int64_t seconds, nanoseconds;
  epoch->here = sms_epoch_here(proc);
  epoch->space = 0;
  epoch->offset = 0;
  if (epoch->here == 0 || epoch->here == FIRST_SPACE) return 0;
  int error = read_text(proc, "self/timens_offsets", text);
  const char *line = strstr(text, "boottime");
  if (epoch->here == next && line &&
      sscanf(line, "boottime %" SCNd64 " %" SCNd64, &seconds, &nanoseconds) == 2)
    epoch->offset = seconds * SECOND + nanoseconds;
  else
    epoch->space = epoch->here;
  return error;
}

/* When process 1 started, in nanoseconds of our CLOCK_BOOTTIME. The kernel writes it
 * without a sign, in ticks. False: hidden, or *error is an errno. */
static bool read_start(const char *proc, int64_t *start, int *error) {
  char text[TEXT_MAX];
  *error = read_text(proc, "1/stat", text);
  const char *field = strrchr(text, ')'); /* a command may hold anything */
  for (int i = COMMAND_FIELD; field && i < START_FIELD; i++) {
    field = strchr(field, ' ');
    if (field) field++;
  }
  if (!field) return false;
  uint64_t tick = (uint64_t)SECOND / (uint64_t)sysconf(_SC_CLK_TCK);
  *start = (int64_t)(strtoull(field, NULL, 10) * tick);
  return true;
}

/* A container's start is a whole number of ticks, rounded down: 10 ms are added. */
int sms_epoch_read(const char *proc, struct sms_epoch *epoch) {
  int64_t start;
  int error = read_boot(proc, epoch->boot);
  if (!error) error = read_offset(proc, epoch);
  if (error) return error;
  epoch->is_container = epoch->space == 0 && read_start(proc, &start, &error) &&
                        start - epoch->offset > KERNEL_ALONE;
  epoch->began = epoch->is_container ? start / 1000 + 10000 : epoch->offset / 1000;
  return error;
}
