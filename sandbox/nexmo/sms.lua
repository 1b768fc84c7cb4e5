-- POST /sms/json: checks, parts, prices (docs/providers/nexmo.md 3.2). What may be wrong with
-- each parameter stands in sms_check.lua.

local auth = require "nexmo.auth"
local check = require "nexmo.sms_check"
local http = require "base.http"
local json = require "base.json"
local params = require "nexmo.params"
local settings = require "settings"
local text = require "base.text"
local webhooks = require "nexmo.webhooks"

local sms = {}

local texts = {
  ["1"] = "Throughput Rate Exceeded - please wait and retry",
  ["2"] = "Missing params",
  ["3"] = "Invalid params",
  ["4"] = "Bad Credentials",
  ["5"] = "Internal Error",
  ["6"] = "Unroutable message - rejected",
  ["7"] = "Number barred",
  ["8"] = "Partner account barred",
  ["9"] = "Partner quota exceeded - rejected",
  ["10"] = "Too many existing binds",
  ["11"] = "Account not enabled for HTTP",
  ["12"] = "Message too long",
  ["13"] = "Communication failed",
  ["14"] = "Invalid Signature",
  ["15"] = "Illegal Sender Address - rejected",
  ["16"] = "Invalid TTL",
  ["17"] = "Message blocked by provider",
  ["18"] = "Too many destinations",
  ["19"] = "Facility not allowed",
  ["20"] = "Invalid message class",
  ["22"] = "Invalid network code",
  ["23"] = "Invalid callback URL",
  ["29"] = "Non-Whitelisted Destination - rejected",
  ["32"] = "Signature And API Secret Disallowed",
  ["33"] = "Number De-activated",
  ["34"] = "Invalid or missing msisdn",
  ["101"] = "Invalid account for campaign",
  ["102"] = "Opted-out or invalid short code",
  ["103"] = "Invalid msisdn",
}

-- The last two digits of a magic ending stand for the status, these for those of three digits.
local long_codes = { ["81"] = "101", ["82"] = "102", ["83"] = "103" }

local networks = { ["44"] = "23410", ["49"] = "26201" }

local function refused(code, message)
  return http.json(200, {
    ["message-count"] = "1",
    messages = { { status = code, ["error-text"] = message or texts[code] } },
  })
end

-- Status by the number: of all parts, or (08NN) of all but the first.
local function magic_of(to, parts)
  if not settings.get().magic then return nil end
  local kind, digits = to:match "0([89])(%d%d)$"
  if not kind then return nil end
  local code = long_codes[digits] or tostring(tonumber(digits))
  if code == "0" then return nil end
  local codes = {}
  for part = kind == "9" and 1 or 2, parts do codes[part] = code end
  return codes
end

local function codes_by_fault(fault)
  local codes = {}
  for _, part in ipairs(fault.parts) do codes[part] = tostring(fault.code or 5) end
  return codes
end

local function parts_of(given)
  local kind = check.kind(given)
  if kind == "text" then
    local measured = text.gsm(given.text)
    return measured.gsm_parts, measured.misfits
  end
  if kind == "unicode" then
    local _, parts = text.utf16(given.text)
    return parts, 0
  end
  local card = given.vcard or given.vcal
  return card and text.gsm(card).gsm_parts or 1, 0
end

local function new_id(number)
  if settings.get().message_id == "hex" then return ("0A%015X"):format(number) end
  return ("%08x-%04x-4%03x-8%03x-%012x"):format(math.random(0, 2 ^ 31), number % 65536,
    math.random(0, 4095), math.random(0, 4095), number)
end

-- Ids go on from the time of start, so that they differ after a reset too.
local function first_id(request, parts)
  local dict = ngx.shared.control
  local last = dict:incr("message", parts, math.floor(request.time / 1000))
  return last - parts + 1
end

local function failed_part(given, code)
  return {
    to = given.to, status = code, ["error-text"] = texts[code] or "Status " .. code,
    ["client-ref"] = given["client-ref"],
  }
end

local function good_part(given, id, balance)
  return {
    to = given.to,
    ["message-id"] = id,
    status = "0",
    ["remaining-balance"] = params.money(balance),
    ["message-price"] = params.money(params.price()),
    network = networks[given.to:sub(1, 2)] or "12345",
    ["client-ref"] = given["client-ref"],
    ["account-ref"] = given["account-ref"],
  }
end

local function submit(request, given)
  local parts, misfits = parts_of(given)
  local fault = request.fault
  local codes = fault and fault.parts and codes_by_fault(fault) or magic_of(given.to, parts) or {}
  local wanted = 0
  for part = 1, parts do wanted = wanted + (codes[part] and 0 or 1) end
  local paid, balance = params.pay(wanted)
  local id = first_id(request, parts)
  local messages, good = {}, 0
  for part = 1, parts do
    local code = codes[part] or good >= paid and "9"
    if not code then good = good + 1 end
    messages[part] = code and failed_part(given, code)
      or good_part(given, new_id(id + part - 1), balance + (paid - good) * params.price())
    if not code then
      webhooks.receipts(given, messages[part]["message-id"], messages[part]["message-price"])
    end
    request.note.message_id = request.note.message_id or messages[part]["message-id"]
  end
  request.accepted = good > 0
  request.note.parts, request.note.replaced = parts, misfits > 0 and misfits or nil
  request.note.price = params.money(params.price() * good)
  return http.json(200, json.quick { ["message-count"] = tostring(parts), messages = messages })
end

--- Reads the parameters, and notes what the arrival is known by.
function sms.describe(request)
  local given = params.read(request)
  request.params = given
  if not given then return end
  request.to = type(given.to) == "string" and given.to or nil
  request.ref = type(given["client-ref"]) == "string" and given["client-ref"] or request.to
end

--- Answers a call.
function sms.send(request)
  local given = request.params
  request.accepted = false
  if not given then return refused("3", "Cannot read the body") end
  local unreadable = params.unreadable(given)
  if unreadable then return refused("3", "Invalid " .. unreadable .. " param") end
  local code, message = auth.sms_problem(request, given)
  if code == "401" then
    return http.json(401,
      { ["error-code"] = "401", ["error-code-label"] = "authentication failed" })
  end
  if not code then code, message = check.problem(given) end
  if code then return refused(code, message) end
  return submit(request, given)
end

return sms
