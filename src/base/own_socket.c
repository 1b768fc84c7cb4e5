#include "base/own_socket.h"
#include "base/descriptor.h"
#include "base/file_bytes.h"
#include "base/random.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "sms-"
#define MARK   (S_ISVTX | S_IRWXU) /* no other program makes a folder with it */
enum { RANDOM = 6, TRIES = 100 };

static const char name_of_socket[] = "/s";

static int open_folder(const char *path) {
  return sms_descriptor_open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
}

/* Whether a path leads to an open folder, which is this user's and has the mark. */
static bool is_marked(int folder, const char *path) {
  struct stat opened, named;
  return fstat(folder, &opened) == 0 && lstat(path, &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino &&
         opened.st_uid == geteuid() && (opened.st_mode & 05777) == MARK;
}

/* False, with errno. */
static bool fill_random(char *text) {
  static const char characters[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
      "0123456789-_";
  unsigned char bytes[RANDOM];
  errno = sms_random_fill(bytes, sizeof bytes);
  if (errno != 0) return false;
  for (int i = 0; i < RANDOM; i++)
    text[i] = characters[bytes[i] % 64];
  return true;
}

/* Locks a new folder, on file systems that know locks. False, with errno EAGAIN:
 * another process has taken it for one that was left. */
static bool hold(struct sms_own_socket *own) {
  own->folder = open_folder(own->path);
  bool is_held = own->folder >= 0 && sms_file_lock(own->folder) != EWOULDBLOCK;
  if (is_held && is_marked(own->folder, own->path)) return true;
  int error = own->folder < 0 && errno != ENOENT ? errno : EAGAIN;
  if (own->folder >= 0) close(own->folder);
  own->folder = -1;
  rmdir(own->path);
  errno = error;
  return false;
}

static bool make_folder(struct sms_own_socket *own, const char *below) {
  int length = snprintf(own->path, sizeof own->path, "%s/" PREFIX "XXXXXX", below);
  if (length < 0 || (size_t)length + sizeof name_of_socket > sizeof own->path) {
    errno = ENAMETOOLONG;
    return false;
  }
  for (int tries = 0; tries < TRIES; tries++) {
    if (!fill_random(own->path + length - RANDOM)) return false;
    if (mkdir(own->path, MARK) == 0) {
      if (hold(own)) return true;
      if (errno != EAGAIN) return false;
    } else if (errno != EEXIST) {
      return false;
    }
  }
  return false;
}

bool sms_own_socket_open(struct sms_own_socket *own, const char *below) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  sms_own_socket_close(own);
  if (!make_folder(own, below)) return false;
  strcat(own->path, name_of_socket);
  memcpy(address.sun_path, own->path, sizeof address.sun_path);
  own->listener = sms_descriptor_raise(
      socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (own->listener >= 0 &&
      bind(own->listener, (struct sockaddr *)&address, sizeof address) == 0 &&
      listen(own->listener, 1) == 0)
    return true;
  int error = errno;
  sms_own_socket_close(own);
  errno = error;
  return false;
}

static bool is_own(int descriptor) {
  struct ucred peer;
  socklen_t size = sizeof peer;
  return getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         peer.pid == getpid();
}

int sms_own_socket_accept(struct sms_own_socket *own) {
  int descriptor = sms_descriptor_raise(
      accept4(own->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC));
  sms_own_socket_close(own);
  if (descriptor >= 0 && !is_own(descriptor)) {
    close(descriptor);
    return -1;
  }
  return descriptor;
}

/* Fails where something else lies in it. */
static void remove_folder(int folder, const char *path) {
  unlinkat(folder, name_of_socket + 1, 0);
  rmdir(path);
}

void sms_own_socket_close(struct sms_own_socket *own) {
  if (own->listener >= 0) close(own->listener);
  if (own->folder >= 0) {
    *strrchr(own->path, '/') = '\0';
    remove_folder(own->folder, own->path);
    close(own->folder);
  }
  own->listener = own->folder = -1;
}

void sms_own_socket_clean(const char *below) {
  DIR *directory = opendir(below);
  const struct dirent *entry;
  char path[sizeof((struct sockaddr_un *)0)->sun_path];
  while (directory && (entry = readdir(directory))) {
    if (strncmp(entry->d_name, PREFIX, sizeof PREFIX - 1) != 0 ||
        strlen(entry->d_name) != sizeof PREFIX - 1 + RANDOM)
      continue;
    int length = snprintf(path, sizeof path, "%s/%s", below, entry->d_name);
    if (length < 0 || (size_t)length >= sizeof path) break;
    int folder = open_folder(path);
    if (folder < 0) continue;
    if (is_marked(folder, path) && sms_file_lock(folder) == 0)
      remove_folder(folder, path);
    close(folder);
  }
  if (directory) closedir(directory);
}
