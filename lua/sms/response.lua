--- A decoded reply becomes the documented result: documented types and spelling, null
--- absent, unknown fields kept. Pure.

local json = require "sms.json"

local response = {}

local NO_BODY = { [204] = true }

local shapes = {}

local function shape(field, value, path)
  if value == nil or value == json.null then
    return nil
  end
  return shapes[field.type](field, value, path)
end

local function wrong(path, expected)
  return nil, ("%s is not %s"):format(path == "" and "the reply" or path, expected)
end

function shapes.string(_, value, path)
  if type(value) == "number" then
    return json.number_text(value)
  elseif type(value) == "table" then
    return wrong(path, "a string")
  end
  return tostring(value)
end

function shapes.number(_, value, path)
  local number = type(value) == "number" and value
    or type(value) == "string" and value:find "^[%d.eE+-]+$" and tonumber(value)
  if not number or number ~= number or math.abs(number) == math.huge then
    return wrong(path, "a number")
  end
  return json.restore(number)
end

shapes.integer = shapes.number

function shapes.boolean(_, value, path)
  if type(value) ~= "boolean" then
    return wrong(path, "true or false")
  end
  return value
end

function shapes.any(_, value)
  return json.restore(value)
end

function shapes.array(field, value, path)
  if type(value) ~= "table" or next(value) ~= nil and #value == 0 then
    return wrong(path, "a list")
  end
  local list = {}
  for i, item in ipairs(value) do
    local sent, message = shape(field.items, item, ("%s[%d]"):format(path, i))
    if message then
      return nil, message
    end
    list[#list + 1] = sent
  end
  return list
end

local function index(field)
  local by_name = {}
  for _, part in ipairs(field.fields) do
    by_name[part[1]] = part
    if part.alias then
      by_name[part.alias] = part
    end
  end
  field.by_name = by_name
  return by_name
end

function shapes.record(field, value, path)
  if type(value) ~= "table" or value[1] ~= nil then
    return wrong(path, "an object")
  end
  local by_name, result = field.by_name or index(field), {}
  for name, given in pairs(value) do
    local part = by_name[name]
    if part then
      local at = path == "" and name or path .. "." .. name
      local sent, message = shape(part, given, at)
      if message then
        return nil, message
      end
      result[part[1]] = sent
    else
      result[name] = json.restore(given)
    end
  end
  for _, part in ipairs(field.fields) do
    if part.required and result[part[1]] == nil then
      return nil, (path == "" and "" or path .. ".") .. part[1] .. " is missing"
    elseif part.always and result[part[1]] == nil then
      result[part[1]] = shapes[part.type](part, {}, path)
    end
  end
  return result
end

--- Brings a decoded reply into its documented shape.
---@param field table the declared shape
---@param value any of json.decode; changed
---@return any result nil where it does not fit
---@return string? message where it does not fit, and why
function response.shape(field, value)
  local result, message = shape(field, value, "")
  if result == nil and not message then
    return nil, "the reply is null"
  end
  return result, message
end

--- Reads the body of a reply to an operation.
---@param operation table
---@param reply { status: integer, body: string }
---@return any result
---@return string? message why there is none
---@return any decoded what the body says, where it is JSON
function response.read(operation, reply)
  if NO_BODY[reply.status] or not operation.returns then
    return {}
  end
  local is_list = operation.returns.type == "array"
  local decoded, message = json.decode(reply.body)
  if message then
    return nil, message
  elseif not reply.body:find(is_list and "^%s*%[" or "^%s*{") then
    return nil, is_list and "the reply is not a list" or "the reply is not an object"
  end
  return response.shape(operation.returns, decoded)
end

return response
