/* Targets of fuzzing: what libFuzzer calls, or run_corpus.c in its place, and how a
 * target reads its bytes as numbers.
 *
 *   struct fuzz_bytes bytes = {data, data + size};
 *   uint8_t what = fuzz_byte(&bytes);
 *   FUZZ_HOLDS(wait >= 0);
 */
#ifndef SMS_FUZZ_H
#define SMS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_HOLDS(condition)                                                          \
  do {                                                                                 \
    if (!(condition)) {                                                                \
      fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);   \
      abort();                                                                         \
    }                                                                                  \
  } while (0)

struct fuzz_bytes {
  const uint8_t *at, *end;
};

/* The next byte; 0 behind the last. */
static inline uint8_t fuzz_byte(struct fuzz_bytes *bytes) {
  return bytes->at < bytes->end ? *bytes->at++ : 0;
}

/* The next count bytes as a number, the lowest first. */
static inline uint64_t fuzz_number(struct fuzz_bytes *bytes, int count) {
  uint64_t number = 0;
  for (int i = 0; i < count; i++)
    number |= (uint64_t)fuzz_byte(bytes) << 8 * i;
  return number;
}

/* The next bytes, as many as there are up to most. */
static inline const uint8_t *fuzz_piece(struct fuzz_bytes *bytes, size_t most,
                                        size_t *length) {
  const uint8_t *piece = bytes->at;
  size_t left = (size_t)(bytes->end - bytes->at);
  *length = left < most ? left : most;
  bytes->at += *length;
  return piece;
}

/* A path in a folder of this run alone, which goes with it. */
const char *fuzz_path(const char *name);

#endif
