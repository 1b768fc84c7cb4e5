-- Numbers to buy, numbers owned, what is done with them, and the balance.

local auth = require "nexmo.auth"
local http = require "base.http"
local json = require "base.json"
local lenient = require "base.lenient"
local loopback = require "base.loopback"
local params = require "nexmo.params"
local settings = require "settings"
local stock = require "nexmo.stock"
local webhook = require "webhook"

local numbers = {}

local BOOLEANS = { ["true"] = true, ["false"] = true }

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
    return value == stock.types[1] or value == stock.types[2] or value == stock.types[3]
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
  return page(all(), query)
end

--- GET /number/search
function numbers.search(request)
  return answer(request, stock.for_sale, search_keys, true)
end

--- GET /account/numbers
function numbers.owned(request)
  return answer(request, stock.owned, owned_keys, false)
end

--- GET /account/get-balance
function numbers.balance(request)
  if not auth.by_either(request, http.query(request)) then
    return failure(401, "authentication failed")
  end
  local value = params.money(params.balance())
  return http.json(200, '{"value":' .. value .. ',"autoReload":false}')
end

local function is_word(...)
  local words = {}
  for _, word in ipairs { ... } do words[word] = true end
  return function(value) return words[value] == true end
end

local function is_url(value) return value:find "^https?://[!-~]+$" ~= nil end

local function is_any(value) return value ~= "" end

local function with_number(known)
  known.api_key, known.api_secret = common.api_key, common.api_secret
  known.country, known.msisdn = common.country, common.pattern
  return known
end

local owner_keys = with_number { target_api_key = is_any }

local update_keys = with_number {
  app_id = is_any, moSmppSysType = is_any, voiceStatusCallback = is_url,
  moHttpUrl = function(value) return value == "" or is_url(value) end,
  voiceCallbackType = is_word("sip", "tel", "app"), voiceCallbackValue = is_any,
  messagesCallbackType = is_word "app", messagesCallbackValue = is_any,
}

local pairs_of_keys = { voiceCallbackType = "voiceCallbackValue",
  messagesCallbackType = "messagesCallbackValue" }

local function are_together(given)
  for one, other in pairs(pairs_of_keys) do
    if (given[one] == nil) ~= (given[other] == nil) then return false end
  end
  return true
end

--- Notes which number it is about, for its arrival.
function numbers.describe(request)
  request.given = params.read(request)
  request.to = request.given and request.given.msisdn
  request.ref = request.to
end

--- What changes a number: `change` gives a sentence where the provider does not do it.
local function changed(request, known, change)
  local given = request.given
  if not auth.by_either(request, given or {}) then return failure(401, "authentication failed") end
  if not given or not given.country or not given.msisdn or not is_valid(given, known)
    or not are_together(given) then
    return failure(420, "method failed")
  end
  local problem = change(given)
  if problem then return failure(420, problem) end
  return http.json(200, '{"error-code":"200","error-code-label":"success"}')
end

--- POST /number/buy
function numbers.buy(request)
  return changed(request, owner_keys, function(given)
    if given.country == settings.get().address_country then
      return "an address is needed for numbers of this country"
    end
    return stock.buy(given.country, given.msisdn, given.target_api_key)
  end)
end

--- POST /number/cancel
function numbers.cancel(request)
  return changed(request, owner_keys, function(given)
    return stock.cancel(given.country, given.msisdn, given.target_api_key)
  end)
end

--- Whether a webhook answers 200 to GET; only those of this machine are asked.
local function answers(url)
  if url == "" or not loopback.read(url) then return true end
  return webhook.answers_get(url)
end

--- POST /number/update
function numbers.update(request)
  return changed(request, update_keys, function(given)
    if given.moHttpUrl and not answers(given.moHttpUrl) then
      return "the webhook moHttpUrl did not answer 200"
    end
    local changes = {}
    for name in pairs(update_keys) do
      if not owner_keys[name] then changes[name] = given[name] end
    end
    return stock.update(given.country, given.msisdn, changes)
  end)
end

return numbers
