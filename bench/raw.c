/* The yardstick: the calls of library.lua made with libcurl alone, as a careful C
 * program would, without checks, limits or errors that say more than "failed".
 *
 *   raw <work> <url> <calls> <in flight> <"1.1" or "2"> <file of the CA>
 *
 * prints the seconds it took, and of those on the CPU. An easy handle for each call in
 * flight is used again and again on a kept connection; for each call the body is
 * written, the URL set, and the reply read and looked at.
 */
#include "raw.h"
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct work *work;
static char url[256];

struct sender {
  CURL *easy;
  char *request, *reply;
  size_t reply_length;
};

static void fail(const char *message) {
  fprintf(stderr, "raw: %s\n", message);
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static size_t on_body(char *data, size_t one, size_t length, void *pointer) {
  struct sender *sender = pointer;
  (void)one;
  if (length >= work->reply_size - sender->reply_length) return 0;
  memcpy(sender->reply + sender->reply_length, data, length);
  sender->reply_length += length;
  sender->reply[sender->reply_length] = '\0';
  return length;
}

static void open_sender(struct sender *sender, struct curl_slist *headers, bool http2,
                        const char *ca) {
  CURL *easy = sender->easy = curl_easy_init();
  sender->request = malloc(work->request_size);
  sender->reply = malloc(work->reply_size);
  if (!easy || !sender->request || !sender->reply) fail("no memory");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                   http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_PIPEWAIT, http2 ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_CAPATH, NULL); /* or no connection shares the store */
  curl_easy_setopt(easy, CURLOPT_CAINFO, ca);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 30000L);
  const char *read_size = getenv("READ_SIZE");
  if (read_size) curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, atol(read_size));
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "libcurl/alone");
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, sender);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, sender);
}

static void close_sender(struct sender *sender) {
  curl_easy_cleanup(sender->easy);
  free(sender->request);
  free(sender->reply);
}

static void prepare(struct sender *sender, long number) {
  sender->reply_length = 0;
  curl_easy_setopt(sender->easy, CURLOPT_URL, url);
  if (!work->write) return;
  size_t length = work->write(sender->request, number);
  curl_easy_setopt(sender->easy, CURLOPT_POSTFIELDSIZE, (long)length);
  curl_easy_setopt(sender->easy, CURLOPT_POSTFIELDS, sender->request);
}

static void check(struct sender *sender, CURLcode code) {
  long status = 0;
  if (code) fail(curl_easy_strerror(code));
  curl_easy_getinfo(sender->easy, CURLINFO_RESPONSE_CODE, &status);
  if (status != work->status || !work->read(sender->reply, sender->reply_length))
    fail("not accepted");
}

static void send_in_turn(struct sender *sender, long calls) {
  for (long i = 1; i <= calls; i++) {
    prepare(sender, i);
    check(sender, curl_easy_perform(sender->easy));
  }
}

/* Checks what has ended and starts the next in its place; returns how many ended. */
static long turn(CURLM *multi, long calls, long *started) {
  long ended = 0;
  int left;
  for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));) {
    struct sender *sender;
    CURLcode code = message->data.result;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&sender);
    check(sender, code);
    curl_multi_remove_handle(multi, sender->easy);
    ended++;
    if (*started == calls) continue;
    prepare(sender, ++*started);
    curl_multi_add_handle(multi, sender->easy);
  }
  return ended;
}

static void send_side_by_side(CURLM *multi, struct sender *senders, long in_flight,
                              long calls) {
  long started = 0, ended = 0;
  int running;
  for (long i = 0; i < in_flight && started < calls; i++) {
    prepare(&senders[i], ++started);
    curl_multi_add_handle(multi, senders[i].easy);
  }
  while (ended < calls) {
    if (curl_multi_perform(multi, &running)) fail("curl_multi_perform");
    long now_ended = turn(multi, calls, &started);
    ended += now_ended;
    if (now_ended == 0 && curl_multi_poll(multi, NULL, 0, 1000, NULL))
      fail("curl_multi_poll");
  }
}

static struct curl_slist *headers_of_all(void) {
  static const char *const lines[] = {
      "Accept: application/json",
      "Expect:",
      "Authorization: Basic YmVuY2g6c2VjcmV0",
  };
  const char *content = work->content ? work->content : "Content-Type:";
  struct curl_slist *headers = curl_slist_append(NULL, content);
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
    headers = curl_slist_append(headers, lines[i]);
  return headers;
}

static void measure(CURLM *multi, struct sender *senders, long in_flight, long calls) {
  double begin = 0;
  clock_t cpu = 0;
  for (int measured = 0; measured < 2; measured++) {
    long wanted = measured ? calls : work->warm_up;
    begin = now();
    cpu = clock();
    if (in_flight == 1)
      send_in_turn(senders, wanted);
    else
      send_side_by_side(multi, senders, in_flight, wanted);
  }
  double took = now() - begin;
  printf("%.6f %.6f\n", took, (double)(clock() - cpu) / CLOCKS_PER_SEC);
}

int main(int count, char **arguments) {
  if (count != 7) fail("usage: raw <work> <url> <calls> <in flight> <HTTP> <CA>");
  work = work_named(arguments[1]);
  long calls = atol(arguments[3]), in_flight = atol(arguments[4]);
  bool http2 = strcmp(arguments[5], "2") == 0;
  if (!work || calls < 1 || in_flight < 1) fail("wrong arguments");
  snprintf(url, sizeof url, "%s%s", arguments[2], work->path);
  if (curl_global_init(CURL_GLOBAL_DEFAULT)) fail("cannot start");
  struct curl_slist *headers = headers_of_all();
  struct sender *senders = calloc((size_t)in_flight, sizeof *senders);
  CURLM *multi = curl_multi_init();
  if (!senders || !multi || !headers) fail("no memory");
  for (long i = 0; i < in_flight; i++)
    open_sender(&senders[i], headers, http2, arguments[6]);

  work_make();
  measure(multi, senders, in_flight, calls);

  for (long i = 0; i < in_flight; i++)
    close_sender(&senders[i]);
  curl_multi_cleanup(multi);
  curl_slist_free_all(headers);
  free(senders);
  curl_global_cleanup();
  return 0;
}
