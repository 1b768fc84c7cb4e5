#include "http/client.h"
#include "base/fork_gate.h"
#include "base/wipe.h"
#include "http/connection.h"
#include "secret/crypto.h"
#include "secret/tls.h"
#include "text/host.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Libcurl waits for "100 Continue" before it sends a body over 1 MiB. */
#define LARGE (512u << 10)

#define HOST_AT_MOST 256

#define FREE_MEMORY (4u << 20) /* where 64 connections find their buffers again */

/* Where the strings of the options lie, so that they are copied and freed alike. */
static const size_t strings[] = {
    offsetof(struct sms_http_options, user_agent),
    offsetof(struct sms_http_options, proxy),
    offsetof(struct sms_http_options, no_proxy),
    offsetof(struct sms_http_options, ca_file),
    offsetof(struct sms_http_options, ca_path),
    offsetof(struct sms_http_options, client_cert),
    offsetof(struct sms_http_options, client_key),
    offsetof(struct sms_http_options, pinned_public_key),
};
#define STRINGS (sizeof(strings) / sizeof(strings[0]))

static char **string_at(struct sms_http_options *options, size_t index) {
  return (char **)(void *)((char *)options + strings[index]);
}

/* OpenSSL gives back a connection's buffer after each answer, and takes one for the
 * next. Glibc returns what is free to the system, and takes it again page by page,
 * which costs CPU time; but not below twice the largest piece that came and
 * went (mallopt(3), M_MMAP_THRESHOLD), if the host has not chosen otherwise. */
static void keep_free_memory(void) {
  void *volatile piece = malloc(FREE_MEMORY / 2);
  free(piece);
}

/* What libcurl frees, which may have secrets in it, is overwritten. Where somebody else
 * has made it ready, its allocator is theirs, of which it does not tell: a text is
 * copied. */
static enum { UNTOLD, WIPES, KEEPS } memory;

/* Of TLS, where a client names none: never below 1.2, and no less than the system asks
 * for. */
static long least_version = CURL_SSLVERSION_TLSv1_2;

static char *copy_text(const char *text) {
  __atomic_store_n(&memory, WIPES, __ATOMIC_RELAXED);
  return sms_wiping_strdup(text);
}

static void initialise(void) {
  curl_global_init_mem(CURL_GLOBAL_DEFAULT, sms_wiping_malloc, sms_wiping_free,
                       sms_wiping_realloc, copy_text, sms_wiping_calloc);
  curl_slist_free_all(curl_slist_append(NULL, ""));
  if (__atomic_load_n(&memory, __ATOMIC_RELAXED) == UNTOLD) memory = KEEPS;
  if (sms_tls_is_newest_asked()) least_version = CURL_SSLVERSION_TLSv1_3;
}

/* In the gate: the lock of curl_global_init() is not half-way at a fork. */
void sms_http_initialise(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  sms_fork_gate_enter();
  pthread_once(&once, initialise);
  sms_fork_gate_leave();
}

/* The secrets that a proxy is given, so that no message shows them. */
static enum sms_status hide_login(sms_credentials *credentials, CURLU *parts) {
  char *user = NULL, *password = NULL;
  struct sms_buffer pair, basic;
  sms_buffer_init(&pair, SMS_CEILING_SECRET);
  sms_buffer_init(&basic, SMS_CEILING_SECRET);
  enum sms_status status = SMS_OK;
  CURLUcode code = curl_url_get(parts, CURLUPART_USER, &user, CURLU_URLDECODE);
  if (!code) code = curl_url_get(parts, CURLUPART_PASSWORD, &password, CURLU_URLDECODE);
  if (code == CURLUE_OUT_OF_MEMORY) status = SMS_NO_MEMORY;
  if (code) goto end; /* it has none */
  status = sms_buffer_append(&pair, user, strlen(user));
  if (status == SMS_OK) status = sms_buffer_append(&pair, ":", 1);
  if (status == SMS_OK) status = sms_buffer_append(&pair, password, strlen(password));
  if (status == SMS_OK) status = sms_base64_append(&basic, pair.data, pair.length);
  if (status == SMS_OK)
    status = sms_credentials_hide(credentials, password, strlen(password));
  if (status == SMS_OK)
    status = sms_credentials_hide(credentials, basic.data, basic.length);

end:
  sms_buffer_wipe(&pair);
  sms_buffer_wipe(&basic);
  curl_free(user);
  if (password) sms_wipe(password, strlen(password)); /* libcurl's memory may not */
  curl_free(password);
  return status;
}

/* Of those that libcurl knows, or none. */
static bool is_proxy_scheme(const char *proxy) {
  static const char *const schemes[] = {"http",    "https",  "socks",  "socks4",
                                        "socks4a", "socks5", "socks5h"};
  const char *end = strstr(proxy, "://");
  for (size_t i = 0; end && i < sizeof schemes / sizeof schemes[0]; i++)
    if (strlen(schemes[i]) == (size_t)(end - proxy) &&
        strncasecmp(proxy, schemes[i], (size_t)(end - proxy)) == 0)
      return true;
  return !end;
}

/* As libcurl would read it with the first request. */
static enum sms_status check_proxy(const struct sms_http_options *options) {
  if (!options->proxy || !*options->proxy) return SMS_OK; /* none */
  CURLU *parts = curl_url();
  if (!parts) return SMS_NO_MEMORY;
  CURLUcode code = CURLUE_UNSUPPORTED_SCHEME;
  enum sms_status status = SMS_OK;
  if (is_proxy_scheme(options->proxy))
    code = curl_url_set(parts, CURLUPART_URL, options->proxy,
                        CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME);
  if (code)
    status = code == CURLUE_OUT_OF_MEMORY ? SMS_NO_MEMORY : SMS_INVALID;
  else if (options->credentials)
    status = hide_login(options->credentials, parts);
  curl_url_cleanup(parts);
  return status;
}

enum sms_status sms_http_client_new(const struct sms_http_options *options,
                                    sms_http_client **client) {
  sms_http_initialise();
  if (options->keep_free_memory) keep_free_memory();
  enum sms_status status = check_proxy(options);
  if (status != SMS_OK) return status;
  sms_http_client *new = calloc(1, sizeof *new);
  if (!new) return SMS_NO_MEMORY;
  new->references = 1;
  new->options = *options;
  for (size_t i = 0; i < STRINGS; i++)
    *string_at(&new->options, i) = NULL;
  if (options->credentials) sms_credentials_retain(options->credentials);
  for (size_t i = 0; i < STRINGS; i++) {
    struct sms_http_options given = *options;
    const char *from = *string_at(&given, i);
    if (from && !(*string_at(&new->options, i) = strdup(from))) {
      sms_http_client_release(new);
      return SMS_NO_MEMORY;
    }
  }
  *client = new;
  return SMS_OK;
}

sms_http_client *sms_http_client_retain(sms_http_client *client) {
  __atomic_add_fetch(&client->references, 1, __ATOMIC_RELAXED);
  return client;
}

void sms_http_client_close(sms_http_client *client) {
  if (client) __atomic_store_n(&client->closed, true, __ATOMIC_RELEASE);
}

bool sms_http_client_is_closed(const sms_http_client *client) {
  return !client || __atomic_load_n(&client->closed, __ATOMIC_ACQUIRE);
}

bool sms_http_client_is_unshared(const sms_http_client *client) {
  return __atomic_load_n(&client->references, __ATOMIC_ACQUIRE) == 1;
}

void sms_http_client_release(sms_http_client *client) {
  if (!client) return;
  if (__atomic_sub_fetch(&client->references, 1, __ATOMIC_ACQ_REL) > 0) return;
  for (size_t i = 0; i < STRINGS; i++)
    sms_wipe_text(*string_at(&client->options, i)); /* the proxy's has a password */
  sms_credentials_release(client->options.credentials);
  free(client);
}

static CURLcode configure_safety(CURL *easy) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
  if (!code) code = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
  long protocols = CURLPROTO_HTTP | CURLPROTO_HTTPS;
  if (!code) code = curl_easy_setopt(easy, CURLOPT_PROTOCOLS, protocols);
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
  /* Without it a name look-up that timed out blocks every other transfer. */
  if (!code) code = curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
  return code;
}

/* A CA path, Debian's default among them, keeps libcurl from caching the store: each
 * new connection would parse it again. */
static CURLcode configure_ca(const struct sms_http_options *o, CURL *easy) {
  const char *file = o->ca_file;
#if LIBCURL_VERSION_NUM >= 0x075400
  if (!file && !o->ca_path) curl_easy_getinfo(easy, CURLINFO_CAINFO, &file);
#endif
  CURLcode code = CURLE_OK;
  if (file || o->ca_path) code = curl_easy_setopt(easy, CURLOPT_CAPATH, o->ca_path);
  if (file && !code) code = curl_easy_setopt(easy, CURLOPT_CAINFO, file);
  if (code || !o->proxy) return code;
  if (file || o->ca_path)
    code = curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, o->ca_path);
  if (file && !code) code = curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, file);
  return code;
}

/* A proxy that is spoken to in TLS is trusted by the same rules. */
static CURLcode configure_trust(const struct sms_http_options *o, CURL *easy) {
  long peer = o->insecure ? 0 : 1;
  long host = o->insecure ? 0 : 2;
  CURLcode code = configure_ca(o, easy);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, peer);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, host);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYPEER, peer);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYHOST, host);
  return code;
}

static CURLcode configure_tls(const struct sms_http_options *o, CURL *easy) {
  static const long versions[] = {CURL_SSLVERSION_TLSv1_0, CURL_SSLVERSION_TLSv1_1,
                                  CURL_SSLVERSION_TLSv1_2, CURL_SSLVERSION_TLSv1_3};
  CURLcode code = configure_trust(o, easy);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_SSLCERT, o->client_cert);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_SSLKEY, o->client_key);
  if (!code && o->pinned_public_key)
    code = curl_easy_setopt(easy, CURLOPT_PINNEDPUBLICKEY, o->pinned_public_key);
  bool is_chosen = o->min_tls >= 10 && o->min_tls <= 13;
  long least = is_chosen ? versions[o->min_tls - 10] : least_version;
  if (!code) code = curl_easy_setopt(easy, CURLOPT_SSLVERSION, least);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_PROXY_SSLVERSION, least);
  return code;
}

static CURLcode configure_connection(const struct sms_http_options *o, CURL *easy) {
  long version = o->http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1;
  CURLcode code = curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, version);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_PIPEWAIT, o->http2 ? 1L : 0L);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, o->keep_alive);
  /* Among the headers otherwise: libcurl would format it twice for each call. */
  if (!code && o->proxy)
    code = curl_easy_setopt(easy, CURLOPT_USERAGENT, o->user_agent);
  /* Empty, not NULL: otherwise libcurl reads the environment for each call. */
  if (!code) code = curl_easy_setopt(easy, CURLOPT_PROXY, o->proxy ? o->proxy : "");
  if (!code)
    code = curl_easy_setopt(easy, CURLOPT_NOPROXY, o->no_proxy ? o->no_proxy : "");
  return code;
}

enum sms_status sms_http_status_of(CURLcode code) {
  if (code == CURLE_OUT_OF_MEMORY) return SMS_NO_MEMORY;
  return code ? SMS_FAILED : SMS_OK;
}

enum sms_status sms_http_client_configure(const sms_http_client *client, CURL *easy) {
  CURLcode code = configure_safety(easy);
  if (!code) code = configure_tls(&client->options, easy);
  if (!code) code = configure_connection(&client->options, easy);
  return sms_http_status_of(code);
}

bool sms_http_client_relays(const sms_http_client *client, const char *url) {
  const char *proxy = client->options.proxy, *no_proxy = client->options.no_proxy;
  char host[HOST_AT_MOST];
  if (!proxy || !*proxy || strncasecmp(proxy, "socks", 5) == 0) return false;
  if (strncasecmp(url, "http://", 7) != 0) return false;
  url += 7;
  size_t length = *url == '[' ? strcspn(url, "]") + 1 : strcspn(url, ":/?#");
  if (!no_proxy || length >= sizeof host) return true;
  memcpy(host, url, length);
  host[length] = '\0';
  return !sms_host_is_excepted(host, no_proxy);
}

void sms_http_library(struct sms_http_library *library) {
  const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
  *library = (struct sms_http_library){
      .version = info->version,
      .tls = info->ssl_version,
      .quick_exit = LIBCURL_VERSION_NUM >= 0x075700 && info->version_num >= 0x075700,
      .http2 = (info->features & CURL_VERSION_HTTP2) != 0,
      .keeps_connections = sms_http_connection_is_legible(),
      .keeps_secrets = memory == KEEPS,
  };
#if LIBCURL_VERSION_NUM >= 0x074600
  if (info->age >= CURLVERSION_SEVENTH) library->ca_file = info->cainfo;
#endif
}

static enum sms_status add_header(struct curl_slist **headers, const char *line) {
  struct curl_slist *longer = curl_slist_append(*headers, line);
  if (!longer) return SMS_NO_MEMORY;
  *headers = longer;
  return SMS_OK;
}

static enum sms_status add_user_agent(const sms_http_client *client,
                                      struct curl_slist **headers) {
  struct sms_buffer line;
  const char *agent = client->options.user_agent;
  if (!agent || client->options.proxy) return SMS_OK;
  sms_buffer_init(&line, SMS_CEILING_HEAD);
  enum sms_status status = sms_buffer_append(&line, "User-Agent: ", 12);
  if (status == SMS_OK) status = sms_buffer_append(&line, agent, strlen(agent));
  if (status == SMS_OK) status = add_header(headers, line.data);
  sms_buffer_free(&line);
  return status;
}

static enum sms_status add_basic(const sms_http_client *client,
                                 struct curl_slist **headers) {
  if (!client->options.credentials) return SMS_INVALID;
  struct sms_buffer line;
  sms_buffer_init(&line, SMS_CEILING_HEAD);
  enum sms_status status = sms_credentials_basic(client->options.credentials, &line);
  if (status == SMS_OK) status = add_header(headers, line.data);
  sms_buffer_wipe(&line);
  return status;
}

bool sms_http_is_large(const struct sms_http_request *request) {
  return request->body_length > LARGE;
}

enum sms_status sms_http_client_headers(const sms_http_client *client,
                                        const struct sms_http_request *request,
                                        struct curl_slist **headers) {
  /* libcurl would add a type to an empty POST; what it adds to a form is right. */
  static const char *const types[] = {
      "Content-Type:",
      "Content-Type: application/json",
      NULL,
  };
  struct curl_slist *list = NULL;
  enum sms_status status = add_user_agent(client, &list);
  if (status == SMS_OK) status = add_header(&list, "Accept: application/json");
  /* No waiting; libcurl looks at each header many times in a request. */
  if (status == SMS_OK && sms_http_is_large(request))
    status = add_header(&list, "Expect:");
  if (status == SMS_OK && types[request->content])
    status = add_header(&list, types[request->content]);
  if (status == SMS_OK && request->auth == SMS_HTTP_BASIC)
    status = add_basic(client, &list);
  if (status != SMS_OK) {
    sms_http_headers_free(list);
    return status;
  }
  *headers = list;
  return SMS_OK;
}

void sms_http_headers_free(struct curl_slist *headers) {
  for (struct curl_slist *h = headers; h; h = h->next)
    sms_wipe(h->data, strlen(h->data));
  curl_slist_free_all(headers);
}
