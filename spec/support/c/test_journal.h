/* What the tests of the journal share: a journal in a folder of its own, and items that
 * are known by their ordinal.
 *
 *   sms_journal *journal = test_journal_open(false);
 *   test_journal_begin(journal, 1);
 *   test_journal_finish(journal, 1, SMS_JOURNAL_ACCEPTED);
 *   assert_int_equal(test_journal_state(journal, 1), SMS_JOURNAL_ACCEPTED);
 */
#ifndef TEST_JOURNAL_H
#define TEST_JOURNAL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "journal/journal.h"

#define TEST_LENGTH(array) (sizeof(array) / sizeof(array)[0])

enum { TEST_RECORD = 64 }; /* bytes of a record, and of the header */

extern char test_journal_folder[];
extern char test_journal_path[64];

/* For a group of tests, and around each of them. */
int test_journal_setup(void **state);
int test_journal_teardown(void **state);
int test_journal_remove(void **state);

/* These fail the test with the reason, where it fails. */
sms_journal *test_journal_open(bool sync);
int64_t test_journal_begin(sms_journal *journal, uint64_t ordinal);
int64_t test_journal_finish(sms_journal *journal, uint64_t ordinal,
                            enum sms_journal_state outcome);
enum sms_journal_state test_journal_state(sms_journal *journal, uint64_t ordinal);

/* Opening it fails for a reason that says this. */
void test_journal_is_refused(const char *part);

struct sms_journal_item test_journal_item(uint64_t ordinal);

/* Items first, first + 1, ... in one write. */
enum sms_status test_journal_begin_many(sms_journal *journal, uint64_t first,
                                        size_t count, int64_t *position);

int64_t test_journal_size(void);

/* The whole file; the caller's. */
unsigned char *test_journal_read(size_t *size);
void test_journal_write(const unsigned char *bytes, size_t size);

/* Fails where the file is not this. */
void test_journal_is(const unsigned char *bytes, size_t size);

#endif
