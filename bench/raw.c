/* The yardstick: the SMS of library.lua sent with libcurl alone, as a careful C program
 * would, without checks, limits or errors that say more than "failed".
 *
 *   raw <url> <calls> <in flight>
 *
 * prints the seconds it took, and of those on the CPU. An easy handle for each call in
 * flight is used again and again on a kept connection; for each call the form is
 * escaped, the URL set, and the reply read and looked at.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WARM_UP  100 /* calls before the clock starts, as in library.lua */
#define MESSAGES 1000

static struct message { char to[32], text[128], reference[32]; } messages[MESSAGES];

struct sender {
  CURL *easy;
  char form[1024];
  char reply[4096];
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

static int is_unreserved(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         c == '-' || c == '.' || c == '_' || c == '~';
}

/* Writes name and escaped value; returns where the next ones go. */
static char *put(char *out, const char *name, const char *value) {
  static const char digits[] = "0123456789ABCDEF";
  size_t length = strlen(name);
  memcpy(out, name, length);
  out += length;
  for (const unsigned char *c = (const unsigned char *)value; *c; c++) {
    if (is_unreserved(*c)) {
      *out++ = (char)*c;
    } else {
      *out++ = '%';
      *out++ = digits[*c >> 4];
      *out++ = digits[*c & 15];
    }
  }
  *out = '\0';
  return out;
}

/* The same messages as in library.lua, written before the clock starts. */
static void write_messages(void) {
  for (int i = 0; i < MESSAGES; i++) {
    struct message *m = &messages[i];
    snprintf(m->to, sizeof m->to, "447700%06d", i);
    snprintf(m->text, sizeof m->text,
             "Hello Ann, your parcel %d arrives tomorrow between 9 and 12. "
             "Reply STOP for no more of these.",
             i);
    snprintf(m->reference, sizeof m->reference, "order-%d", i);
  }
}

static void write_form(struct sender *sender, const struct message *message) {
  char *end = put(sender->form, "from=", "Acme");
  end = put(end, "&to=", message->to);
  end = put(end, "&text=", message->text);
  put(end, "&client-ref=", message->reference);
}

static size_t on_body(char *data, size_t one, size_t length, void *pointer) {
  struct sender *sender = pointer;
  (void)one;
  if (length >= sizeof sender->reply - sender->reply_length) return 0;
  memcpy(sender->reply + sender->reply_length, data, length);
  sender->reply_length += length;
  sender->reply[sender->reply_length] = '\0';
  return length;
}

static void open_sender(struct sender *sender, struct curl_slist *headers) {
  sender->easy = curl_easy_init();
  if (!sender->easy) fail("no memory");
  curl_easy_setopt(sender->easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(sender->easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(sender->easy, CURLOPT_TIMEOUT_MS, 30000L);
  curl_easy_setopt(sender->easy, CURLOPT_USERAGENT, "libcurl/alone");
  curl_easy_setopt(sender->easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(sender->easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(sender->easy, CURLOPT_WRITEDATA, sender);
  curl_easy_setopt(sender->easy, CURLOPT_PRIVATE, sender);
}

static void prepare(struct sender *sender, const char *url, long number) {
  write_form(sender, &messages[number % MESSAGES]);
  sender->reply_length = 0;
  curl_easy_setopt(sender->easy, CURLOPT_URL, url);
  curl_easy_setopt(sender->easy, CURLOPT_POSTFIELDS, sender->form);
}

static void check(struct sender *sender, CURLcode code) {
  long status = 0;
  if (code) fail(curl_easy_strerror(code));
  curl_easy_getinfo(sender->easy, CURLINFO_RESPONSE_CODE, &status);
  if (status != 200 || !strstr(sender->reply, "\"status\":\"0\"")) fail("not accepted");
}

static void send_in_turn(struct sender *sender, const char *url, long calls) {
  for (long i = 1; i <= calls; i++) {
    prepare(sender, url, i);
    check(sender, curl_easy_perform(sender->easy));
  }
}

/* Checks what has ended and starts the next in its place; returns how many ended. */
static long turn(CURLM *multi, const char *url, long calls, long *started) {
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
    prepare(sender, url, ++*started);
    curl_multi_add_handle(multi, sender->easy);
  }
  return ended;
}

static void send_side_by_side(CURLM *multi, struct sender *senders, long in_flight,
                              const char *url, long calls) {
  long started = 0, ended = 0;
  int running;
  for (long i = 0; i < in_flight && started < calls; i++) {
    prepare(&senders[i], url, ++started);
    curl_multi_add_handle(multi, senders[i].easy);
  }
  while (ended < calls) {
    if (curl_multi_perform(multi, &running)) fail("curl_multi_perform");
    long now_ended = turn(multi, url, calls, &started);
    ended += now_ended;
    if (now_ended == 0 && curl_multi_poll(multi, NULL, 0, 1000, NULL))
      fail("curl_multi_poll");
  }
}

static struct curl_slist *headers_of_all(void) {
  static const char *const lines[] = {
      "Accept: application/json",
      "Expect:", "Content-Type: application/x-www-form-urlencoded",
      "Authorization: Basic YmVuY2g6c2VjcmV0", /* bench:secret */
  };
  struct curl_slist *headers = NULL;
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
    headers = curl_slist_append(headers, lines[i]);
  return headers;
}

int main(int count, char **arguments) {
  if (count != 4) fail("usage: raw <url> <calls> <in flight>");
  const char *base = arguments[1];
  long calls = atol(arguments[2]), in_flight = atol(arguments[3]);
  char url[256];
  snprintf(url, sizeof url, "%s/sms/json", base);
  if (curl_global_init(CURL_GLOBAL_DEFAULT) || in_flight < 1) fail("cannot start");
  struct curl_slist *headers = headers_of_all();
  struct sender *senders = calloc((size_t)in_flight, sizeof *senders);
  CURLM *multi = curl_multi_init();
  if (!senders || !multi || !headers) fail("no memory");
  for (long i = 0; i < in_flight; i++)
    open_sender(&senders[i], headers);

  write_messages();
  double begin = 0;
  clock_t cpu = 0;
  for (int measured = 0; measured < 2; measured++) {
    long wanted = measured ? calls : WARM_UP;
    begin = now();
    cpu = clock();
    if (in_flight == 1)
      send_in_turn(senders, url, wanted);
    else
      send_side_by_side(multi, senders, in_flight, url, wanted);
  }
  double took = now() - begin;
  printf("%.6f %.6f\n", took, (double)(clock() - cpu) / CLOCKS_PER_SEC);

  for (long i = 0; i < in_flight; i++)
    curl_easy_cleanup(senders[i].easy);
  curl_multi_cleanup(multi);
  curl_slist_free_all(headers);
  free(senders);
  curl_global_cleanup();
  return 0;
}
