-- What an SMS call is refused for, parameter by parameter.

local lenient = require "base.lenient"
local settings = require "settings"
local text = require "base.text"

local check = {}

local LONGEST_TEXT = 3200
local LONGEST_BINARY = 140
local LONGEST_CALLBACK = 100

local function is_number(lowest, highest)
  return function(value)
    local number = value:find "^%d+$" and tonumber(value)
    return number and number >= lowest and number <= highest
  end
end

local function is_one_of(...)
  local allowed = {}
  for _, name in ipairs { ... } do allowed[name] = true end
  return function(value) return allowed[value] == true end
end

local FLAGS = { ["0"] = true, ["1"] = true, ["true"] = true, ["false"] = true }

local function is_flag(value)
  return lenient.word(value, FLAGS) ~= nil
end

local function is_hex(value)
  return #value % 2 == 0 and value:find "^%x+$" ~= nil
end

local function is_sender(value)
  local bare = value:gsub(" ", "")
  if bare:find "^%d+$" then return #bare <= 15 end
  return #bare >= 1 and #bare <= 11 and not bare:find "[^%w]"
end

local function is_url(value)
  return value:find "^%a[%w+.-]*://[^%s%c]+$" ~= nil
end

local function is_callback(value)
  return #value <= LONGEST_CALLBACK and value:find "^https?://[!-~]+$" ~= nil
end

local function is_any()
  return true
end

-- Name -> check; what fails it is status 3, or the status beside it.
local known = {
  from = { is_sender },
  to = { function(value) return value:find "^%d+$" and #value >= 7 and #value <= 15 end },
  text = { is_any },
  type = { is_one_of("text", "unicode", "binary", "wappush", "vcal", "vcard") },
  ["status-report-req"] = { is_flag },
  ["client-ref"] = { function(value) return #text.code_points(value) <= 100 end },
  vcard = { is_any }, vcal = { is_any }, title = { is_any },
  ttl = { is_number(20000, 604800000) },
  callback = { is_callback, "23" },
  ["message-class"] = { is_number(0, 3) },
  udh = { is_hex }, body = { is_hex },
  ["protocol-id"] = { is_number(0, 255) },
  url = { is_url },
  validity = { is_number(0, 604800000) },
  ["account-ref"] = { is_any }, ["pool-id"] = { is_any },
  ["entity-id"] = { function(value) return value:find "^%d+$" and #value <= 20 end },
  ["content-id"] = { function(value) return value:find "^%d+$" and #value <= 20 end },
  ["trusted-number"] = { is_flag },
  ["network-code"] = { function(value) return value:find "^%d%d%d%d%d%d?$" end, "22" },
  api_key = { is_any }, api_secret = { is_any }, timestamp = { is_any }, sig = { is_any },
}

local required = {
  text = { "from", "to", "text" },
  unicode = { "from", "to", "text" },
  binary = { "from", "to", "body", "udh" },
  wappush = { "from", "to", "title", "url" },
  vcard = { "from", "to", "vcard" },
  vcal = { "from", "to", "vcal" },
}

--- The type of a message; `text` if none is named.
function check.kind(given)
  return given.type and given.type ~= "" and given.type or "text"
end

local function missing(given)
  for _, name in ipairs(required[check.kind(given)] or required.text) do
    if not given[name] or given[name] == "" then return name end
  end
  return nil
end

local function wrong(given)
  for name, value in pairs(given) do
    local entry = known[name]
    if entry and value ~= "" and not entry[1](value) then return name, entry[2] or "3" end
    if not entry and settings.get().strict then return name, "3" end
  end
  return nil
end

local function is_too_long(given)
  local kind = check.kind(given)
  if kind == "binary" then return (#given.udh + #given.body) / 2 > LONGEST_BINARY end
  if kind ~= "text" and kind ~= "unicode" or #given.text <= LONGEST_TEXT then return false end
  return #text.code_points(given.text) > LONGEST_TEXT
end

local function is_header(udh)
  return tonumber(udh:sub(1, 2), 16) == #udh / 2 - 1
end

--- What is wrong with a call: status and text; nil if nothing is.
function check.problem(given)
  local name = missing(given)
  if name then return "2", "Missing " .. name .. " param" end
  local code
  name, code = wrong(given)
  if name == "callback" then return code, "Invalid callback URL" end
  if name then return code, "Invalid " .. name .. " param" end
  if is_too_long(given) then return "12", "Message too long" end
  if given.type == "binary" and not is_header(given.udh) then return "3", "Invalid udh param" end
  if given.to:find "^0" or given.to:find "^999" then return "6", "Unroutable message - rejected" end
  local is_word = given.from:find "%a" ~= nil
  if settings.get().north_america_sender and is_word and given.to:find "^1" then
    return "15", "Illegal Sender Address - rejected"
  end
  return nil
end

return check
