-- The parameters of a Nexmo call from query, form or JSON body, all as text; and the account's
-- money.

local http = require "base.http"
local json = require "base.json"
local settings = require "settings"
local text = require "base.text"

local params = {}

local json_types = {
  ["application/json"] = true, ["text/json"] = true, ["text/javascript"] = true,
  ["application/x-javascript"] = true, ["application/jsonrequest"] = true,
  ["text/x-json"] = true, ["text/x-javascript"] = true,
}

local function media_type(request)
  local value = request.headers["content-type"]
  return type(value) == "string" and value:match("^[^; ]*"):lower() or nil
end

local function form(body)
  local args = ngx.decode_args(body, 0) or {}
  for name, value in pairs(args) do
    if value == true then args[name] = "" end
  end
  return args
end

local function flat(value)
  local out = {}
  for name, item in pairs(value) do
    out[name] = type(item) == "table" and item or tostring(item)
  end
  return out
end

local function of_body(request)
  if request.body == "" then return {} end
  local media = media_type(request)
  if json_types[media] then
    local value = json.decode(request.body)
    if type(value) ~= "table" or #value > 0 then return nil end
    return flat(value)
  end
  if media and media ~= "application/x-www-form-urlencoded" then return {} end
  return form(request.body)
end

--- All parameters of a call; nil for a body that cannot be read. Sets `request.is_mixed` if query
--- and body both have some.
function params.read(request)
  local given = of_body(request)
  if not given or not request.target:find("?", 1, true) then return given end
  local query = http.query(request)
  request.is_mixed = next(query) ~= nil and next(given) ~= nil
  for name, value in pairs(query) do
    if given[name] == nil then given[name] = value end
  end
  return given
end

--- The name of the first parameter that is not one UTF-8 text, or nil.
function params.unreadable(given)
  for name, value in pairs(given) do
    if type(value) ~= "string" or not text.is_utf8(value) then return name end
  end
  return nil
end

-- Money is counted in hundred-millionths, so that sums stay exact.
local UNIT = 1e8

--- EUR with eight digits.
function params.money(units)
  return ("%.8f"):format(units / UNIT)
end

--- The price of a part.
function params.price()
  return math.floor(settings.get().price * UNIT + 0.5)
end

--- What is left of the balance that was set.
function params.balance()
  local spent = ngx.shared.nexmo:get "spent" or 0
  return math.floor(settings.get().balance * UNIT + 0.5) - spent
end

--- Takes the price of up to `parts` parts; how many could be paid, and the balance after them.
function params.pay(parts)
  local price, dict = params.price(), ngx.shared.nexmo
  local total = math.floor(settings.get().balance * UNIT + 0.5)
  local left = total - dict:incr("spent", price * parts, 0)
  local paid = parts
  while left < 0 and paid > 0 do
    paid = paid - 1
    left = total - dict:incr("spent", -price, 0)
  end
  return paid, left
end

--- Takes a price in EUR, as text; false if there is not so much left.
function params.charge(price)
  local units, dict = math.floor(tonumber(price) * UNIT + 0.5), ngx.shared.nexmo
  if params.balance() < units then return false end
  dict:incr("spent", units, 0)
  return true
end

return params
