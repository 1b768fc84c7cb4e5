/* Stands before libcurl and the system (LD_PRELOAD): as often as asked for, by the
 * process itself, the driver thread cannot be woken, or its host. */
#include <curl/curl.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PUBLIC __attribute__((visibility("default")))

PUBLIC void spec_refuse_wakes(int count);
PUBLIC void spec_refuse_bytes(int count);
PUBLIC CURLMcode curl_multi_wakeup(CURLM *multi);
PUBLIC ssize_t send(int descriptor, const void *data, size_t size, int flags);

static atomic_int wakes, bytes;

void spec_refuse_wakes(int count) {
  atomic_store(&wakes, count);
}

void spec_refuse_bytes(int count) {
  atomic_store(&bytes, count);
}

static int is_refused(atomic_int *left) {
  return atomic_load(left) > 0 && atomic_fetch_sub(left, 1) > 0;
}

CURLMcode curl_multi_wakeup(CURLM *multi) {
  static CURLMcode (*real)(CURLM *);
  if (is_refused(&wakes)) return CURLM_WAKEUP_FAILURE;
  if (!real) { /* the module's own libcurl, which nobody else sees */
    void *library = dlopen("libcurl.so.4", RTLD_LAZY | RTLD_NOLOAD);
    *(void **)&real = dlsym(library, "curl_multi_wakeup");
  }
  return real(multi);
}

ssize_t send(int descriptor, const void *data, size_t size, int flags) {
  if (size == 1 && flags == (MSG_DONTWAIT | MSG_NOSIGNAL) && is_refused(&bytes)) {
    errno = ENOBUFS;
    return -1;
  }
  return syscall(SYS_sendto, descriptor, data, size, flags, NULL, 0);
}
