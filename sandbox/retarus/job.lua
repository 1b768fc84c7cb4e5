-- POST /jobs: what a job may contain, what it is refused for, and how it is stored.

local clock = require "base.clock"
local http = require "base.http"
local json = require "base.json"
local lenient = require "base.lenient"
local settings = require "settings"
local store = require "retarus.store"
local text = require "base.text"

local job = {}

local MAX_RECIPIENTS = 3000
local SHOWN_TEXTS = 10
local HOUR = 3600 * 1000

local function is_list(value)
  return type(value) == "table" and (next(value) == nil or #value > 0)
end

-- Start and end of "start/end" in milliseconds, at least an hour apart; nil if it is wrong. One of
-- the two may be a duration.
local function period(value)
  if type(value) ~= "string" then return nil end
  local first, last = value:match "^([^/]+)/([^/]+)$"
  local from, to = clock.parse(first or ""), clock.parse(last or "")
  if from and not to then to = from + (clock.duration(last) or 0) end
  if to and not from then from = to - (clock.duration(first) or 0) end
  if not from or not to or to <= from then return nil end
  return { from, math.max(to, from + HOUR) }
end

local function periods(value)
  if not is_list(value) then return nil end
  local all = {}
  for i, item in ipairs(value) do
    all[i] = period(item)
    if not all[i] then return nil end
  end
  return all
end

local function is_boolean(value)
  return type(value) == "boolean"
end

local function is_integer(value)
  return type(value) == "number" and value % 1 == 0
end

local function is_reference(longest, longest_ascii)
  return function(value)
    if type(value) ~= "string" or not text.is_utf8(value) then return false end
    if not value:find "[\128-\255]" then return #value <= longest_ascii end
    return #text.code_points(value) <= longest
  end
end

local words = {
  encoding = { STANDARD = true, ["UTF-16"] = true },
  invalidCharacters = { REFUSE = true, REPLACE = true, TO_UTF16 = true, TRANSLITERATE = true },
  qos = { EXPRESS = true, NORMAL = true },
}

local function is_word_of(name)
  return function(value) return lenient.word(value, words[name]) ~= nil end
end

local function is_sender(value)
  if type(value) ~= "string" then return false end
  local digits = value:match "^%+?(%d+)$"
  if digits and #digits <= 20 then return true end
  return #value >= 1 and #value <= 11 and not value:find "[^ -~]"
end

local function is_moment(value)
  return type(value) == "string" and clock.parse(value) ~= nil
end

local options = {
  src = is_sender,
  encoding = is_word_of "encoding",
  billcode = is_reference(70, 70),
  statusRequested = is_boolean,
  flash = is_boolean,
  customerRef = is_reference(70, 192),
  validityMin = is_integer,
  maxParts = is_integer,
  invalidCharacters = is_word_of "invalidCharacters",
  qos = is_word_of "qos",
  jobPeriod = is_moment,
  duplicateDetection = is_boolean,
  blackoutPeriods = periods,
}

local recipient_keys = {
  dst = function(value) return type(value) == "string" and value ~= "" and #value <= 64 end,
  customerRef = is_reference(70, 70),
  blackoutPeriods = periods,
}

local message_keys = {
  text = function(value)
    return type(value) == "string" and value ~= "" and text.is_utf8(value)
  end,
  recipients = function(value) return is_list(value) and #value > 0 end,
}

local job_keys = {
  options = function(value) return type(value) == "table" and #value == 0 end,
  messages = function(value) return is_list(value) and #value > 0 end,
}

-- The first problem of a record, or nil.
local function problem(record, keys, required, where)
  if type(record) ~= "table" then return where .. ": must be an object" end
  for _, name in ipairs(required) do
    if record[name] == nil then return where .. name .. ": is required" end
  end
  for name, value in pairs(record) do
    local check = keys[name]
    if check and not check(value) then return where .. name .. ": is not valid" end
    if not check and settings.get().strict then return where .. name .. ": is not known" end
  end
  return nil
end

local function recipients_problem(message, where)
  for i, recipient in ipairs(message.recipients) do
    local message_text =
      problem(recipient, recipient_keys, { "dst" }, ("%srecipients[%d]."):format(where, i - 1))
    if message_text then return message_text end
  end
  return nil
end

local function job_problem(posted)
  local found = problem(posted, job_keys, { "messages" }, "")
    or problem(posted.options or {}, options, {}, "options.")
  if found then return found end
  local count = 0
  for i, message in ipairs(posted.messages) do
    local where = ("messages[%d]."):format(i - 1)
    found = problem(message, message_keys, { "text", "recipients" }, where)
      or recipients_problem(message, where)
    if found then return found end
    count = count + #message.recipients
  end
  if count > MAX_RECIPIENTS then return "a job may produce at most 3000 SMS" end
  return nil
end

local function is_refused(posted, chosen)
  local policy = chosen.invalidCharacters or settings.get().account_invalid_characters
  if policy ~= "REFUSE" or chosen.encoding == "UTF-16" then return false end
  for _, message in ipairs(posted.messages) do
    if text.gsm(message.text).misfits > 0 then return true end
  end
  return false
end

-- The options, words in the documents' letters.
local function chosen_of(posted)
  local chosen = {}
  for name, value in pairs(posted.options or {}) do
    chosen[name] = words[name] and lenient.word(value, words[name]) or value
  end
  return chosen
end

--- Reads the body, and notes what the arrival is known by.
function job.describe(request)
  local posted = json.decode(request.body)
  request.posted = posted
  if type(posted) ~= "table" or type(posted.messages) ~= "table" then return end
  local message = posted.messages[1]
  local recipient = type(message) == "table" and type(message.recipients) == "table"
    and message.recipients[1]
  local chosen = type(posted.options) == "table" and posted.options or {}
  if type(recipient) ~= "table" then recipient = {} end
  local ref = chosen.customerRef or recipient.customerRef
  request.ref = type(ref) == "string" and ref or nil
  request.to = type(recipient.dst) == "string" and recipient.dst or nil
end

local function store_job(posted, chosen, place)
  for _, name in ipairs { "blackoutPeriods" } do
    chosen[name] = chosen[name] and periods(chosen[name])
  end
  chosen.jobPeriod = chosen.jobPeriod and clock.parse(chosen.jobPeriod)
  local recipients = {}
  for _, message in ipairs(posted.messages) do
    for _, recipient in ipairs(message.recipients) do
      local own = recipient.blackoutPeriods
      recipients[#recipients + 1] = {
        dst = recipient.dst,
        ref = recipient.customerRef or recipient.dst,
        periods = own and periods(own) or chosen.blackoutPeriods,
      }
    end
  end
  return store.add(place, chosen, recipients), #recipients
end

-- What the sandbox' page shows of a job's texts: the first ones.
local function keep_texts(posted, chosen, place, id)
  local texts = json.list()
  for i = 1, math.min(#posted.messages, SHOWN_TEXTS) do
    local message = posted.messages[i]
    texts[i] = { text = message.text, to = message.recipients[1].dst, count = #message.recipients }
  end
  store.keep_texts(place, id, { texts = texts, from = chosen.src or store.SENDER,
    encoding = chosen.encoding == "UTF-16" and "UCS-2" or "GSM-7" })
end

--- Checks and stores a job.
function job.post(request, failure)
  local posted = request.posted
  if type(posted) ~= "table" then return failure(400, "malformed JSON") end
  local message = job_problem(posted)
  if message then return failure(400, message) end
  local chosen = chosen_of(posted)
  if is_refused(posted, chosen) then
    return failure(422, "text has characters outside the alphabet")
  end
  local place = store.pick(request.host)
  if chosen.duplicateDetection and store.is_repeated(place, request.body) then
    return failure(409, "equal job within 10 minutes")
  end
  local id, count = store_job(posted, chosen, place)
  keep_texts(posted, chosen, place, id)
  request.note.job_id, request.note.recipients, request.note.store = id, count, place
  return http.json(settings.get().send_status, { jobId = id })
end

return job
