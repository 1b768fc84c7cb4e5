-- Numbers to buy, numbers owned, and the balance.

local auth = require "nexmo.auth"
local http = require "base.http"
local json = require "base.json"
local lenient = require "base.lenient"
local params = require "nexmo.params"
local settings = require "settings"

local numbers = {}

local BOOLEANS = { ["true"] = true, ["false"] = true }

local APPLICATION = "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab"

local feature_sets = { { "SMS" }, { "VOICE" }, { "SMS", "VOICE" }, { "VOICE", "SMS", "MMS" } }
local types = { "mobile-lvn", "landline", "landline-toll-free" }

-- Country, prefix, digits after it, how many, cost.
local blocks = {
  { "GB", "447700900", "%03d", 160, "1.25" },
  { "DE", "491760000", "%04d", 140, "1.50" },
  { "US", "1202555", "%04d", 100, "0.90" },
}

local function number_of(block, i)
  return {
    country = block[1],
    msisdn = block[2] .. block[3]:format(100 + i),
    type = types[i % 7 == 0 and 3 or i % 3 == 0 and 2 or 1],
    features = feature_sets[i % 4 + 1],
  }
end

local for_sale, owned = {}, {}

for _, block in ipairs(blocks) do
  for i = 0, block[4] - 1 do
    local number = number_of(block, i)
    number.cost, number.initialPrice = block[5], "0.00"
    for_sale[#for_sale + 1] = number
  end
  for i = 400, 419 do
    local number = number_of(block, i)
    number.moHttpUrl = "https://example.com/inbound"
    if i % 5 == 0 then
      number.app_id, number.messagesCallbackType = APPLICATION, "app"
      number.messagesCallbackValue = APPLICATION
    end
    owned[#owned + 1] = number
  end
end

local function failure(status, label)
  return http.json(status, { ["error-code"] = tostring(status), ["error-code-label"] = label })
end

local function is_integer(lowest, highest)
  return function(value)
    local number = value:find "^%d+$" and tonumber(value)
    return number and number >= lowest and number <= highest
  end
end

local feature_words = {
  ["SMS"] = true, ["VOICE"] = true, ["MMS"] = true, ["SMS,VOICE"] = true, ["SMS,MMS"] = true,
  ["VOICE,MMS"] = true, ["SMS,MMS,VOICE"] = true,
}

local common = {
  pattern = function(value) return value:find "^%d+$" ~= nil end,
  search_pattern = is_integer(0, 2),
  size = is_integer(1, 100),
  index = is_integer(1, 1000000),
  country = function(value) return value:find "^%u%u$" ~= nil end,
  api_key = function() return true end,
  api_secret = function() return true end,
}

local function with_common(known)
  for name, check in pairs(common) do known[name] = check end
  return known
end

local search_keys = with_common {
  features = function(value) return feature_words[value] == true end,
  type = function(value)
    return value == types[1] or value == types[2] or value == types[3]
  end,
}

local owned_keys = with_common {
  application_id = function(value) return #value == 36 end,
  has_application = function(value) return lenient.word(value, BOOLEANS) ~= nil end,
}

local function is_valid(query, known)
  for name, value in pairs(query) do
    local check = known[name]
    if check and (type(value) ~= "string" or not check(value)) then return false end
    if not check and settings.get().strict then return false end
  end
  return true
end

local places = {
  ["0"] = function(msisdn, pattern) return msisdn:sub(1, #pattern) == pattern end,
  ["1"] = function(msisdn, pattern) return msisdn:find(pattern, 1, true) ~= nil end,
  ["2"] = function(msisdn, pattern) return msisdn:sub(-#pattern) == pattern end,
}

local function has_features(number, wanted)
  local has = {}
  for _, feature in ipairs(number.features) do has[feature] = true end
  for feature in wanted:gmatch "[^,]+" do
    if not has[feature] then return false end
  end
  return true
end

local function is_wanted(number, query)
  if query.country and number.country ~= query.country then return false end
  if query.type and number.type ~= query.type then return false end
  if query.features and not has_features(number, query.features) then return false end
  if query.application_id and number.app_id ~= query.application_id then return false end
  local has = query.has_application and query.has_application:lower() == "true"
  if query.has_application and has ~= (number.app_id ~= nil) then return false end
  local place = places[tostring(tonumber(query.search_pattern or "0"))]
  return not query.pattern or place(number.msisdn, query.pattern)
end

local function page(all, query)
  local found, shown = 0, json.list()
  local size, index = tonumber(query.size or 10), tonumber(query.index or 1)
  local first = (index - 1) * size
  for _, number in ipairs(all) do
    if is_wanted(number, query) then
      found = found + 1
      if found > first and found <= first + size then shown[#shown + 1] = number end
    end
  end
  if found == 0 then
    return http.json(200, settings.get().empty_numbers == "bare" and "{}" or '{"count":0}')
  end
  return http.json(200, { count = found, numbers = shown })
end

local function answer(request, all, known, needs_country)
  local query = http.query(request)
  if not auth.by_either(request, query) then return failure(401, "authentication failed") end
  if needs_country and not query.country or not is_valid(query, known) then
    return failure(420, "method failed")
  end
  return page(all, query)
end

--- GET /number/search
function numbers.search(request)
  return answer(request, for_sale, search_keys, true)
end

--- GET /account/numbers
function numbers.owned(request)
  return answer(request, owned, owned_keys, false)
end

--- GET /account/get-balance
function numbers.balance(request)
  if not auth.by_either(request, http.query(request)) then
    return failure(401, "authentication failed")
  end
  local value = params.money(params.balance())
  return http.json(200, '{"value":' .. value .. ',"autoReload":false}')
end

return numbers
