#include "limit/announcements.h"
#include "base/fork_gate.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct sms_announcement {
  struct sms_announcement *next;
  size_t references;
  const char *key, *text;
};

static struct {
  pthread_mutex_t mutex;
  struct sms_announcement *first;
  uint32_t version; /* atomic */
} process = {PTHREAD_MUTEX_INITIALIZER, NULL, 0};

static void enter(void) {
  sms_fork_gate_enter();
  pthread_mutex_lock(&process.mutex);
}

static void leave(void) {
  pthread_mutex_unlock(&process.mutex);
  sms_fork_gate_leave();
}

static void change_version(uint32_t *seen) {
  const uint32_t version = __atomic_add_fetch(&process.version, 1, __ATOMIC_RELEASE);
  if (*seen == version - 1) *seen = version;
}

/* The strings lie behind it. */
static struct sms_announcement *make(const char *key, const char *text) {
  size_t key_size = strlen(key) + 1, text_size = strlen(text) + 1;
  struct sms_announcement *made = malloc(sizeof *made + key_size + text_size);
  if (!made) return NULL;
  char *strings = (char *)(made + 1);
  *made = (struct sms_announcement){
      .key = memcpy(strings, key, key_size),
      .text = memcpy(strings + key_size, text, text_size),
  };
  return made;
}

sms_announcement *sms_announce(const char *key, const char *text, uint32_t *seen) {
  enter();
  struct sms_announcement *said = process.first;
  while (said && (strcmp(said->key, key) != 0 || strcmp(said->text, text) != 0))
    said = said->next;
  if (!said && (said = make(key, text))) {
    said->next = process.first;
    process.first = said;
    change_version(seen);
  }
  if (said) said->references++;
  leave();
  return said;
}

void sms_announcement_withdraw(sms_announcement *announcement, uint32_t *seen) {
  if (!announcement) return;
  enter();
  if (--announcement->references == 0) {
    struct sms_announcement **at = &process.first;
    while (*at != announcement)
      at = &(*at)->next;
    *at = announcement->next;
    free(announcement);
    change_version(seen);
  }
  leave();
}

uint32_t sms_announcements_version(void) {
  return __atomic_load_n(&process.version, __ATOMIC_ACQUIRE);
}

size_t sms_announced(const char *key, char *texts, size_t size) {
  size_t used = 0;
  enter();
  for (const struct sms_announcement *said = process.first; said; said = said->next) {
    if (strcmp(said->key, key) != 0) continue;
    size_t text_size = strlen(said->text) + 1;
    if (used + text_size <= size) memcpy(texts + used, said->text, text_size);
    used += text_size;
  }
  leave();
  return used;
}
