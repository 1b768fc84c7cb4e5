/* What is sent and read, as a careful C program would do it: escaped, but not checked.
 * work.lua has the same messages. */
#include "raw.h"
#include <stdio.h>
#include <string.h>

#define MESSAGES   1000
#define RECIPIENTS 3000
#define FIELDS     8

struct message {
  char to[32], text[128], reference[32];
};
static struct message messages[MESSAGES];
static char recipients[RECIPIENTS][32];

struct text {
  const char *at;
  size_t length;
};
static struct text entries[RECIPIENTS][FIELDS];

void work_make(void) {
  for (int i = 0; i < MESSAGES; i++) {
    struct message *m = &messages[i];
    snprintf(m->to, sizeof m->to, "447700%06d", i);
    snprintf(m->text, sizeof m->text,
             "Hello Ann, your parcel %d arrives tomorrow between 9 and 12. "
             "Reply STOP for no more of these.",
             i);
    snprintf(m->reference, sizeof m->reference, "order-%d", i);
  }
  for (int i = 0; i < RECIPIENTS; i++)
    snprintf(recipients[i], sizeof recipients[i], "447700%06d", i);
}

static char *put_plain(char *out, const char *text) {
  size_t length = strlen(text);
  memcpy(out, text, length + 1);
  return out + length;
}

/* ---- One SMS: a form ---- */

static bool is_unreserved(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         c == '-' || c == '.' || c == '_' || c == '~';
}

/* Writes name and escaped value; returns where the next ones go. */
static char *put_field(char *out, const char *name, const char *value) {
  static const char digits[] = "0123456789ABCDEF";
  out = put_plain(out, name);
  for (const unsigned char *c = (const unsigned char *)value; *c; c++) {
    if (is_unreserved(*c)) {
      *out++ = (char)*c;
    } else {
      *out++ = '%';
      *out++ = digits[*c >> 4];
      *out++ = digits[*c & 15];
    }
  }
  *out = '\0';
  return out;
}

static size_t write_sms(char *out, long number) {
  const struct message *message = &messages[number % MESSAGES];
  char *end = put_field(out, "from=", "Acme");
  end = put_field(end, "&to=", message->to);
  end = put_field(end, "&text=", message->text);
  end = put_field(end, "&client-ref=", message->reference);
  return (size_t)(end - out);
}

static bool is_sms_accepted(const char *reply, size_t length) {
  (void)length;
  return strstr(reply, "\"status\":\"0\"") != NULL;
}

/* ---- A job: JSON ---- */

static char *put_string(char *out, const char *text) {
  static const char digits[] = "0123456789abcdef";
  *out++ = '"';
  for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
    if (*c == '"' || *c == '\\') {
      *out++ = '\\';
      *out++ = (char)*c;
    } else if (*c < ' ') {
      out = put_plain(out, "\\u00");
      *out++ = digits[*c >> 4];
      *out++ = digits[*c & 15];
    } else {
      *out++ = (char)*c;
    }
  }
  *out++ = '"';
  return out;
}

static size_t write_job(char *out, long number) {
  const struct message *message = &messages[number % MESSAGES];
  char *end = put_plain(out, "{\"options\":{\"customerRef\":");
  end = put_string(end, message->reference);
  end = put_plain(end, "},\"messages\":[{\"text\":");
  end = put_string(end, message->text);
  end = put_plain(end, ",\"recipients\":[");
  for (int i = 0; i < RECIPIENTS; i++) {
    end = put_plain(end, i ? ",{\"dst\":" : "{\"dst\":");
    end = put_string(end, recipients[i]);
    *end++ = '}';
  }
  end = put_plain(end, "]}]}");
  return (size_t)(end - out);
}

static bool is_job_accepted(const char *reply, size_t length) {
  (void)length;
  return strstr(reply, "\"jobId\":\"") != NULL;
}

/* ---- A report: every field of every recipient is found, where it lies ---- */

static const char *const names[FIELDS] = {"smsId",  "dst",         "processStatus",
                                          "status", "customerRef", "reason",
                                          "sentTs", "finishedTs"};

static const char *skip_blanks(const char *c) {
  while (*c == ' ' || *c == '\n' || *c == '\r' || *c == '\t')
    c++;
  return c;
}

/* Where it goes on after this character, or NULL. */
static const char *expect(const char *c, char wanted) {
  c = skip_blanks(c);
  return *c == wanted ? skip_blanks(c + 1) : NULL;
}

static const char *read_string(const char *c, struct text *text) {
  if (*c != '"') return NULL;
  text->at = ++c;
  for (; *c && *c != '"'; c++)
    if (*c == '\\' && c[1]) c++;
  text->length = (size_t)(c - text->at);
  return *c ? skip_blanks(c + 1) : NULL;
}

static int field_named(const struct text *name, int first) {
  for (int i = 0; i < FIELDS; i++) {
    int field = (first + i) % FIELDS;
    if (strncmp(names[field], name->at, name->length) == 0 &&
        names[field][name->length] == '\0')
      return field;
  }
  return -1;
}

static const char *read_entry(const char *c, struct text fields[FIELDS]) {
  int field = -1;
  c = expect(c, '{');
  while (c) {
    struct text name, value;
    c = read_string(c, &name);
    if (c) c = expect(c, ':');
    if (c) c = read_string(c, &value);
    field = c ? field_named(&name, field + 1) : -1;
    if (field >= 0) fields[field] = value;
    if (!c || *c == '}') return c ? expect(c, '}') : NULL;
    c = expect(c, ',');
  }
  return NULL;
}

static bool read_report(const char *reply, size_t length) {
  int count = 0;
  const char *c = expect(reply, '[');
  (void)length;
  while (c && count < RECIPIENTS) {
    c = read_entry(c, entries[count++]);
    if (c && *c == ']') break;
    if (c) c = expect(c, ',');
  }
  return c && *c == ']' && count == RECIPIENTS && entries[count - 1][7].length > 0;
}

/* ---- All of it ---- */

static const char form[] = "Content-Type: application/x-www-form-urlencoded";
static const char json[] = "Content-Type: application/json";

static const struct work works[] = {
    {"sms", "/sms/json", form, 100, 200, 1 << 10, 4 << 10, write_sms, is_sms_accepted},
    {"tables", "/rest/v1/jobs", json, 5, 201, 256 << 10, 4 << 10, write_job,
     is_job_accepted},
    {"strings", "/rest/v1/jobs", json, 5, 201, 256 << 10, 4 << 10, write_job,
     is_job_accepted},
    {"report", "/rest/v1/sms?jobId=J.20220928-125820.022-0l8likueyRB3CT8FTG", NULL, 5,
     200, 1, 2 << 20, NULL, read_report},
};

const struct work *work_named(const char *name) {
  for (size_t i = 0; i < sizeof works / sizeof works[0]; i++)
    if (strcmp(works[i].name, name) == 0) return &works[i];
  return NULL;
}
