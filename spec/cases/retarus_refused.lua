-- What Retarus operations refuse before anything is sent: the value at a path, and the words of
-- the message. `ok` lists values next to the edge that are taken.

local NUL = "a\0b"
local PERIOD = "2030-01-01T18:00Z/2030-01-02T07:00Z"
local STRING, BOOLEAN, WHOLE = "must be a string", "must be true or false", "whole number"
local CONTROL, UTF8 = "control characters", "not valid UTF%-8"
local LEAVE_OUT = "; leave it out where there is none$"
local QUOTES = "write it in quotes"

local function list(...)
  return { ... }
end

local cases = {}

-- Options of a job: path "options.<name>".
cases.options = {
  src = {
    ok = list("1", ("1"):rep(20), "+" .. ("9"):rep(20), "ABCDEFGHIJK", "a`b", "!\"#$%&'()*",
      "+,-./:;<=>?", "@[\\]^_{|}~", "+", "007",
      "00123", "24/7", "+49 (89) 552-5270", "\194\160+498955252700\n"),
    bad = { { 4917600, QUOTES }, { true, STRING }, { {}, STRING },
      { "", "1 to 20 digits.*" .. LEAVE_OUT }, { "   ", "blank" .. LEAVE_OUT },
      { " ", "blank" .. LEAVE_OUT }, { "491760000001.0", "leave out the fraction behind the dot$" },
      { "+49 (0)176 0000001", "leave out the %(0%)$" }, { "491760000001/1",
        "leave out what stands" },
      { ("1"):rep(21), "1 to 20 digits" }, { "ABCDEFGHIJKL", "1 to 11" }, { "Jürgen", "ASCII" },
      { "a\tb", CONTROL }, { NUL, CONTROL }, { "a\r\nb", CONTROL },
      { "a\255", UTF8 }, { "\127", CONTROL } },
  },
  encoding = {
    ok = list("STANDARD", "UTF-16", "standard", "utf-16"),
    bad = { { 16, STRING }, { "utf 16", "must be one of: STANDARD, UTF%-16" }, { "UTF16" },
      { "" } },
  },
  billcode = {
    ok = list(("x"):rep(70), ("ä"):rep(70), 7, 12345.0, 9007199254740991),
    bad = { { 7.5, STRING }, { 2 ^ 53, STRING }, { "", "must not be empty" .. LEAVE_OUT },
      { " \194\160", "must not be blank" .. LEAVE_OUT }, { ("x"):rep(71), "at most 70 characters" },
      { ("ä"):rep(71), "at most 70" }, { NUL, CONTROL }, { "\195", UTF8 } },
  },
  statusRequested = { ok = list(true, false, "true", "0", 1),
    bad = { { 2, BOOLEAN }, { "yes", BOOLEAN }, { "", BOOLEAN } } },
  flash = { ok = list(true, false, 0, "false"), bad = { { -1, BOOLEAN }, { {}, BOOLEAN } } },
  customerRef = {
    ok = list(("x"):rep(192), ("ä"):rep(70), ("x"):rep(69) .. "€", 12345),
    bad = { { 0.5, STRING }, { "", "must not be empty" .. LEAVE_OUT },
      { "\t", "must not be blank" .. LEAVE_OUT }, { ("x"):rep(193), "at most 192" },
      { ("ä"):rep(71), "at most 70" },
      { ("x"):rep(70) .. "€", "at most 70" }, { "a\nb", CONTROL }, { "\237\160\128", UTF8 } },
  },
  validityMin = {
    ok = list(0, 5, 2880, 60.0, "60", "0", "60.0"),
    bad = { { 4, "0 or 5 to 2880" }, { 1, "5 to 2880" }, { 2881, "5 to 2880" }, { -1, "2880" },
      { 5.5, WHOLE }, { "60 min", WHOLE }, { "4", "5 to 2880" }, { true, WHOLE }, { 1 / 0, WHOLE },
      { 0 / 0, WHOLE } },
  },
  maxParts = {
    ok = list(1, 20, "3"),
    bad = { { 0, "1 to 20" }, { 21, "1 to 20" }, { 1.5, WHOLE }, { "", WHOLE } },
  },
  invalidCharacters = {
    ok = list("REFUSE", "REPLACE", "TO_UTF16", "TRANSLITERATE", "refuse", "to_utf16"),
    bad = { { "TO_UTF-16", "REFUSE, REPLACE, TO_UTF16, TRANSLITERATE" }, { "refused", "one of" },
      { "", "one of.*" .. LEAVE_OUT },
      { false, STRING } },
  },
  qos = {
    ok = list("EXPRESS", "NORMAL", "normal", "Express"),
    bad = { { "fast", "must be one of: EXPRESS, NORMAL" }, { 1, STRING } },
  },
  jobPeriod = {
    ok = list("2030-07-09T11:25:24.683+02:00", "2030-01-01T00:00Z", "2030-01-01T00:00:00-0100",
      "2028-02-29T23:59:60Z", "2030-01-01T00:00+01", "2030-01-01T00:00:00,123Z",
      "2030-01-01t00:00z"),
    bad = { { "2030-07-09T11:25:24", "with a zone" }, { "2030-07-09 11:25:24Z", "ISO 8601" },
      { "2030-02-29T00:00Z", "ISO 8601" }, { "2030-13-01T00:00Z" }, { "2030-01-01T24:00Z" },
      { "2030-01-01T00:60Z" }, { "2030-01-01T00:00+2400" }, { "2030-01-01" }, { "",
        "ISO 8601.*" .. LEAVE_OUT },
      { "2030-01-01T00:00Z " }, { "2030-01-01T00:00\nZ", CONTROL }, { 1893456000, STRING } },
  },
  duplicateDetection = { ok = list(true, false, "true"), bad = { { "yes", BOOLEAN } } },
  blackoutPeriods = {
    ok = list({}, { PERIOD }, { PERIOD, "2030-01-01T18:00+01:00/2030-01-01T18:00:01+01:00" },
      { "2030-01-01T18:00Z/PT13H", "PT30M/2030-01-01T18:00+01" }),
    bad = {
      { PERIOD, "must be a list" }, { { start = PERIOD }, "must be a list" },
      { { [2] = PERIOD }, "must be a list" }, { 7, "must be a list" },
      { { 7 }, STRING, "[1]" }, { { PERIOD, "2030-01-01T18:00Z" }, "two ISO 8601", "[2]" },
      { { "2030-01-01T18:00/2030-01-02T07:00" }, "with zones", "[1]" },
      { { PERIOD, PERIOD, "2030-01-02T07:00Z/2030-01-01T18:00Z" }, "end after it starts", "[3]" },
      { { "2030-01-01T18:00Z/2030-01-01T19:00+01:00" }, "end after it starts", "[1]" },
      { { PERIOD .. "/2030-01-03T00:00Z" }, "two ISO 8601", "[1]" },
      { { "2030-01-01T18:00Z/PT0H" }, "end after it starts", "[1]" }, { { "" }, nil, "[1]" },
      { { "PT1H/PT2H" }, "two ISO 8601", "[1]" },
      { { PERIOD .. "\0" }, CONTROL, "[1]" },
    },
  },
}

-- Keys of a recipient: path "messages[1].recipients[1].<name>".
cases.recipient = {
  dst = {
    ok = list("+491760000001", "00491760000001", "01760000001", "+49 (176) 000/00-0.1", "110",
      "+" .. ("9"):rep(15), "00" .. ("9"):rep(15), "\194\160+49\194\160176\226\128\1750000001\r\n",
      "+33.1.23.45.67.00", "202.555.0190"),
    bad = {
      { "+49 (0) 176 0000001", "3 to 15 digits.*; leave out the %(0%)$" },
      { "491760000001.0", "; leave out the fraction behind the dot$" },
      { "491760000001.00", "; leave out the fraction behind the dot$" },
      { "+49 176 0000001/12", "; leave out what stands at its end behind / or in brackets$" },
      { "+49 176 0000001 (1)", "; leave out what stands at its end behind / or in brackets$" },
      { "+49 176 0000001 privat", "; leave out the letters$" }, { "110\n112", CONTROL },
      { 491760000001, "write it in quotes" }, { true, STRING }, { {}, STRING },
      { "", "phone number" }, { "+", "phone number" }, { "12", "3 to 15 digits" },
      { ("1"):rep(16), "3 to 15 digits" }, { "+4917600000000012", "3 to 15 digits" },
      { "00" .. ("9"):rep(16), "3 to 15" }, { "+049176", "phone number" },
      { "++491760000001", "phone number" }, { "+49176x000001", "phone number" },
      { "Bob", "phone number" }, { "+49176000\n0001", CONTROL }, { "+49176\0", CONTROL },
      { "\255", UTF8 }, { "٠١٢٣٤", "phone number" }, { "491760000001;491760000002" },
    },
  },
  customerRef = {
    ok = list(("x"):rep(70), ("ä"):rep(70), 12345, 7.0),
    bad = { { 7.5, STRING }, { "", "must not be empty" .. LEAVE_OUT },
      { "  ", "must not be blank" .. LEAVE_OUT }, { ("x"):rep(71), "at most 70" }, { ("ä"):rep(71),
        "at most 70" },
      { "a\rb", CONTROL }, { "\xC0\x80", UTF8 } },
  },
}
cases.recipient.blackoutPeriods = cases.options.blackoutPeriods

-- Whole params of send_job, and the paths of all problems with words of their messages.
local function job(messages, options)
  return { messages = messages, options = options }
end

local ONE = { text = "Hi", recipients = { "+491760000001" } }

cases.jobs = {
  { "nothing at all", {}, { messages = "is required" } },
  { "something that is no table", "job", { [""] = "must be a table" } },
  { "a number", 7, { [""] = "must be a table" } },
  { "no messages", job {}, { messages = "at least one" } },
  { "messages that are no list", job(ONE), { messages = "must be a list" } },
  { "messages of text", job "Hi", { messages = "must be a list" } },
  { "a message of text", job { "Hi" }, { ["messages[1]"] = "must be a table" } },
  { "a message without anything", job { {} },
    { ["messages[1].text"] = "is required", ["messages[1].recipients"] = "is required" } },
  { "an empty text", job { { text = "", recipients = { "110" } } },
    { ["messages[1].text"] = "must not be empty" } },
  { "a blank text", job { { text = " \n", recipients = { "110" } } },
    { ["messages[1].text"] = "must not be blank$" } },
  { "a text of another type", job { { text = 7, recipients = { "110" } } },
    { ["messages[1].text"] = STRING } },
  { "a text that is not UTF-8", job { ONE, { text = "ab\xE4", recipients = { "110" } } },
    { ["messages[2].text"] = "not valid UTF%-8 at byte 3" } },
  { "a text with a NUL", job { { text = "a\0b", recipients = { "110" } } },
    { ["messages[1].text"] = CONTROL } },
  { "no recipients", job { { text = "Hi", recipients = {} } },
    { ["messages[1].recipients"] = "at least one" } },
  { "one recipient that is no list", job { { text = "Hi", recipients = "110" } },
    { ["messages[1].recipients"] = "must be a list" } },
  { "a recipient without a number", job { { text = "Hi", recipients = { "110", {} } } },
    { ["messages[1].recipients[2].dst"] = "is required" } },
  { "a recipient that is a Lua number", job { { text = "Hi", recipients = { 491760000001 } } },
    { ["messages[1].recipients[1]"] = "must be" } },
  { "a plain recipient that is no number",
    job { ONE, { text = "Hi", recipients = { "110", "x" } } },
    { ["messages[2].recipients[2].dst"] = "phone number" } },
  { "options that are no table", job({ ONE }, "src"), { options = "must be a table" } },
  { "unknown keys at every depth", {
    mesages = {}, messages = { { text = "Hi", Text = "Hi", recipients = {
      { dst = "110", ["customer-ref"] = "x", zzzzzz = 1 } } } }, options = { Src = "Acme" } },
    { mesages = "did you mean 'messages'", ["messages[1].Text"] = "did you mean 'text'",
      ["messages[1].recipients[1].customer-ref"] = "did you mean 'customerRef'",
      ["messages[1].recipients[1].zzzzzz"] = "is not known$", ["options.Src"] = "mean 'src'" } },
  { "several problems at once", job({
    { text = "", recipients = { "110", { dst = 110, customerRef = ("x"):rep(71) } } },
    { text = "Hi", recipients = { { dst = "x" } } } }, { validityMin = 3, qos = "x" }),
    { ["messages[1].text"] = "empty", ["messages[1].recipients[2].dst"] = "in quotes",
      ["messages[1].recipients[2].customerRef"] = "at most 70",
      ["messages[2].recipients[1].dst"] = "phone number", ["options.validityMin"] = "5 to 2880",
      ["options.qos"] = "EXPRESS" } },
}

-- Params of the other operations.
local function days(from, to)
  return { fromTs = from, toTs = to }
end

local long_id = ("J"):rep(256)
cases.reads = {}
for _, operation in ipairs { "get_job", "list_recipients" } do
  for _, case in ipairs {
    { "no job id", nil, { jobId = "is required" } },
    { "an empty job id", { jobId = "" }, { jobId = "must not be empty$" } },
    { "a blank job id", { jobId = "  " }, { jobId = "must not be blank$" } },
    { "a job id of another type", { jobId = 7 }, { jobId = STRING } },
    { "'.' for a job id", { jobId = "." }, { jobId = "not an id" } },
    { "'..' for a job id", { jobId = ".." }, { jobId = "not an id" } },
    { "a job id with a line end", { jobId = "J\r\nX-Header: 1" }, { jobId = CONTROL } },
    { "a job id with a NUL", { jobId = "J\0" }, { jobId = CONTROL } },
    { "a job id that is not UTF-8", { jobId = "J\255" }, { jobId = UTF8 } },
    { "a job id that is too long", { jobId = long_id }, { jobId = "at most 255" } },
    { "a misspelt key", { jobID = "J" }, { jobId = "required", jobID = "mean 'jobId'" } },
  } do
    cases.reads[#cases.reads + 1] = { operation, case[1], case[2], case[3] }
  end
end
for _, case in ipairs {
  { "jobIdsOnly = false", { jobIdsOnly = false }, { jobIdsOnly = "must be true" } },
  { "jobIdsOnly of another type", { jobIdsOnly = 2 }, { jobIdsOnly = BOOLEAN } },
  { "times without a zone", days("2030-01-01T00:00:00", "2030-01-02"),
    { fromTs = "zone", toTs = "zone" } },
  { "times of another type", days(1893456000, {}), { fromTs = STRING, toTs = STRING } },
  { "a time with a line end", { fromTs = "2030-01-01T00:00Z\n" }, { fromTs = CONTROL } },
  { "an end before the begin", days("2030-01-02T00:00Z", "2030-01-01T00:00Z"),
    { toTs = "after fromTs" } },
  { "an end at the begin", days("2030-01-01T00:00Z", "2030-01-01T01:00+01:00"),
    { toTs = "after fromTs" } },
  { "30 days and a second", days("2030-01-01T00:00:00Z", "2030-01-31T00:00:01Z"),
    { toTs = "30 days" } },
  { "30 days and an hour, by the zone", days("2030-01-01T00:00+01:00", "2030-01-31T00:00Z"),
    { toTs = "30 days" } },
  { "open of another type", { open = "yes" }, { open = BOOLEAN } },
  { "a negative offset", { offset = -1 }, { offset = "0 or more" } },
  { "a fraction as offset", { offset = 0.5 }, { offset = WHOLE } },
  { "a negative limit", { limit = -1 }, { limit = "0 to 1000" } },
  { "a limit above 1000", { limit = 1001 }, { limit = "0 to 1000" } },
  { "a limit of text", { limit = "ten" }, { limit = WHOLE } },
  { "all of it wrong", { jobIdsOnly = "x", fromTs = "x", toTs = "x", open = 2, offset = "x",
    limit = 2000, from = "x" }, { jobIdsOnly = "true", fromTs = "ISO", toTs = "ISO",
    open = "true", offset = "whole", limit = "1000", from = "not known" } },
} do
  cases.reads[#cases.reads + 1] = { "list_jobs", case[1], case[2], case[3] }
end
cases.reads[#cases.reads + 1] = { "get_version", "any key", { jobId = "J" },
  { jobId = "not known" } }

-- Criteria at the edge that are sent.
cases.taken_lists = {
  days("2030-01-01T00:00:00Z", "2030-01-31T00:00:00Z"),
  days("2030-01-01T00:00:00+01:00", "2030-01-30T23:00:00Z"),
  days("2028-02-15T00:00Z", "2028-03-16T00:00Z"),
  days("2030-01-01T00:00:00.000Z", "2030-01-01T00:00:00.001Z"),
  days("2030-01-01t00:00z", "2030-01-02T00:00:00,5+01"), { limit = "10", open = "true",
    offset = "0" },
  { limit = 0 }, { limit = 1000 }, { offset = 0 }, { offset = 4294967296 },
}

return cases
