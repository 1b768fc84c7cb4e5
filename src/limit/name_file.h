/* Gives a whole file its name where nothing has that name, in one step.
 *
 *   snprintf(beside, sizeof beside, "%s.XXXXXX", path);
 *   int fd = mkostemp(beside, O_CLOEXEC);
 *   ...
 *   int error = sms_name_file(beside, path);
 */
#ifndef SMS_LIMIT_NAME_FILE_H
#define SMS_LIMIT_NAME_FILE_H

#include <sys/stat.h>

/* Renames beside to path; EEXIST where there is something, or what else errno says.
 * Then beside is removed. */
int sms_name_file(const char *beside, const char *path);

/* Where a file system cannot rename like that (NFS, FUSE), the file has both names for
 * a moment, or for ever if its maker was killed. Whoever finds it so removes the other
 * one. The path has SMS_SLOT_PATH_MAX bytes at most. */
void sms_finish_naming(const char *path, const struct stat *found);

#endif
