#include "secret/needed_openssl.h"
#include <link.h>
#include <openssl/crypto.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct search {
  const char *library;
  unsigned long needed; /* as OpenSSL_version_num() numbers versions */
};

/* Of a list that the linker uses: C libraries differ in whether they add the base. */
static const void *at(const struct dl_phdr_info *info, uintptr_t address) {
  return (const void *)(address < info->dlpi_addr ? info->dlpi_addr + address
                                                  : address);
}

static const ElfW(Dyn) * entries_of(const struct dl_phdr_info *info) {
  for (int i = 0; i < info->dlpi_phnum; i++)
    if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
      return (const void *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
  return NULL;
}

static void look_at_name(struct search *search, const char *name) {
  unsigned major, minor, patch;
  if (sscanf(name, "OPENSSL_%u.%u.%u", &major, &minor, &patch) != 3) return;
  unsigned long version = (unsigned long)major << 28 | minor << 20 | patch << 4;
  if (version > search->needed) search->needed = version;
}

static void look_at_versions(struct search *search, const char *needs, size_t count,
                             const char *names) {
  for (size_t i = 0; i < count; i++) {
    const ElfW(Verneed) *need = (const void *)needs;
    const char *versions = needs + need->vn_aux;
    for (int k = 0; k < need->vn_cnt; k++) {
      const ElfW(Vernaux) *version = (const void *)versions;
      look_at_name(search, names + version->vna_name);
      versions += version->vna_next;
    }
    needs += need->vn_next;
  }
}

static int look(struct dl_phdr_info *info, size_t size, void *argument) {
  struct search *search = argument;
  const char *slash = strrchr(info->dlpi_name, '/');
  const char *name = slash ? slash + 1 : info->dlpi_name;
  const char *needs = NULL, *names = NULL;
  size_t count = 0;
  (void)size;
  if (strncmp(name, search->library, strlen(search->library)) != 0) return 0;
  for (const ElfW(Dyn) *entry = entries_of(info); entry && entry->d_tag != DT_NULL;
       entry++) {
    if (entry->d_tag == DT_STRTAB) names = at(info, entry->d_un.d_ptr);
    if (entry->d_tag == DT_VERNEED) needs = at(info, entry->d_un.d_ptr);
    if (entry->d_tag == DT_VERNEEDNUM) count = entry->d_un.d_val;
  }
  if (needs && names) look_at_versions(search, needs, count, names);
  return 1;
}

const char *sms_openssl_too_old(const char *library, char needed[SMS_OPENSSL_MAX]) {
  struct search search = {library, 0};
  dl_iterate_phdr(look, &search);
  const unsigned long least = search.needed;
  if (OpenSSL_version_num() >= least) return NULL;
  snprintf(needed, SMS_OPENSSL_MAX, "%lu.%lu.%lu", least >> 28, least >> 20 & 0xff,
           least >> 4 & 0xffff);
  return OpenSSL_version(OPENSSL_VERSION);
}
