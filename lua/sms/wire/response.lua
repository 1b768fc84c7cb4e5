--- A decoded reply becomes the documented result: documented types and spelling, null
--- absent, unknown fields kept. Pure.

local core = require "sms.core"
local json = require "sms.base.json"
local layout = require "sms.schema.layout"

local response = {}

local NO_BODY = { [204] = true }

-- Each gives the value in its documented type, or nil and what is wrong, from its path on.
local shapes = {}

local function shape(field, value)
  if value == nil then
    return nil
  end
  return shapes[field.type](field, value)
end

function shapes.string(field, value)
  local kind = type(value)
  if kind == "string" then
    if field.not_blank and not value:find "[^\t-\r ]" then
      return nil, " is blank"
    end
    return value
  elseif kind == "number" then
    return json.number_text(value)
  elseif kind == "table" or field.not_blank then
    return nil, " is not a string"
  end
  return tostring(value)
end

--- The number that a text is; an integer where it is whole and Lua has them.
local function number_of(text)
  local number = text:find "^%-?%d+$" and tonumber(text) or core.to_double(text)
  if not number or math.abs(number) == math.huge then
    return nil
  end
  return math.tointeger and math.tointeger(number) or number + 0 -- not -0
end

function shapes.number(_, value)
  local number = type(value) == "number" and value or type(value) == "string" and number_of(value)
  if not number then
    return nil, " is not a number"
  end
  return number
end

shapes.integer = shapes.number

function shapes.boolean(_, value)
  if type(value) ~= "boolean" then
    return nil, " is not true or false"
  end
  return value
end

function shapes.any(_, value)
  return value
end

--- In place.
function shapes.array(field, value)
  local count = type(value) == "table" and #value
  if not count or count == 0 and next(value) ~= nil then
    return nil, " is not a list"
  end
  local items = field.items
  for i = 1, count do
    local sent, message = shape(items, value[i])
    if message then
      return nil, ("[%d]%s"):format(i, message:sub(1, 1) == " " and message or "." .. message)
    end
    value[i] = sent
  end
  return value
end

--- Indexes the fields of a record, once.
local function index(field)
  local by_name, needed = {}, {}
  for _, part in ipairs(field.fields) do
    by_name[part[1]] = part
    if part.alias then
      by_name[part.alias] = part
    end
    if part.required or part.always then
      needed[#needed + 1] = part
    end
  end
  field.by_name, field.needed = by_name, needed
end

local function below(name, message)
  local first = message:sub(1, 1)
  return nil, name .. ((first == " " or first == "[") and message or "." .. message)
end

--- What must be there and is not, made or missed.
local function complete(field, value)
  local needed = field.needed
  for i = 1, #needed do
    local part = needed[i]
    if value[part[1]] == nil then
      if part.required then
        return nil, part[1] .. " is missing"
      end
      value[part[1]] = shapes[part.type](part, {})
    end
  end
  return value
end

--- In place; what stands under an alias goes to its documented name.
function shapes.record(field, value)
  if type(value) ~= "table" or value[1] ~= nil then
    return nil, " is not an object"
  end
  if not field.needed then
    index(field)
  end
  local by_name, moved = field.by_name, nil
  for name, given in next, value do
    local part = by_name[name]
    local sent, message = given, nil
    if part then
      sent, message = shape(part, given)
    end
    if message then
      return below(part[1], message)
    elseif part and part[1] ~= name then
      moved = moved or {}
      moved[part[1]], sent = sent, nil
    end
    if type(given) ~= "string" or sent ~= given then
      value[name] = sent -- also 1 for 1.0, which are equal
    end
  end
  for name, sent in pairs(moved or {}) do
    if value[name] == nil then
      value[name] = sent
    end
  end
  return complete(field, value)
end

--- Brings a decoded reply into its documented shape.
---@param field table the declared shape
---@param value any of json.decode; changed
---@return any result nil where it does not fit
---@return string? message where it does not fit, and why
function response.shape(field, value)
  local result, message = shape(field, value)
  if message then
    return nil, (message:sub(1, 1):find "[ %[]" and "the reply" or "") .. message
  elseif result == nil then
    return nil, "the reply is null"
  end
  return result
end

--- What was answered where nothing is declared: JSON that is an object or a list, or else the text.
local function anything(body)
  return body:find "^%s*[%[{]" and json.decode(body, true) or body
end

--- Reads what is not as documented, or in a way that the pass leaves alone.
local function step_by_step(returns, body)
  local decoded, message = json.decode(body, true)
  if message then
    return nil, message
  end
  local is_list = returns.type == "array"
  if not body:find(is_list and "^%s*%[" or "^%s*{") then
    return nil, is_list and "the reply is not a list" or "the reply is not an object"
  end
  return response.shape(returns, decoded)
end

--- Reads the body of a reply to an operation.
---@param operation table
---@param status integer
---@param body string
---@return any result
---@return string? message why there is none
function response.read(operation, status, body)
  local returns = operation.returns
  if NO_BODY[status] or not returns then
    return {}
  elseif returns.type == "any" then
    return anything(body)
  end
  local read = returns.reader or layout.reader(returns, operation.adds)
  local result = read and read(body)
  if result then
    return result
  end
  return step_by_step(returns, body)
end

return response
