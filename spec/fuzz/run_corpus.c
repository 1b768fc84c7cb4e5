/* Where there is no libFuzzer: runs a target on each file of a corpus, as it is, and
 * then, for a while, cut after each byte and with each byte changed.
 *
 *   run_corpus FOLDER
 */
#include "fuzz.h"
#include <dirent.h>
#include <string.h>
#include <time.h>

enum { LONGEST = 1 << 16, FILES_MAX = 1024, MILLISECONDS = 600 };

static struct file {
  uint8_t *bytes;
  size_t size;
} files[FILES_MAX];
static size_t count, runs;

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* In memory of exactly that size, so that a sanitizer sees what is read beside it. */
static void run(const uint8_t *bytes, size_t size) {
  uint8_t *copy = malloc(size ? size : 1);
  FUZZ_HOLDS(copy);
  memcpy(copy, bytes, size);
  LLVMFuzzerTestOneInput(copy, size);
  free(copy);
  runs++;
}

static void read_file(const char *folder, const char *name) {
  static uint8_t bytes[LONGEST];
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "rb");
  FUZZ_HOLDS(file && count < FILES_MAX);
  size_t size = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  uint8_t *kept = malloc(size + 1);
  FUZZ_HOLDS(kept);
  memcpy(kept, bytes, size);
  files[count++] = (struct file){kept, size};
}

static int is_file(const struct dirent *entry) {
  return entry->d_name[0] != '.';
}

static void read_all(const char *folder) {
  struct dirent **list;
  int found = scandir(folder, &list, is_file, alphasort);
  FUZZ_HOLDS(found > 0);
  for (int i = 0; i < found; i++) {
    read_file(folder, list[i]->d_name);
    free(list[i]);
  }
  free(list);
}

static void change(struct file *file, size_t place) {
  static const uint8_t changes[] = {0x01, 0x80, 0xff};
  if (place >= file->size) return;
  uint8_t was = file->bytes[place];
  run(file->bytes, place);
  file->bytes[place] ^= changes[place % sizeof changes];
  run(file->bytes, file->size);
  file->bytes[place] = was;
}

int main(int argc, char **argv) {
  FUZZ_HOLDS(argc == 2);
  printf("1..1\n");
  read_all(argv[1]);
  for (size_t i = 0; i < count; i++)
    run(files[i].bytes, files[i].size);
  int64_t end = now() + MILLISECONDS;
  for (size_t place = 0; place < LONGEST && now() < end; place++)
    for (size_t i = 0; i < count && now() < end; i++)
      change(&files[i], place);
  printf("ok 1 - %zu inputs, of %zu files\n", runs, count);
  for (size_t i = 0; i < count; i++)
    free(files[i].bytes);
  return 0;
}
