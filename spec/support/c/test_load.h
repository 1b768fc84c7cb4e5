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

/* Whether SMS_TEST_LONG=1: then all of 64 large bodies are large, which takes most of
 * the time, and no case is left out. */
bool load_is_whole(void);

/* Begins a group: certificates, memory for the bodies, and a server that behaves well.
 * -1 without memory. */
int load_begin(const struct test_script *well_behaved);
int load_end(void **state);

/* The rig's client must still get an answer of the server that behaves well. */
void load_demand_answer(struct rig *rig);

/* Submits so many of these requests, opens the server's gate, and waits until all have
 * ended. */
void load_strike(struct rig *rig, const struct load *load, int in_flight,
                 struct ending endings[LOAD_MANY]);

#endif
