#include "text/host.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#define LONGEST 128 /* of an address and its network's size, with its end */

/* Copies an address, without the brackets of an IPv6 one; false: it is none. */
static bool copy_address(const char *text, size_t length, char copy[LONGEST]) {
  if (length > 1 && text[0] == '[' && text[length - 1] == ']') {
    text++;
    length -= 2;
  }
  if (length >= LONGEST) return false;
  memcpy(copy, text, length);
  copy[length] = '\0';
  return true;
}

/* Libcurl asks nobody for these (RFC 6761, 6.3). */
static bool is_local_name(const char *host) {
  static const char local[] = ".localhost";
  size_t length = strlen(host), tail = sizeof local - 1;
  if (strcasecmp(host, local + 1) == 0) return true;
  return length > tail && strcasecmp(host + length - tail, local) == 0;
}

bool sms_host_is_loopback(const char *host) {
  char address[LONGEST];
  struct in_addr four;
  struct in6_addr six;
  if (is_local_name(host)) return true;
  if (!copy_address(host, strlen(host), address)) return false;
  if (inet_aton(address, &four)) return ntohl(four.s_addr) >> 24 == 127;
  if (inet_pton(AF_INET6, address, &six) != 1) return false;
  return IN6_IS_ADDR_LOOPBACK(&six) ||
         (IN6_IS_ADDR_V4MAPPED(&six) && six.s6_addr[12] == 127);
}

/* The family of an address, which is written to its bytes; AF_UNSPEC: it is none. */
static int read_address(const char *text, unsigned char bytes[16]) {
  if (inet_pton(AF_INET, text, bytes) == 1) return AF_INET;
  return inet_pton(AF_INET6, text, bytes) == 1 ? AF_INET6 : AF_UNSPEC;
}

static bool has_equal_bits(const unsigned char *a, const unsigned char *b, long bits) {
  size_t whole = (size_t)bits / 8;
  int rest = (int)(bits % 8);
  if (memcmp(a, b, whole) != 0) return false;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

/* An entry "10.0.0.0/8"; without a size, or with 0, it is a single address. */
static bool is_in_network(int family, const unsigned char *host, const char *entry,
                          size_t length) {
  char network[LONGEST];
  unsigned char bytes[16];
  if (!copy_address(entry, length, network)) return false;
  long most = family == AF_INET ? 32 : 128, bits = 0;
  char *slash = strchr(network, '/');
  if (slash) {
    bits = strtol(slash + 1, NULL, 10);
    *slash = '\0';
  }
  if (bits < 0 || bits > most || read_address(network, bytes) != family) return false;
  return has_equal_bits(host, bytes, bits ? bits : most);
}

static bool has_name(const char *host, size_t host_length, const char *entry,
                     size_t length) {
  if (length > 0 && entry[length - 1] == '.') length--;
  if (length > 0 && *entry == '.') {
    entry++;
    length--;
  }
  if (length == 0 || length > host_length) return false;
  const char *tail = host + (host_length - length);
  return strncasecmp(tail, entry, length) == 0 && (tail == host || tail[-1] == '.');
}

bool sms_host_is_excepted(const char *host, const char *list) {
  static const char blanks[] = " \t", ends[] = " \t,";
  char address[LONGEST];
  unsigned char bytes[16];
  size_t length = strlen(host);
  int family =
      copy_address(host, length, address) ? read_address(address, bytes) : AF_UNSPEC;
  if (strcmp(list, "*") == 0) return true;
  if (length > 0 && host[length - 1] == '.') length--;
  for (;;) {
    list += strspn(list, blanks);
    size_t size = strcspn(list, ends);
    bool matches = family == AF_UNSPEC ? has_name(host, length, list, size)
                                       : is_in_network(family, bytes, list, size);
    if (matches) return true;
    list += size;
    list += strspn(list, blanks);
    if (*list != ',') return false; /* the rest does not count */
    list += strspn(list, ",");
  }
}
