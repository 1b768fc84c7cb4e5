#include "test_journal.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char test_journal_folder[] = "/tmp/sms-journal-XXXXXX";
char test_journal_path[64];

int test_journal_setup(void **state) {
  (void)state;
  if (!mkdtemp(test_journal_folder)) return -1;
  snprintf(test_journal_path, sizeof test_journal_path, "%s/journal",
           test_journal_folder);
  return 0;
}

int test_journal_teardown(void **state) {
  (void)state;
  return rmdir(test_journal_folder); /* fails where something was left behind */
}

int test_journal_remove(void **state) {
  (void)state;
  remove(test_journal_path);
  return 0;
}

sms_journal *test_journal_open(bool sync) {
  sms_journal *journal = NULL;
  char why[SMS_WHY_MAX] = "";
  if (sms_journal_open(test_journal_path, sync, 42, &journal, why) != SMS_OK)
    fail_msg("%s", why);
  return journal;
}

void test_journal_is_refused(const char *part) {
  sms_journal *journal = NULL;
  char why[SMS_WHY_MAX] = "";
  if (sms_journal_open(test_journal_path, false, 42, &journal, why) == SMS_OK)
    fail_msg("opened, and should say '%s'", part);
  if (!strstr(why, part)) fail_msg("'%s' says nothing of '%s'", why, part);
  if (strncmp(why, test_journal_path, strlen(test_journal_path)) != 0)
    fail_msg("'%s' does not begin with the path", why);
}

struct sms_journal_item test_journal_item(uint64_t ordinal) {
  struct sms_journal_item item;
  memset(&item, 0, sizeof item);
  item.ordinal = ordinal;
  for (size_t i = 0; i < sizeof item.hash; i++)
    item.hash[i] = (unsigned char)(ordinal * 2654435761u >> (i % 4 * 8) ^ i);
  return item;
}

int64_t test_journal_begin(sms_journal *journal, uint64_t ordinal) {
  struct sms_journal_item item = test_journal_item(ordinal);
  int64_t position = 0;
  if (sms_journal_begin(journal, &item, 1, &position) != SMS_OK)
    fail_msg("%s", sms_journal_why(journal));
  return position;
}

int64_t test_journal_finish(sms_journal *journal, uint64_t ordinal,
                            enum sms_journal_state outcome) {
  struct sms_journal_item item = {.ordinal = ordinal, .outcome = outcome};
  int64_t position = 0;
  if (sms_journal_finish(journal, &item, 1, &position) != SMS_OK)
    fail_msg("%s", sms_journal_why(journal));
  return position;
}

enum sms_status test_journal_begin_many(sms_journal *journal, uint64_t first,
                                        size_t count, int64_t *position) {
  struct sms_journal_item *items = calloc(count, sizeof *items);
  assert_non_null(items);
  for (size_t i = 0; i < count; i++)
    items[i] = test_journal_item(first + i);
  enum sms_status status = sms_journal_begin(journal, items, count, position);
  free(items);
  return status;
}

enum sms_journal_state test_journal_state(sms_journal *journal, uint64_t ordinal) {
  struct sms_journal_item item = test_journal_item(ordinal);
  enum sms_journal_state state = SMS_JOURNAL_NEW;
  if (sms_journal_look(journal, ordinal, item.hash, &state) != SMS_OK)
    fail_msg("%s", sms_journal_why(journal));
  return state;
}

int64_t test_journal_size(void) {
  struct stat found;
  assert_int_equal(lstat(test_journal_path, &found), 0);
  return found.st_size;
}

unsigned char *test_journal_read(size_t *size) {
  *size = (size_t)test_journal_size();
  unsigned char *bytes = malloc(*size + 1);
  int fd = open(test_journal_path, O_RDONLY | O_CLOEXEC);
  assert_non_null(bytes);
  assert_true(fd >= 0);
  assert_int_equal(read(fd, bytes, *size), *size);
  close(fd);
  return bytes;
}

void test_journal_write(const unsigned char *bytes, size_t size) {
  int fd = open(test_journal_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, bytes, size), size);
  assert_int_equal(ftruncate(fd, (off_t)size), 0); /* O_TRUNC waits for some disks */
  close(fd);
}

void test_journal_is(const unsigned char *bytes, size_t size) {
  size_t length;
  unsigned char *found = test_journal_read(&length);
  assert_int_equal(length, size);
  assert_memory_equal(found, bytes, size);
  free(found);
}
