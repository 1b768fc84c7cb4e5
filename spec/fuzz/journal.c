/* A journal whose file holds anything, or was written as journals are and then changed.
 * Nothing that was begun is taken for new because its record cannot be read. */
#include "journal/journal.h"
#include "base/random.h"
#include "fuzz.h"
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ITEMS = 16, READ = 64 };

struct run {
  sms_journal *journal;
  struct fuzz_bytes bytes;
  bool sync, cut;
  bool begun[ITEMS + 1]; /* and nobody cut what says so */
};

static struct sms_journal_item item_of(uint64_t ordinal) {
  struct sms_journal_item item = {.ordinal = ordinal};
  memset(item.hash, (int)ordinal, sizeof item.hash);
  return item;
}

static enum sms_journal_state look(struct run *run, uint64_t ordinal) {
  struct sms_journal_item item = item_of(ordinal);
  enum sms_journal_state state = SMS_JOURNAL_OPEN;
  sms_journal_look(run->journal, ordinal, item.hash, &state);
  return state;
}

static void open_journal(struct run *run) {
  char path[256], why[SMS_WHY_MAX] = "";
  uint64_t salt;
  sms_random_fill(&salt, sizeof salt);
  snprintf(path, sizeof path, "%s", fuzz_path("journal"));
  sms_journal_close(run->journal);
  run->journal = NULL;
  if (sms_journal_open(path, run->sync, salt, &run->journal, why) != SMS_OK) {
    FUZZ_HOLDS(why[0]);
    run->journal = NULL;
  }
}

static void reopen(struct run *run) {
  open_journal(run);
  for (uint64_t i = 1; i <= ITEMS && run->journal; i++)
    FUZZ_HOLDS(!run->begun[i] || look(run, i) != SMS_JOURNAL_NEW);
}

static uint64_t any_ordinal(struct run *run) {
  return 1 + fuzz_byte(&run->bytes) % ITEMS;
}

static void begin(struct run *run) {
  struct sms_journal_item items[4];
  size_t count = 1 + fuzz_byte(&run->bytes) % 4;
  int64_t position;
  uint64_t first = any_ordinal(run);
  if (first + count > ITEMS + 1) first = ITEMS + 1 - count;
  for (size_t i = 0; i < count; i++)
    items[i] = item_of(first + i);
  if (sms_journal_begin(run->journal, items, count, &position) != SMS_OK) return;
  for (size_t i = 0; i < count; i++)
    run->begun[first + i] = true;
}

static void finish(struct run *run) {
  struct sms_journal_item item = item_of(any_ordinal(run));
  int64_t position;
  item.outcome = SMS_JOURNAL_ACCEPTED + fuzz_byte(&run->bytes) % 4;
  if (sms_journal_finish(run->journal, &item, 1, &position) != SMS_OK) return;
  if (item.outcome == SMS_JOURNAL_NOT_SENT) run->begun[item.ordinal] = false;
}

/* Bits of what was written: what comes of it cannot look as if it had been written. */
static void flip(struct run *run) {
  uint8_t bytes[16];
  int fd = open(fuzz_path("journal"), O_RDWR | O_CLOEXEC);
  off_t at = (off_t)fuzz_number(&run->bytes, 2) % 2048;
  uint8_t with = fuzz_byte(&run->bytes) | 1;
  size_t most = 1 + fuzz_byte(&run->bytes) % sizeof bytes;
  if (fd < 0) return;
  ssize_t size = pread(fd, bytes, most, at);
  for (ssize_t i = 0; i < size; i++)
    bytes[i] ^= with;
  if (size > 0) FUZZ_HOLDS(pwrite(fd, bytes, (size_t)size, at) == size);
  close(fd);
}

/* Then it looks as if that had never been written. */
static void cut(struct run *run) {
  struct stat found;
  if (stat(fuzz_path("journal"), &found) != 0) return;
  off_t left = (off_t)fuzz_number(&run->bytes, 2) % 2048;
  if (left < found.st_size) (void)!truncate(fuzz_path("journal"), left);
  memset(run->begun, 0, sizeof run->begun);
}

static void fill_file(struct run *run) {
  size_t size;
  const uint8_t *bytes = fuzz_piece(&run->bytes, 1 << 16, &size);
  int fd = open(fuzz_path("journal"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  FUZZ_HOLDS(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
  close(fd);
}

static void look_at_all(struct run *run) {
  for (uint64_t i = 1; i <= READ && run->journal; i++)
    look(run, i);
}

static void take_steps(struct run *run) {
  typedef void step(struct run *);
  static step *const steps[] = {begin, finish, reopen, flip, cut};
  while (run->bytes.at < run->bytes.end && run->journal) {
    uint8_t what = fuzz_byte(&run->bytes) % 8;
    steps[what < 5 ? what : what - 5](run);
  }
  if (run->journal) reopen(run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct run run = {.bytes = {data, data + size}};
  uint8_t how = fuzz_byte(&run.bytes);
  run.sync = how & 2;
  unlink(fuzz_path("journal"));
  if (how & 1) fill_file(&run);
  open_journal(&run);
  if (how & 1)
    look_at_all(&run);
  else
    take_steps(&run);
  if (run.journal) {
    sms_journal_highest(run.journal);
    sms_journal_check(run.journal);
    sms_journal_warning(run.journal);
  }
  sms_journal_close(run.journal);
  return 0;
}
