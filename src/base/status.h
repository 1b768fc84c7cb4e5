/* How a function of the core ended. Results go through the last parameters. */
#ifndef SMS_BASE_STATUS_H
#define SMS_BASE_STATUS_H

enum sms_status {
  SMS_OK = 0,
  SMS_NO_MEMORY, /* an allocation failed */
  SMS_TOO_LARGE, /* a ceiling of byte_buffer.h was reached */
  SMS_INVALID,   /* an argument is outside its contract */
  SMS_FORKED,    /* the object was made before a fork and belongs to the parent */
  SMS_FAILED,    /* libcurl, OpenSSL or the system refused */
  SMS_CLOSED,    /* the object was closed meanwhile */
  SMS_NO_FILES   /* the process, or the system, may open no more descriptors */
};

#define SMS_WHY_MAX 1280 /* bytes of a reason in words with its NUL */

#endif
