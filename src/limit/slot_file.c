#include "limit/slot_file.h"
#include "base/descriptor.h"
#include "base/file_bytes.h"
#include "base/process.h"
#include "limit/map_guard.h"
#include "limit/name_file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Of file systems that do not outlive the kernel: tmpfs, ramfs. */
static const uint32_t types_in_memory[] = {UINT32_C(0x01021994), UINT32_C(0x858458f6)};

enum { TRIES = 16 };

static const int64_t LOOK = 100000;     /* microseconds between two looks at the path */
static const int64_t NEVER = INT64_MAX; /* not_before of a file found damaged */
static const char DAMAGE[] = "the file holds times that cannot be";
static const int64_t LONGEST_HOLD = INT64_C(3600000000);

/* ---- Telling what is wrong ---- */

static enum sms_status refuse(struct sms_slot_file *file, const char *what) {
  snprintf(file->why, sizeof file->why, "%s: %s", file->path, what);
  return SMS_FAILED;
}

static int64_t pause_length(const struct sms_slot_file *file) {
  return SMS_SLOTS_LEASE_MAX + file->rules.spacing + LOOK;
}

static void warn(struct sms_slot_file *file, const char *what) {
  snprintf(file->why, sizeof file->why, "%s: %s; no slot is free for %d s", file->path,
           what, (int)(pause_length(file) / 1000000) + 1);
  file->warned = true;
}

static const char *proc_of(const struct sms_slot_file *file) {
  return file->place.proc ? file->place.proc : "/proc";
}

static bool is_in_memory(uint32_t type) {
  size_t i = 0, count = sizeof types_in_memory / sizeof *types_in_memory;
  while (i < count && types_in_memory[i] != type)
    i++;
  return i < count;
}

/* Whether files there are gone with the kernel. Else this one must name its boot. */
static enum sms_status judge_place(struct sms_slot_file *file, int fd) {
  struct statfs found;
  while (fstatfs(fd, &found) != 0)
    if (errno != EINTR) return refuse(file, sms_file_error(errno));
  file->in_memory = is_in_memory((uint32_t)found.f_type);
  if (file->in_memory || sms_boot_is_known(file->nature.epoch.boot)) return SMS_OK;
  return refuse(file, "sys/kernel/random/boot_id is hidden (ProcSubset=pid, or no "
                      "/proc): show it, or keep the slots in /dev/shm or in Redis");
}

/* ---- Making a file ---- */

/* The space is taken now: a full disk must not show when the map is written to. */
static int fill(const struct sms_slot_file *file, bool fresh, int fd) {
  mode_t mode = file->place.mode ? file->place.mode : S_IRUSR | S_IWUSR;
  size_t size = sms_slot_header_size(file->nature.calls);
  struct sms_slots *slots = malloc(size);
  if (!slots) return ENOMEM;
  sms_slot_header_draw(&file->nature, fresh, slots);
  int error = sms_may_become((int64_t)size) ? EINTR : EFBIG;
  while (error == EINTR)
    error = posix_fallocate(fd, 0, (off_t)size);
  if (!error) error = sms_write_all(fd, slots, size, 0);
  if (!error && fchmod(fd, mode) != 0) error = errno;
  free(slots);
  return error;
}

enum { BESIDE_MAX = SMS_SLOT_PATH_MAX + 16 };

/* Prepares a whole file beside the path. */
static enum sms_status prepare(struct sms_slot_file *file, bool fresh,
                               char beside[BESIDE_MAX]) {
  snprintf(beside, BESIDE_MAX, "%s.XXXXXX", file->path);
  int fd = sms_descriptor_raise(mkostemp(beside, O_CLOEXEC));
  if (fd < 0) return refuse(file, sms_file_error(errno));
  enum sms_status status = judge_place(file, fd);
  int error = status == SMS_OK ? fill(file, fresh, fd) : 0;
  close(fd);
  if (error) status = refuse(file, sms_file_error(error));
  if (status != SMS_OK) unlink(beside);
  return status;
}

/* The file that is there afterwards may be another's. */
static enum sms_status create(struct sms_slot_file *file, bool fresh) {
  char beside[BESIDE_MAX];
  enum sms_status status = prepare(file, fresh, beside);
  if (status != SMS_OK) return status;
  int error = sms_name_file(beside, file->path);
  return error == 0 || error == EEXIST ? SMS_OK : refuse(file, sms_file_error(error));
}

/* ---- Replacing one that is wrong ---- */

/* What is not a file of slots is not ours to lose: it is kept under another name. */
static enum sms_status keep_foreign(struct sms_slot_file *file,
                                    const struct stat *found, uint64_t magic) {
  char kept[BESIDE_MAX];
  if (found->st_size == 0 || magic == SMS_SLOTS_MAGIC) return SMS_OK;
  snprintf(kept, sizeof kept, "%s.damaged", file->path);
  if (unlink(kept) != 0 && errno != ENOENT) return refuse(file, sms_file_error(errno));
  bool linked = link(file->path, kept) == 0 || errno == ENOENT || errno == EEXIST;
  return linked ? SMS_OK : refuse(file, sms_file_error(errno));
}

/* Whoever has replaced it meanwhile is not replaced again, as a rule: where two meet,
 * the later one wins, and the other finds that out at its next look. */
static enum sms_status replace(struct sms_slot_file *file, const struct stat *found,
                               uint64_t magic) {
  char beside[BESIDE_MAX];
  struct stat now;
  enum sms_status status = prepare(file, false, beside);
  if (status != SMS_OK) return status;
  status = keep_foreign(file, found, magic);
  bool there = lstat(file->path, &now) == 0;
  if (status == SMS_OK && !there && errno != ENOENT)
    status = refuse(file, sms_file_error(errno));
  there = there && sms_is_file(&now, found->st_dev, found->st_ino);
  if (status == SMS_OK && there && rename(beside, file->path) == 0) return SMS_OK;
  if (status == SMS_OK && there) status = refuse(file, sms_file_error(errno));
  unlink(beside);
  return status;
}

/* ---- Finding it ---- */

/* In words, or NULL. */
static const char *flaw(struct sms_slot_file *file, const struct stat *found,
                        const struct sms_slots *slots, size_t got) {
  bool ours = found->st_uid == geteuid() || found->st_uid == 0;
  if (found->st_nlink > 1) return "the file has more than one name";
  if (!ours && !file->place.mode) return "the file belongs to another user";
  if (!file->place.mode && (found->st_mode & (S_IWGRP | S_IWOTH)))
    return "others may write to the file";
  if (got < sizeof *slots) return "the file has the wrong size";
  const char *what = sms_slot_header_flaw(&file->nature, file->in_memory, &slots->head);
  if (what) return what;
  if (slots->head.size != (uint64_t)found->st_size)
    return "the file has the wrong size";
  if (slots->not_before == NEVER) return DAMAGE;
  file->head = slots->head;
  return NULL;
}

static enum sms_status map(struct sms_slot_file *file, int fd,
                           const struct stat *found) {
  size_t size = (size_t)found->st_size;
  void *slots = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (slots == MAP_FAILED) return refuse(file, sms_file_error(errno));
  file->slots = slots;
  file->size = size;
  file->rules.cells_at = file->head.cells_at;
  file->device = found->st_dev;
  file->inode = found->st_ino;
  file->looked = INT64_MIN;
  file->doubted = 0;
  return SMS_OK;
}

static bool lost_a_name(const struct sms_slot_file *file, int fd,
                        const struct stat *found) {
  struct stat now;
  sms_finish_naming(file->path, found);
  return fstat(fd, &now) != 0 || now.st_nlink < found->st_nlink;
}

static enum sms_status use(struct sms_slot_file *file, int fd) {
  struct stat found;
  if (fstat(fd, &found) != 0) return refuse(file, sms_file_error(errno));
  if (!S_ISREG(found.st_mode)) return refuse(file, "is not a regular file");
  if (found.st_nlink == 0) return SMS_OK; /* replaced just now: again */
  if (found.st_nlink > 1 && lost_a_name(file, fd, &found)) return SMS_OK; /* again */
  enum sms_status status = judge_place(file, fd);
  if (status != SMS_OK) return status;
  struct sms_slots slots = {.not_before = 0};
  size_t got;
  int error = sms_read_all(fd, &slots, sizeof slots, 0, &got);
  if (error)
    return refuse(file, sms_file_error(error)); /* nobody knows what is in it */
  const char *what = flaw(file, &found, &slots, got);
  if (!what) return map(file, fd, &found);
  warn(file, what);
  return replace(file, &found, slots.head.magic);
}

/* One step towards a mapped file. */
static enum sms_status approach(struct sms_slot_file *file, bool fresh) {
  int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  int fd = sms_descriptor_open(file->path, flags, 0);
  if (fd < 0 && errno == ENOENT) {
    if (!fresh) warn(file, "the file was removed while it was in use");
    return create(file, fresh);
  }
  if (fd < 0 && errno == ELOOP) return refuse(file, "is a symbolic link");
  if (fd < 0) return refuse(file, sms_file_error(errno));
  enum sms_status status = use(file, fd);
  close(fd);
  return status;
}

static enum sms_status check_folder(struct sms_slot_file *file) {
  if (!file->place.path) return sms_slot_folder(file->path, file->why);
  char folder[SMS_SLOT_PATH_MAX];
  struct stat found;
  int length = (int)(strrchr(file->path, '/') - file->path);
  snprintf(folder, sizeof folder, "%.*s", length, file->path);
  if (lstat(folder, &found) == 0 && S_ISLNK(found.st_mode))
    return refuse(file, "its folder is a symbolic link");
  return SMS_OK;
}

/* Where the file was there before, its absence is no new start. */
static enum sms_status find(struct sms_slot_file *file, bool fresh) {
  int error = sms_epoch_read(proc_of(file), &file->nature.epoch);
  enum sms_status status =
      error ? refuse(file, sms_file_error(error)) : check_folder(file);
  for (int i = 0; i < TRIES && status == SMS_OK && !file->slots; i++)
    status = approach(file, fresh);
  if (status == SMS_OK && !file->slots)
    status = refuse(file, "is replaced again and again");
  if (status != SMS_OK) file->warned = false; /* why is no warning but the failure */
  return status;
}

static enum sms_status choose_path(struct sms_slot_file *file) {
  const struct sms_slot_nature *nature = &file->nature;
  const char *path = file->place.path;
  if (!path)
    return sms_slot_path(SMS_SLOT_ROOT, file->key, nature->calls, nature->period,
                         file->path);
  snprintf(file->path, sizeof file->path, "%s", path);
  if (path[0] != '/') return refuse(file, "is not an absolute path");
  if (strlen(path) >= sizeof file->path) return refuse(file, strerror(ENAMETOOLONG));
  return SMS_OK;
}

enum sms_status sms_slot_file_open(struct sms_slot_file *file,
                                   const struct sms_slot_place *place, const char *key,
                                   uint32_t calls, int64_t period) {
  memset(file, 0, sizeof *file);
  file->place = *place;
  file->key = key;
  file->owner = sms_process();
  file->nature =
      (struct sms_slot_nature){.calls = calls, .period = period, .hold = place->hold};
  file->rules = (struct sms_slot_rules){.calls = calls,
                                        .spacing = sms_slots_spacing(period),
                                        .origin = SMS_SLOTS_ORIGIN,
                                        .lowest = SMS_SLOTS_ORIGIN + 1};
  enum sms_status status = choose_path(file);
  if (status == SMS_OK) status = sms_map_guard_install();
  return status == SMS_OK ? find(file, true) : status;
}

void sms_slot_file_close(struct sms_slot_file *file) {
  if (file->slots) munmap(file->slots, file->size);
  file->slots = NULL;
}

/* ---- Watching it ---- */

bool sms_slot_file_fits(const struct sms_slot_file *file) {
  const struct sms_slots *slots = file->slots;
  return memcmp(&slots->head, &file->head, sizeof file->head) == 0 &&
         __atomic_load_n(&slots->not_before, __ATOMIC_RELAXED) != NEVER;
}

static bool in_place(const struct sms_slot_file *file) {
  struct stat found;
  return sms_map_guard_install() == SMS_OK &&
         sms_epoch_here(proc_of(file)) == file->nature.epoch.here &&
         lstat(file->path, &found) == 0 &&
         sms_is_file(&found, file->device, file->inode) && found.st_nlink == 1 &&
         found.st_size == (off_t)file->size;
}

enum verdict { SOUND, ODD, DAMAGED };

static enum verdict look_at_hold(int64_t held, int64_t now, int64_t horizon) {
  return held > horizon && held > now + LONGEST_HOLD ? ODD : SOUND;
}

/* Nothing may lie further ahead than the longest lease leads. A caller that was stopped
 * after it read the clock sees that, too, by mistake: that is odd, no more. */
static enum verdict look_through(const struct sms_slot_file *file, int64_t now) {
  const struct sms_slots *slots = file->slots;
  const int64_t *cells = (const int64_t *)((uintptr_t)slots + file->rules.cells_at);
  now += SMS_SLOTS_ORIGIN;
  int64_t horizon = now + pause_length(file);
  int64_t held = __atomic_load_n(&slots->not_before, __ATOMIC_RELAXED);
  if (held != 0 && held < file->rules.lowest) return DAMAGED;
  enum verdict verdict = look_at_hold(held, now, horizon);
  for (int i = 0; i < SMS_SLOTS_QUOTAS; i++) {
    held = __atomic_load_n(&slots->holds[i], __ATOMIC_RELAXED);
    if (held < file->rules.lowest) return DAMAGED;
    if (look_at_hold(held, now, horizon) == ODD) verdict = ODD;
  }
  for (uint32_t i = 0; i < file->rules.calls; i++) {
    int64_t cell = __atomic_load_n(&cells[i], __ATOMIC_RELAXED);
    if (cell < file->rules.lowest) return DAMAGED;
    if (cell > horizon) verdict = ODD;
  }
  return verdict;
}

/* What is odd twice is damaged. That is marked, so that nobody goes on with it. */
static enum verdict look(struct sms_slot_file *file, int64_t now) {
  enum verdict verdict = look_through(file, now);
  if (verdict == ODD && file->doubted != 0 && file->doubted < now) verdict = DAMAGED;
  file->doubted = verdict == ODD ? now : 0;
  if (verdict == SOUND) file->looked = now;
  if (verdict == DAMAGED)
    __atomic_store_n(&file->slots->not_before, NEVER, __ATOMIC_RELAXED);
  return verdict;
}

/* A time read before the file was mapped may not start its clock: again, please. */
static bool again(struct sms_slot_file *file, int64_t *wait) {
  sms_slot_file_close(file);
  *wait = find(file, false) == SMS_OK ? 1 : 0;
  return false;
}

/* Whoever comes first sets the time for all. */
static bool started(struct sms_slot_file *file, int64_t now, int64_t *wait) {
  int64_t unknown = 0;
  int64_t until = SMS_SLOTS_ORIGIN + now + pause_length(file);
  if (!__atomic_compare_exchange_n(&file->slots->not_before, &unknown, until, false,
                                   __ATOMIC_RELAXED, __ATOMIC_RELAXED))
    return true;
  *wait = pause_length(file);
  return false;
}

/* A child of fork() may be another user by now, as nginx's workers are, who has slots
 * of its own where nobody says otherwise. Whether it goes on with the same file. */
static bool renewed(struct sms_slot_file *file, int64_t *wait) {
  const struct stat was = {.st_dev = file->device, .st_ino = file->inode};
  char before[SMS_SLOT_PATH_MAX];
  memcpy(before, file->path, sizeof before);
  sms_slot_file_close(file);
  file->owner = sms_process();
  bool fresh = choose_path(file) == SMS_OK && strcmp(file->path, before) != 0;
  *wait = find(file, fresh) == SMS_OK ? 1 : 0;
  return file->slots && sms_is_file(&was, file->device, file->inode);
}

bool sms_slot_file_check(struct sms_slot_file *file, int64_t now, int64_t *wait) {
  if (file->owner != sms_process() && !renewed(file, wait)) return false;
  if (!file->slots) return again(file, wait);
  bool due =
      file->looked == INT64_MIN || now - file->looked >= LOOK || now < file->looked;
  bool there = !due || in_place(file);
  enum verdict verdict = DAMAGED;
  bool ready = false;
  *wait = 1;
  sms_map_guard_enter(file->slots, file->size);
  if (there && sms_slot_file_fits(file)) verdict = due ? look(file, now) : SOUND;
  if (verdict == SOUND) ready = started(file, now, wait);
  sms_map_guard_leave();
  return verdict == DAMAGED ? again(file, wait) : ready;
}
