-- What Nexmo calls back: receipts, inbound texts in parts, ends of calls, and others on demand
-- (docs/providers/nexmo.md 9.1).

local callbacks = require "callbacks"
local clock = require "base.clock"
local loopback = require "base.loopback"
local settings = require "settings"
local text = require "base.text"
local webhook = require "webhook"

local webhooks = {}

local FROM, TO = "447700900001", "447700900500"

local err_codes = { delivered = "0", accepted = "0", buffered = "0" }

local unwanted = { ["0"] = true, ["false"] = true, ["False"] = true }

local function seconds()
  return math.floor(clock.millis() / 1000)
end

local function stamp(at)
  return os.date("!%Y-%m-%d %H:%M:%S", at)
end

-- Status and error code by the number's ending 07NN, or the status that was set.
local function ending(to, status)
  local digits = settings.get().magic and to:match "07(%d%d)$"
  if not digits or status == "accepted" or status == "buffered" then
    return status, err_codes[status] or "1"
  end
  local code = tostring(tonumber(digits))
  return code == "0" and "delivered" or "failed", code
end

--- Sends the receipts of one part of an SMS, where its sender wants any: `given` are the call's
--- parameters.
function webhooks.receipts(given, id, price)
  local now = settings.get()
  local url = given.callback or now.webhook_url
  if url == "" or unwanted[given["status-report-req"]] then return end
  local at, later = seconds(), 0
  for wanted in now.receipt_statuses:gmatch "[^, ]+" do
    local status, code = ending(given.to, wanted)
    callbacks.send {
      kind = "delivery_receipt", url = url, delay = now.webhook_delay * (later + 1),
      fields = {
        msisdn = given.to, to = given.from, ["network-code"] = "23410", messageId = id,
        price = price, status = status, scts = os.date("!%y%m%d%H%M", at + later),
        ["err-code"] = code, ["api-key"] = now.nexmo_key, ["client-ref"] = given["client-ref"],
        ["message-timestamp"] = stamp(at + later),
      },
    }
    later = later + 1
  end
end

local call_ends = { ["01"] = "failed", ["02"] = "error", ["03"] = "blocked", ["04"] = "machine" }

--- Tells the end of a spoken text, where the call names a callback.
function webhooks.call_ended(given, call_id)
  if not given.callback then return end
  local at, digits = seconds(), settings.get().magic and given.to:match "07(%d%d)$"
  local status = call_ends[digits] or "ok"
  local is_taken = status == "ok" or status == "machine"
  callbacks.send {
    kind = "voice", url = given.callback,
    form = (given.callback_method or "GET"):upper() == "POST" and "form" or "query",
    fields = {
      ["call-id"] = call_id, to = given.to, status = status, ["call-direction"] = "out",
      ["call-price"] = is_taken and "0.0120" or "0", ["call-rate"] = "0.0240",
      ["call-duration"] = is_taken and "30" or "0", ["call-request"] = stamp(at),
      ["call-start"] = is_taken and stamp(at + 5) or nil,
      ["call-end"] = is_taken and stamp(at + 35) or nil, ["network-code"] = "23410",
    },
  }
end

local steps = { "started", "ringing", "answered" }

--- Tells how a call of the Voice API goes on, to its `event_url`: each step after `pause` seconds.
--- Where the account signs, a token signs the body; a query has none.
function webhooks.call_events(call, posted, pause)
  local url = posted.event_url and posted.event_url[1]
  if not url then return end
  local is_get, at, last = posted.event_method == "GET", clock.millis(), #steps
  local to = call.to.number or call.to.uri or call.to.user or call.to.extension
  if call.ending ~= "completed" then last = last - 1 end
  for step = 1, last + 1 do
    callbacks.send {
      kind = "voice_event", url = url, form = is_get and "query" or "json",
      signature = is_get and "none"
        or settings.get().webhook_signature ~= "none" and "jwt" or "none",
      delay = settings.get().webhook_delay + pause * (step - 1),
      fields = {
        uuid = call.uuid, conversation_uuid = call.conversation_uuid, direction = "outbound",
        status = step > last and call.ending or steps[step], to = to, from = call.from.number,
        timestamp = clock.iso(at + pause * 1000 * (step - 1)),
      },
    }
  end
end

-- Fields of each kind that the control need not name.
local defaults = {
  delivery_receipt = function(at)
    return { msisdn = FROM, to = "Acme", messageId = webhook.uuid(), status = "delivered",
      ["err-code"] = "0", price = "0.03330000", scts = os.date("!%y%m%d%H%M", at),
      ["message-timestamp"] = stamp(at) }
  end,
  inbound_sms = function(at)
    return { msisdn = FROM, to = TO, messageId = webhook.uuid(), type = "text", text = "Hello",
      keyword = "HELLO", ["api-key"] = settings.get().nexmo_key,
      ["message-timestamp"] = stamp(at) }
  end,
  voice = function(at)
    return { ["call-id"] = webhook.uuid():gsub("-", ""), to = FROM, status = "ok",
      ["call-direction"] = "out", ["call-price"] = "0.0120", ["call-rate"] = "0.0240",
      ["call-duration"] = "30", ["call-request"] = stamp(at), ["call-start"] = stamp(at + 5),
      ["call-end"] = stamp(at + 35), ["network-code"] = "23410" }
  end,
  voice_event = function(at)
    return { uuid = webhook.uuid(), conversation_uuid = "CON-" .. webhook.uuid(), to = FROM,
      from = TO, status = "completed", direction = "outbound",
      timestamp = os.date("!%Y-%m-%dT%H:%M:%S.000Z", at) }
  end,
  message_status = function(at)
    return { message_uuid = webhook.uuid(), to = FROM, from = TO, status = "delivered",
      channel = "sms", timestamp = os.date("!%Y-%m-%dT%H:%M:%SZ", at) }
  end,
  other = function() return {} end,
}

local options = { url = "string", form = "string", signature = "string", delay = "number",
  spread = "number", copies = "number", fields = "table" }

-- Whether a webhook goes as JSON whose members nobody signs one by one.
local function is_json(given)
  local form = given.form or settings.get().webhook_form
  local signature = given.signature or settings.get().webhook_signature
  return signature == "jwt" or form == "json" and signature == "none"
end

-- What is wrong with the fields of a control, by their types; or nil.
local function problem(given, known)
  for name, value in pairs(given) do
    local kind = options[name] or known[name]
    if not kind then return "unknown field: " .. tostring(name) end
    if type(value) ~= kind then return name .. ": must be a " .. kind end
  end
  for _, name in ipairs { "form", "signature" } do
    local message = given[name] and settings.problem("webhook_" .. name, given[name])
    if message then return message end
  end
  for name, value in pairs(given.fields or {}) do
    if type(name) ~= "string" or type(value) ~= "string" and not is_json(given) then
      return "fields: must be texts"
    end
  end
  if not loopback.read(given.url or settings.get().webhook_url) then
    return "url: not a loopback address"
  end
end

local function send(kind, given, fields)
  for name, value in pairs(given.fields or {}) do fields[name] = value ~= "" and value or nil end
  callbacks.send {
    kind = kind, fields = fields, url = given.url, form = given.form, signature = given.signature,
    delay = given.delay, spread = given.spread, copies = given.copies,
  }
end

--- Calls back one webhook of any kind; nil, or a message.
function webhooks.on_demand(given)
  local message = problem(given, { kind = "string" })
  if message then return message end
  if not defaults[given.kind] then return "unknown kind of webhook: " .. tostring(given.kind) end
  send(given.kind, given, defaults[given.kind](seconds()))
end

--- Calls an inbound text back, in as many parts as it takes; nil, or a message.
function webhooks.inbound(given)
  local message = problem(given, { from = "string", to = "string", text = "string",
    ref = "string", lose = "table" })
  if message then return message end
  if given.text and not text.is_utf8(given.text) then return "text: must be UTF-8" end
  local kind, parts = text.parts(given.text or "Hello")
  local ref, lost = given.ref or tostring(math.random(0, 255)), {}
  for _, part in ipairs(given.lose or {}) do lost[part] = true end
  for number, part in ipairs(parts) do
    local fields = defaults.inbound_sms(seconds())
    fields.msisdn, fields.to = given.from or FROM, given.to or TO
    fields.type, fields.text = kind, part
    fields.keyword = number == 1 and (part:match "%S+" or ""):upper() or nil
    if parts[2] then
      fields.concat, fields["concat-ref"] = "true", ref
      fields["concat-total"], fields["concat-part"] = tostring(#parts), tostring(number)
    end
    if not lost[number] then send("inbound_sms", given, fields) end
  end
end

return webhooks
