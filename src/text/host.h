/* Hosts as URLs name them: this machine, and those that are reached without a proxy.
 *
 *   sms_host_is_loopback("[::1]");                      // true; 127.0.0.0/8, localhost
 *   sms_host_is_excepted("a.example", ".example, b");   // true
 */
#ifndef SMS_TEXT_HOST_H
#define SMS_TEXT_HOST_H

#include <stdbool.h>

/* In every spelling that libcurl takes for an address: 127.1, 0x7f000001,
 * [::ffff:7f00:1], box.localhost.
 */
bool sms_host_is_loopback(const char *host);

/* Whether a list as CURLOPT_NOPROXY has it names the host, as libcurl reads it: names
 * and what ends in them, addresses and networks (10.0.0.0/8), or "*" alone. */
bool sms_host_is_excepted(const char *host, const char *list);

#endif
