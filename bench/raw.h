/* One kind of work for raw.c: what is posted, and how the reply is read.
 *
 *   const struct work *work = work_named("sms");
 *   char *form = malloc(work->request_size);
 *   size_t length = work->write(form, 7);    the 7th call's body, made anew
 *   ... send it to work->path ...
 *   bool good = work->read(reply, length);
 */
#ifndef BENCH_RAW_H
#define BENCH_RAW_H

#include <stdbool.h>
#include <stddef.h>

struct work {
  const char *name;
  const char *path;
  const char *content;             /* the header, or NULL: nothing is posted */
  long warm_up;                    /* calls before the clock starts */
  long status;                     /* of a good answer */
  size_t request_size, reply_size; /* the most */
  size_t (*write)(char *out, long number);
  bool (*read)(const char *reply, size_t length);
};

/* NULL where there is none. */
const struct work *work_named(const char *name);

/* Writes what is to be sent, before the clock starts. */
void work_make(void);

#endif
