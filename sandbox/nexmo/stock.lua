-- Whose the numbers are: those for sale, and the account's own, with what it has set about them.

local json = require "base.json"
local params = require "nexmo.params"

local stock = {}

local APPLICATION = "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab"

local feature_sets = { { "SMS" }, { "VOICE" }, { "SMS", "VOICE" }, { "VOICE", "SMS", "MMS" } }
stock.types = { "mobile-lvn", "landline", "landline-toll-free" }

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
    type = stock.types[i % 7 == 0 and 3 or i % 3 == 0 and 2 or 1],
    features = feature_sets[i % 4 + 1],
  }
end

local at_first = {} -- all of them, in their order
local by_digits = {}

local function add(block, i, is_owned)
  local number = number_of(block, i)
  number.is_owned, number.monthly = is_owned, block[5]
  at_first[#at_first + 1], by_digits[number.msisdn] = number, number
  return number
end

for _, block in ipairs(blocks) do
  for i = 0, block[4] - 1 do add(block, i, false) end
  for i = 400, 419 do
    local number = add(block, i, true)
    number.set = { moHttpUrl = "https://example.com/inbound" }
    if i % 5 == 0 then
      number.set.app_id, number.set.messagesCallbackType = APPLICATION, "app"
      number.set.messagesCallbackValue = APPLICATION
    end
  end
end

local function dict()
  return ngx.shared.nexmo
end

-- What has become of a number since the start: `order` of buying, `target`, `set`; `gone` where it
-- was given up. Nil: nothing.
local function state_of(number)
  local text = dict():get("number/" .. number.msisdn)
  return text and json.decode(text)
end

local function keep(number, state)
  assert(dict():safe_set("number/" .. number.msisdn, json.encode(state)))
end

--- The order of buying, and what is set, of a number that the account (or that subaccount) has;
--- nil: it has not.
local function owned_state(number, target)
  local state = state_of(number)
  if state and state.gone or not state and not number.is_owned then return nil end
  state = state or { order = 0, set = number.set }
  return state.target == target and state or nil
end

local function shown(number, more)
  local copy = {}
  for _, name in ipairs { "country", "msisdn", "type", "features" } do
    copy[name] = number[name]
  end
  for name, value in pairs(more) do copy[name] = value end
  return copy
end

local function is_for_sale(number)
  local state = state_of(number)
  if state then return state.gone == true end
  return not number.is_owned
end

--- Those for sale.
function stock.for_sale()
  local list = {}
  for _, number in ipairs(at_first) do
    if is_for_sale(number) then
      list[#list + 1] = shown(number, { cost = number.monthly, initialPrice = "0.00" })
    end
  end
  return list
end

--- The account's own, those bought last at the end.
function stock.owned()
  local list, places = {}, {}
  for place, number in ipairs(at_first) do
    local state = owned_state(number)
    if state then
      local own = shown(number, state.set)
      list[#list + 1], places[own] = own, { state.order, place }
    end
  end
  table.sort(list, function(a, b)
    local one, other = places[a], places[b]
    if one[1] ~= other[1] then return one[1] < other[1] end
    return one[2] < other[2]
  end)
  return list
end

local function find(country, msisdn)
  local number = by_digits[msisdn]
  return number and number.country == country and number or nil
end

--- Buys one, for a subaccount if there is one; a sentence where that cannot be.
function stock.buy(country, msisdn, target)
  local number = find(country, msisdn)
  if not number then return "the number is not for sale" end
  if not is_for_sale(number) then return "the number is owned already" end
  if not params.charge(number.monthly) then return "not enough credit" end
  keep(number, { order = dict():incr("numbers", 1, 0), target = target, set = {} })
end

--- Gives one up, which is for sale again.
function stock.cancel(country, msisdn, target)
  local number = find(country, msisdn)
  if not number or not owned_state(number, target) then return "the number is not owned" end
  keep(number, { gone = true })
end

--- Sets what is given about one; an empty text takes it away.
function stock.update(country, msisdn, changes)
  local number = find(country, msisdn)
  local state = number and owned_state(number)
  if not state then return "the number is not owned" end
  local set = {}
  for _, part in ipairs { state.set, changes } do
    for name, value in pairs(part) do set[name] = value ~= "" and value or nil end
  end
  state.set = set
  keep(number, state)
end

return stock
