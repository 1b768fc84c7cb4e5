/* Stands before the system's OpenSSL (LD_PRELOAD): one that lacks what libcurl needs,
 * as a program may have in itself, or, under the names of libssl and libcrypto, beside
 * it. */

__attribute__((visibility("default"))) const char *OpenSSL_version(int type);
__attribute__((visibility("default"))) unsigned long OpenSSL_version_num(void);

const char *OpenSSL_version(int type) {
  (void)type;
  return "OpenSSL 2.9.1 1 Apr 2021";
}

unsigned long OpenSSL_version_num(void) {
  return 0x20900010UL;
}
