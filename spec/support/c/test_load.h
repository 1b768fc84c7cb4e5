/* What the tests against repetition put on the wire: requests of every kind and size,
 * alone or 64 at a time, each with its own marker.
 */
#ifndef TEST_LOAD_H
#define TEST_LOAD_H

#include "test_engine.h"

#define LOAD_MANY   64
#define LOAD_FIRST  LOAD_MANY /* the first marker; those below are for warming up */
#define LOAD_LARGE  ((size_t)8 << 20)
#define LOAD_SPARSE 16 /* of so many requests only one carries LOAD_LARGE */

struct load {
  const char *name;
  enum sms_http_method method;
  size_t length;
};

/* Memory for the bodies; 64 times 8 MB at once only where wholly is asked for, since
 * moving them takes most of the time. False without memory. */
bool load_begin(bool wholly);
void load_end(void);
bool load_is_whole(void);

/* Submits so many of these requests, opens the server's gate, and waits until all have
 * ended. */
void load_strike(struct rig *rig, const struct load *load, int in_flight,
                 struct ending endings[LOAD_MANY]);

#endif
