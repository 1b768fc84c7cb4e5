-- POST /tts/json: text to speech, the legacy way (docs/providers/nexmo.md 4). Its statuses are
-- not those of SMS: 1 is a wrong key.

local auth = require "nexmo.auth"
local http = require "base.http"
local json = require "base.json"
local lenient = require "base.lenient"
local params = require "nexmo.params"
local settings = require "settings"
local text = require "base.text"
local webhooks = require "nexmo.webhooks"

local tts = {}

local LONGEST_TEXT = 1500
local DETECTIONS = { ["true"] = true, hangup = true }

local texts = {
  ["0"] = "Success",
  ["1"] = "Invalid credentials",
  ["2"] = "Missing parameter",
  ["3"] = "Invalid parameter",
  ["4"] = "Invalid destination address",
  ["5"] = "Cannot route the call",
  ["6"] = "Number barred",
  ["7"] = "Partner quota exceeded",
  ["99"] = "Internal error",
}

local function answer(code, call_id, to, message)
  local now = settings.get()
  local status = now.tts_status == "number" and tonumber(code) or code
  message = message or texts[code] or "Status " .. code
  if now.tts_spelling == "hyphen" then
    return http.json(200, json.quick {
      ["call-id"] = call_id, to = to, status = status, ["error-text"] = message,
    })
  end
  return http.json(200, json.quick {
    call_id = call_id, to = to, status = status, error_text = message,
  })
end

local function is_url(value)
  return value:find "^https?://[!-~]+$" ~= nil
end

local function is_count(value)
  local number = value:find "^%d+$" and tonumber(value)
  return number and number >= 1 and number <= 10
end

local function has_good_audio(value)
  for source in value:gmatch '<audio%s+src="([^"]*)"' do
    local name = source:lower():gsub("%?.*$", "")
    if not is_url(source) or not (name:find "%.wav$" or name:find "%.mp3$") then return false end
  end
  return true
end

local function is_speakable(value)
  return #text.code_points(value) <= LONGEST_TEXT and has_good_audio(value)
end

local known = {
  to = function() return true end,
  from = function(value) return value:find "^%d+$" and #value <= 15 end,
  text = is_speakable,
  lg = function(value)
    return value:lower():find "^%l%l%l?%-%l%l%l?$" ~= nil
  end,
  voice = function(value) return value == "female" or value == "male" end,
  ["repeat"] = is_count,
  machine_detection = function(value) return lenient.word(value, DETECTIONS) ~= nil end,
  machine_timeout = function(value) return value:find "^%d+$" ~= nil end,
  callback = is_url,
  callback_method = function(value) return value == "GET" or value == "POST" end,
  api_key = function() return true end,
  api_secret = function() return true end,
}

local function problem(given)
  for _, name in ipairs { "api_key", "api_secret" } do
    if not given[name] then return "2", "Missing parameter: " .. name end
  end
  if not auth.is_account(given.api_key, given.api_secret) then return "1" end
  for _, name in ipairs { "to", "text" } do
    if not given[name] or given[name] == "" then return "2", "Missing parameter: " .. name end
  end
  for name, value in pairs(given) do
    local check = known[name]
    if not check and settings.get().strict or check and not check(value) then
      return "3", "Invalid parameter: " .. name
    end
  end
  if not given.to:find "^[1-9]%d+$" or #given.to < 7 or #given.to > 15 then return "4" end
  local ending = settings.get().magic and given.to:match "09(%d%d)$"
  return ending and ending ~= "00" and tostring(tonumber(ending)) or nil
end

--- Reads the parameters, and notes what the arrival is known by.
function tts.describe(request)
  local given = params.read(request)
  request.params = given
  request.to = given and type(given.to) == "string" and given.to or nil
  request.ref = request.to
end

--- Answers a call.
function tts.send(request)
  local given = request.params
  request.accepted = false
  local unreadable = not given or params.unreadable(given)
  if unreadable then return answer("3", nil, request.to) end
  local code, message = problem(given)
  if not code and params.pay(1) == 0 then code = "7" end
  if code then return answer(code, nil, request.to, message) end
  request.accepted = true
  local call_id = ngx.md5(request.time .. "/" .. math.random())
  request.note.call_id = call_id
  webhooks.call_ended(given, call_id)
  return answer("0", call_id, given.to)
end

return tts
