/* A socket to connect to from this process alone: in a folder that nobody else can
 * enter, for as long as it takes.
 *
 *   struct sms_own_socket own = {-1, -1, ""};
 *   if (!sms_own_socket_open(&own, "/dev/shm")) return errno;
 *   connect to own.path
 *   int descriptor = sms_own_socket_accept(&own);
 *
 * The folder is called sms-XXXXXX, has mode 01700, and its maker holds a lock on it
 * (flock), which ends with the process: what processes have left that were killed
 * meanwhile is known by that.
 */
#ifndef SMS_BASE_OWN_SOCKET_H
#define SMS_BASE_OWN_SOCKET_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

struct sms_own_socket {
  int listener, folder;                                 /* -1: none */
  char path[sizeof((struct sockaddr_un *)0)->sun_path]; /* while there is a folder */
};

/* Makes one in a folder below; false, with errno and with nothing left: it cannot be.
 */
bool sms_own_socket_open(struct sms_own_socket *own, const char *below);

/* The connection that this process has made to it, at 3 or higher; -1: there is none.
 * The socket and its folder are gone. */
int sms_own_socket_accept(struct sms_own_socket *own);

/* Idempotent. */
void sms_own_socket_close(struct sms_own_socket *own);

/* Removes the folders that processes of this user have left below one. */
void sms_own_socket_clean(const char *below);

#endif
