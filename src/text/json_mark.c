#include "text/json_mark.h"
#include "text/hex.h"
#include "text/json.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct member {
  const char *name, *name_end; /* without escapes */
  const char *value, *value_end;
};

struct scan {
  const char *end;
  const char *copied; /* what is before it is in to->text */
  struct sms_json_marking *to;
  bool once;
  int depth;
  char *names, *names_end; /* those with escapes, without them; room for all */
  enum sms_status status;
};

static const char *scan_value(struct scan *s, const char *at);

/* ---- What is written ----------------------------------------------------------------
 */

static bool append(struct scan *s, const void *data, size_t length) {
  enum sms_status status = sms_buffer_append(&s->to->text, data, length);
  if (status != SMS_OK) s->status = status;
  return status == SMS_OK;
}

/* Writes other bytes for those between from and to. */
static bool replace(struct scan *s, const char *from, const char *to, const char *with,
                    size_t length) {
  bool done =
      append(s, s->copied, (size_t)(from - s->copied)) && append(s, with, length);
  s->copied = to;
  s->to->changed = true;
  return done;
}

static bool insert(struct scan *s, const char *at, const char *bytes) {
  return replace(s, at, at, bytes, strlen(bytes));
}

/* Most texts have none. */
static const char *blanks(const char *at, const char *end) {
  return *at > ' ' ? at : sms_json_blanks(at, end);
}

static const char *scan_word(const char *at, const char *word) {
  size_t length = strlen(word);
  return strncmp(at, word, length) == 0 ? at + length : NULL;
}

/* ---- What needs nothing
 * --------------------------------------------------------------
 */

/* Most names of one object differ in this bit. Equal ones never do. */
static uint64_t bit_of(const char *name, size_t length) {
  size_t second = (unsigned char)name[length > 1];
  size_t last = length > 0 ? (unsigned char)name[length - 1] : 0;
  return (uint64_t)1 << ((length + 3 * second + 5 * last) & 63);
}

/* The quote behind a string from its first letter on, in a text without escapes and
 * NULs; NULL where that is a mark. */
static const char *plain_string(const char *at, const char *end) {
  return *at == SMS_JSON_MARK ? NULL : memchr(at, '"', (size_t)(end - at));
}

static const char *plain_value(const char *at, const char *end, int deepest);

/* From the first of several on, which may be missing; each is followed by a comma or
 * by what closes the list or object. */
static const char *plain_parts(const char *at, const char *end, int deepest) {
  bool object = *at == '{';
  char close = object ? '}' : ']';
  uint64_t names = 0;
  at = blanks(at + 1, end);
  if (*at == close) return at + 1;
  for (;; at = blanks(at + 1, end)) {
    if (object) {
      const char *name = at + 1;
      if (*at != '"' || !(at = plain_string(name, end))) return NULL;
      uint64_t bit = bit_of(name, (size_t)(at - name));
      at = blanks(at + 1, end);
      if (*at != ':' || (names & bit)) return NULL;
      names |= bit;
      at = blanks(at + 1, end);
    }
    at = plain_value(at, end, deepest);
    if (!at) return NULL;
    at = blanks(at, end);
    if (*at == close) return at + 1;
    if (*at != ',') return NULL;
  }
}

/* Behind a value that is plain: strings without escapes, words, and what holds these
 * alone, its names different at a glance. NULL for any other: then the scan below
 * decides. Most replies are plain. */
static const char *plain_value(const char *at, const char *end, int deepest) {
  switch (*at) {
  case '"':
    at = plain_string(at + 1, end);
    return at ? at + 1 : NULL;
  case '{':
  case '[':
    return deepest > 0 ? plain_parts(at, end, deepest - 1) : NULL;
  case 't':
    return scan_word(at, "true");
  case 'f':
    return scan_word(at, "false");
  case 'n':
    return scan_word(at, "null");
  default:
    return NULL;
  }
}

static bool is_plain(const char *text, const char *end) {
  enum { DEEPEST = 16 };
  size_t length = (size_t)(end - text);
  if (memchr(text, '\\', length) || memchr(text, '\0', length)) return false;
  const char *at = plain_value(blanks(text, end), end, DEEPEST);
  return at && blanks(at, end) == end;
}

/* ---- Strings ------------------------------------------------------------------------
 */

enum { ESCAPE = 6, PAIR = 12 };

/* Whether the escape of half a surrogate pair stands there: \uD83D is a high one. All
 * of its digits count: a backslash in the place of one begins the next escape. */
static bool is_half(const char *at, const char *end, bool high) {
  if (end - at < ESCAPE || at[0] != '\\' || at[1] != 'u') return false;
  int unit = sms_hex(at + 2, end, 4), lowest = high ? 0xD800 : 0xDC00;
  return unit >= lowest && unit < lowest + 0x400;
}

/* The escapes of a string that has some. The text goes on behind it. */
static bool scan_escapes(struct scan *s, const char *at, const char *close) {
  while ((at = memchr(at, '\\', (size_t)(close - at)))) {
    bool high = is_half(at, close, true);
    if (high && is_half(at + ESCAPE, close, false)) {
      at += PAIR;
    } else if (high || is_half(at, close, false)) {
      char half[ESCAPE];
      const char *half_end = sms_json_unescape(half, at, ESCAPE);
      if (!half_end) return false;
      if (!replace(s, at, at + ESCAPE, half, (size_t)(half_end - half))) return false;
      at += ESCAPE;
    } else {
      at += 2;
    }
  }
  return true;
}

/* Behind the string, as all that scan; NULL where that is no JSON. */
static const char *scan_string(struct scan *s, const char *at, bool *verbatim) {
  const char *after = sms_json_string(at, s->end, verbatim);
  if (!after) return NULL;
  return *verbatim || scan_escapes(s, at + 1, after - 1) ? after : NULL;
}

static const char *scan_text(struct scan *s, const char *at) {
  const char *first = at + 1;
  bool verbatim, marked = *first == SMS_JSON_MARK ||
                          (*first == '\\' && (strncmp(first, "\\u007f", 6) == 0 ||
                                              strncmp(first, "\\u007F", 6) == 0));
  if (marked) {
    s->to->marks = true;
    if (!insert(s, first, "\x7F")) return NULL;
  }
  return scan_string(s, at, &verbatim);
}

/* ---- Members ------------------------------------------------------------------------
 */

/* The name between two quotes, without its escapes: before any that stands behind it,
 * since the first that has some decides how much room there is. */
static bool read_name(struct scan *s, struct member *member, bool verbatim) {
  if (verbatim) return true;
  if (!s->names) {
    s->names = s->names_end = malloc((size_t)(s->end - member->name) + 1);
    if (!s->names) s->status = SMS_NO_MEMORY;
    if (!s->names) return false;
  }
  char *name = s->names_end;
  s->names_end =
      sms_json_unescape(name, member->name, (size_t)(member->name_end - member->name));
  member->name = name;
  member->name_end = s->names_end;
  return s->names_end != NULL;
}

static int by_name(const void *a, const void *b) {
  const struct member *one = a, *other = b;
  size_t length = (size_t)(one->name_end - one->name);
  size_t others = (size_t)(other->name_end - other->name);
  if (length != others) return length < others ? -1 : 1;
  return memcmp(one->name, other->name, length);
}

static bool contradict(const struct member *a, const struct member *b) {
  size_t length = (size_t)(a->value_end - a->value);
  if (by_name(a, b) != 0) return false;
  return length != (size_t)(b->value_end - b->value) ||
         memcmp(a->value, b->value, length) != 0;
}

/* Whether no two of some members contradict each other. */
static bool is_clear(struct member *members, size_t count) {
  enum { FEW = 16 }; /* up to here to look at each pair is the quicker way */
  if (count > FEW) qsort(members, count, sizeof *members, by_name);
  for (size_t i = 1; i < count; i++)
    for (size_t j = count > FEW ? i - 1 : 0; j < i; j++)
      if (contradict(members + j, members + i)) return false;
  return true;
}

/* The same of those from first on. */
static bool are_clear(struct scan *s, size_t first) {
  struct sms_buffer *buffer = &s->to->members;
  if (buffer->length == first) return true;
  struct member *members = (struct member *)(void *)(buffer->data + first);
  size_t count = (buffer->length - first) / sizeof *members;
  uint64_t seen = 0;
  bool differ = true;
  for (size_t i = 0; i < count && differ; i++) {
    size_t length = (size_t)(members[i].name_end - members[i].name);
    uint64_t bit = bit_of(members[i].name, length);
    differ = !(seen & bit);
    seen |= bit;
  }
  return differ || is_clear(members, count);
}

/* Keeps a member until its object ends. */
static bool keep(struct scan *s, const struct member *member) {
  struct sms_buffer *members = &s->to->members;
  if (members->capacity - members->length <= sizeof *member) {
    enum sms_status status = sms_buffer_reserve(members, sizeof *member);
    if (status != SMS_OK) s->status = status;
    if (status != SMS_OK) return false;
  }
  memcpy(members->data + members->length, member, sizeof *member);
  members->length += sizeof *member;
  return true;
}

static const char *scan_member(struct scan *s, const char *at) {
  struct member member = {.name = at + 1};
  bool verbatim;
  if (*at != '"' || !(at = scan_string(s, at, &verbatim))) return NULL;
  member.name_end = at - 1;
  if (s->once && !read_name(s, &member, verbatim)) return NULL;
  at = blanks(at, s->end);
  if (*at != ':') return NULL;
  member.value = blanks(at + 1, s->end);
  at = scan_value(s, member.value);
  if (!at || !s->once) return at;
  member.value_end = at;
  return keep(s, &member) ? at : NULL;
}

/* ---- Values -------------------------------------------------------------------------
 */

static const char *scan_number(struct scan *s, const char *at) {
  enum sms_json_number kind;
  const char *after = sms_json_number(at, &kind);
  if (!after) return NULL;
  bool done = true;
  switch (kind) {
  case SMS_JSON_WHOLE:
    if (at[0] == '-' && at[1] == '0') done = replace(s, at, at + 1, "", 0);
    if (done && *after == ',') done = insert(s, after, " ");
    break;
  case SMS_JSON_LONG:
    done = insert(s, at, "\"") && insert(s, after, "\"");
    break;
  case SMS_JSON_FRACTION:
    s->to->marks = true;
    done = insert(s, at, "\"\x7F") && insert(s, after, "\"");
  }
  return done ? after : NULL;
}

/* The elements of a list, or the members of an object. */
static const char *scan_parts(struct scan *s, const char *at, char close,
                              const char *(*scan)(struct scan *s, const char *at)) {
  size_t first = s->to->members.length;
  at = blanks(at + 1, s->end);
  bool last = *at == close;
  while (!last) {
    at = scan(s, at);
    if (!at) return NULL;
    at = blanks(at, s->end);
    last = *at == close;
    if (!last && *at != ',') return NULL;
    if (!last) at = blanks(at + 1, s->end);
  }
  bool clear = are_clear(s, first);
  s->to->members.length = first;
  return clear ? at + 1 : NULL;
}

static const char *scan_value(struct scan *s, const char *at) {
  switch (*at) {
  case '"':
    return scan_text(s, at);
  case '{':
  case '[':
    if (++s->depth > SMS_JSON_DEEPEST) return NULL;
    at = *at == '{' ? scan_parts(s, at, '}', scan_member)
                    : scan_parts(s, at, ']', scan_value);
    s->depth--;
    return at;
  case 't':
    return scan_word(at, "true");
  case 'f':
    return scan_word(at, "false");
  case 'n':
    return scan_word(at, "null");
  default:
    return scan_number(s, at);
  }
}

enum sms_status sms_json_mark(const char *text, size_t length, bool once,
                              struct sms_json_marking *to) {
  struct scan s = {.end = text + length,
                   .copied = text,
                   .to = to,
                   .once = once,
                   .status = SMS_INVALID};
  to->changed = to->marks = false;
  sms_buffer_clear(&to->text);
  sms_buffer_clear(&to->members);
  if (is_plain(text, s.end)) return SMS_OK;
  const char *at = scan_value(&s, blanks(text, s.end));
  free(s.names);
  if (!at || blanks(at, s.end) != s.end) return s.status;
  if (!to->changed) return SMS_OK;
  return sms_buffer_append(&to->text, s.copied, (size_t)(s.end - s.copied));
}
