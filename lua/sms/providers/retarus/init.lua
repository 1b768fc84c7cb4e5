--- Retarus SMS for Applications as data: hosts, operations, what its answers mean. The
--- order and the texts follow the provider's documentation.

local jobs = require "sms.providers.retarus.jobs"
local json = require "sms.base.json"
local notes = require "sms.providers.retarus.notes"
local parts = require "sms.providers.retarus.parts"
local reads = require "sms.providers.retarus.reads"
local repeats = require "sms.providers.retarus.repeats"
local states = require "sms.providers.retarus.states"
local single = require "sms.providers.retarus.message"

local MOST_SMS = 3000 -- a job; recipients over all messages
local IN_QUOTES = "must be a string: write it in quotes"

local blackout_periods = { "blackoutPeriods", type = "array",
  items = { type = "string", format = "interval" }, doc = "Times in which nothing is sent." }

local options = {
  { "src", type = "string", format = "sender", says_number = IN_QUOTES,
    doc = "Sender shown to the recipient." },
  { "encoding", type = "string", enum = { "STANDARD", "UTF-16" },
    doc = "Preferred encoding: GSM 7-bit or UTF-16." },
  { "billcode", type = "string", reference = true, max_length = 70, doc = "Billing reference." },
  { "statusRequested", type = "boolean",
    doc = "Ask for a delivery notification; without it the best status is SUC_ACC." },
  { "flash", type = "boolean", doc = "Shown at once, not stored." },
  { "customerRef", type = "string", reference = true, max_length = 70, max_length_ascii = 192,
    warn_length = 64,
    doc = "Reference of the job, returned in its report." },
  { "validityMin", type = "integer", min = 5, max = 2880, or_value = 0,
    doc = "Minutes in which delivery is tried; 0 is the provider's default." },
  { "maxParts", type = "integer", min = 1, max = 20,
    doc = "Most parts of a long text; what is longer is cut." },
  { "invalidCharacters", type = "string",
    enum = { "REFUSE", "REPLACE", "TO_UTF16", "TRANSLITERATE" },
    doc = "What happens to characters outside GSM 7-bit." },
  { "qos", type = "string", enum = { "EXPRESS", "NORMAL" }, doc = "Priority." },
  { "jobPeriod", type = "string", format = "timestamp", doc = "When the job starts." },
  { "duplicateDetection", type = "boolean",
    doc = "Refuse a job equal to one of the last 10 minutes." },
  blackout_periods,
}

local recipient = {
  type = "record", shorthand = "dst", fields = {
    { "dst", type = "string", required = true, format = "phone",
      says_number = IN_QUOTES, doc = "Phone number." },
    { "customerRef", type = "string", reference = true, max_length = 70, warn_length = 64,
      doc = "Reference of this SMS; the number where it is left out." },
    blackout_periods,
  },
}

local message = {
  type = "record", fields = {
    { "text", type = "string", required = true, min_length = 1, multiline = true,
      doc = "Text of the SMS." },
    { "recipients", type = "array", required = true, min_items = 1, items = recipient,
      doc = "Who receives it: tables, or plain numbers." },
  },
}

local text_apart = { apart = true }
for key, value in pairs(message.fields[1]) do
  text_apart[key] = value
end

-- One of send_all: a recipient and a text, which stands in its message.
local item = { type = "record", body = "json", fields = { text_apart },
  rules = { parts.check_item } }
for _, field in ipairs(recipient.fields) do
  item.fields[#item.fields + 1] = field
end

local function at_most_3000(params, problem)
  local count = 0
  for _, part in pairs(params.messages or {}) do
    count = count + #(type(part) == "table" and part.recipients or {})
  end
  if count > MOST_SMS then
    problem("messages", ("must have at most %d recipients together, not %d")
      :format(MOST_SMS, count))
  end
end

local operations = {
  {
    "send_job",
    doc = "Send one or more texts as one job.",
    method = "POST", path = "/rest/v1/jobs", body = "json", hosts = { "send" },
    success = { 200, 201 }, texts = jobs.texts,
    fields = {
      { "options", type = "record", fields = options, doc = "Options for the whole job." },
      { "messages", type = "array", required = true, min_items = 1, items = message,
        doc = "Texts and their recipients." },
    },
    rules = { at_most_3000, parts.check_job },
    is_deduplicated = repeats.is_deduplicated, find_accepted = repeats.find_accepted,
    trusted_for = repeats.TRUSTED_FOR,
    returns = { type = "record", fields = {
      { "jobId", type = "string", required = true, not_blank = true,
        doc = "Id of the job, for get_job, list_recipients and follow." },
    } },
  },
  {
    "get_version",
    doc = "Get version information.",
    method = "GET", path = "/rest/v1/version", hosts = { "send" }, safe = true,
    fields = {},
    returns = { type = "record", fields = {
      { "buildNumber", type = "integer", doc = "Number of the build." },
      { "buildTimestamp", type = "string", doc = "When it was built." },
      { "majorVersion", type = "integer", doc = "Major version." },
      { "minorVersion", type = "integer", doc = "Minor version." },
      { "versionInfo", type = "string", doc = "The version in words." },
      { "message", type = "string", doc = "Anything else." },
    } },
  },
}

for _, operation in ipairs(reads) do
  operations[#operations + 1] = operation
end

--- Code and text of an error body: JSON, as the provider's own client libraries read it, and
--- with both it is the provider's own.
local function read_error(body)
  local code, text = body.code, body.message
  if type(code) == "number" then
    code = json.number_text(code)
  end
  code, text = type(code) == "string" and code or nil, type(text) == "string" and text or nil
  return code, text, code and text and "own"
end

return {
  name = "retarus",
  hosts = {
    send = "https://sms4a.eu.retarus.com",
    de2 = "https://sms4a.de2.retarus.com",
    de1 = "https://sms4a.de1.retarus.com",
  },
  credentials = { identity = "username", password = "password" },
  environment = { username = "RETARUS_USERNAME", password = "RETARUS_PASSWORD",
    base_url = "RETARUS_BASE_URL" },
  options = {
    { "username", type = "string", doc = "User name, which is a secret, too." },
    { "password", type = "string", doc = "Its password." },
    { "strict_parts", type = "boolean", default = false,
      doc = "A text that `maxParts` would cut is an error, not a `warning` event. One that may be "
        .. "sent as UTF-16, by `encoding` or for its characters, is counted so." },
  },
  limits = { { calls = 100, period = 60 } },
  auth = "basic",
  apis = { -- all else is of one data centre, which is named
    { host = "send", path = "/rest/v1/version" },
    { host = "send", path = "/rest/v1/jobs", method = "POST" },
  },
  statuses = { [409] = { "duplicate", "rejected" } },
  read_error = read_error,
  operations = operations,
  notes = notes,
  message = single,
  follow = { operation = "list_recipients", by = "jobId", unique = "smsId",
    state = states.of, is_final = states.is_final, success = states.success },
  bulk = {
    operation = "send_job", item = item, most = MOST_SMS,
    sample = jobs.sample, context = jobs.context, new_job = jobs.new,
    options = {
      { "options", type = "any", table = "object", doc = "Options of the jobs.",
        annotation = "sms.retarus.send_job.params.options" },
      { "strict_parts", type = "boolean", doc = "The client's own if left out." },
    },
  },
  check = "list_jobs",
  check_params = { limit = 1 },
}
