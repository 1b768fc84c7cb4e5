#include "http/finished.h"

void sms_http_finished_init(struct sms_http_finished *list) {
  list->first = NULL;
  list->end = &list->first;
}

void sms_http_finished_add(struct sms_http_finished *list, sms_http_transfer *t) {
  t->queued = true;
  t->next_finished = NULL;
  *list->end = t;
  list->end = &t->next_finished;
}

sms_http_transfer *sms_http_finished_take(struct sms_http_finished *list) {
  sms_http_transfer *t = list->first;
  if (!t) return NULL;
  list->first = t->next_finished;
  if (!list->first) list->end = &list->first;
  t->queued = false;
  return t;
}

void sms_http_finished_forget(struct sms_http_finished *list, sms_http_transfer *t) {
  sms_http_transfer **at = &list->first;
  while (*at != t)
    at = &(*at)->next_finished;
  *at = t->next_finished;
  if (!*at) list->end = at;
  t->queued = false;
}
