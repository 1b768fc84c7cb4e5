/* Stands before the system's libssl or libcrypto (LD_PRELOAD), under their names: an
 * OpenSSL that lacks what libcurl needs. */

__attribute__((visibility("default"))) const char *OpenSSL_version(int type);

const char *OpenSSL_version(int type) {
  (void)type;
  return "OpenSSL 2.9.1 1 Apr 2021";
}
