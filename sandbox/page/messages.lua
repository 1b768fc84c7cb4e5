-- What has arrived as people read it: texts as on a phone, calls with what they say. It is read
-- from the arrivals when somebody looks, so that looking costs and arriving does not.

local arrivals = require "arrivals"
local json = require "base.json"
local store = require "retarus.store"
local text = require "base.text"
local voice = require "nexmo.voice.store"

local messages = {}

local SIZE, SCANNED = 50, 5000 -- of a page; lines that are looked at for it

-- A text of whatever somebody has sent under a name.
local function word(value)
  if type(value) == "table" then value = value[1] end
  if value == nil or type(value) == "table" or value == json.null then return nil end
  return tostring(value)
end

-- The parameters of a call, as far as its body was kept.
local function given_of(arrival)
  local given = ngx.decode_args(arrival.query or "", 0) or {}
  local media = word(arrival.content_type) or ""
  local body = arrival.body or ""
  local more = media:lower():find("json", 1, true) and json.decode(body)
    or ngx.decode_args(body, 0)
  for name, value in pairs(type(more) == "table" and more or {}) do given[name] = value end
  return given
end

local function base_of(number, arrival)
  return {
    number = number, time = arrival.time, operation = arrival.operation, to = arrival.to,
    ref = arrival.ref, accepted = arrival.accepted, status = arrival.status,
    fault = arrival.fault, lenient = arrival.lenient,
  }
end

local function sms_of(number, arrival)
  local given, shown = given_of(arrival), base_of(number, arrival)
  local kind = word(given.type) or "text"
  local encodings = { text = "GSM-7", unicode = "UCS-2", [""] = "GSM-7" }
  shown.provider, shown.from, shown.encoding = "Nexmo", word(given.from), encodings[kind] or kind
  shown.text = arrival.text or word(given.text) or word(given.body)
  shown.parts, shown.price, shown.replaced = arrival.parts, arrival.price, arrival.replaced
  shown.id, shown.callback = arrival.message_id, word(given.callback)
  return shown
end

local function parts_of(words, encoding)
  if encoding == "UCS-2" then return (select(2, text.utf16(words))) end
  local measured = text.gsm(words)
  return measured and measured.gsm_parts
end

local function job_of(number, arrival)
  local shown = base_of(number, arrival)
  shown.provider, shown.id, shown.recipients = "Retarus", arrival.job_id, arrival.recipients
  local said = arrival.job_id and store.texts(arrival.store, arrival.job_id) or {}
  shown.from, shown.encoding = said.from, said.encoding
  shown.texts = json.list(said.texts)
  for _, one in ipairs(shown.texts) do one.parts = parts_of(one.text, said.encoding) end
  if not arrival.job_id then
    local posted = json.decode(arrival.body or "")
    local list = type(posted) == "table" and posted.messages
    local first = type(list) == "table" and list[1]
    shown.text = type(first) == "table" and word(first.text) or nil
  end
  return shown
end

-- What the actions of an NCCO say, one after the other.
local function spoken(ncco)
  local said = {}
  for _, action in ipairs(type(ncco) == "table" and ncco or {}) do
    local words = type(action) == "table" and (word(action.text) or word(action.action))
    said[#said + 1] = words
  end
  return table.concat(said, "\n")
end

local function call_of(number, arrival)
  local given, shown = given_of(arrival), base_of(number, arrival)
  local is_voice = arrival.path and arrival.path:find "/v1/calls$" ~= nil
  local from = given.from
  shown.id, shown.api = arrival.call_id, is_voice and "Voice API" or "text to speech"
  shown.from = word(type(from) == "table" and from.number or from)
  shown.text = is_voice and spoken(given.ncco) or arrival.text or word(given.text)
  shown.language, shown.callback = word(given.lg), word(given.callback)
  shown.course = is_voice and arrival.call_id and voice.status_of(arrival.call_id) or nil
  return shown
end

-- The page of arrivals that `makers` know, newest first, from before number `before` on. `more` is
-- the `before` of the next page.
local function page_of(makers, before, size)
  local count = arrivals.count()
  local number, items, scanned = math.min(before or count + 1, count + 1) - 1, json.list(), 0
  while number >= 1 and #items < size and scanned < SCANNED do
    local line = arrivals.line(number)
    local operation = line and line:match '"operation":"([%l_]+)"'
    if operation and makers[operation] then
      local arrival = json.decode(line)
      items[#items + 1] = arrival and makers[operation](number, arrival)
    end
    number, scanned = number - 1, scanned + 1
  end
  return { items = items, more = number >= 1 and number + 1 or nil, total = count }
end

messages.page_of = page_of

local phones, dials = { send_sms = sms_of, send_job = job_of }, { send_voice = call_of }

--- Texts, newest first.
function messages.sent(before)
  return page_of(phones, before, SIZE)
end

--- Calls, newest first.
function messages.calls(before)
  return page_of(dials, before, SIZE)
end

return messages
