--- Checked params become the parts of an HTTP request. Pure.

local json = require "sms.json"

local request = {}

local escapes = {}
for byte = 0, 255 do
  escapes[string.char(byte)] = ("%%%02X"):format(byte)
end

--- Percent-encodes all but A-Z a-z 0-9 - . _ ~ (RFC 3986, 2.3), as queries, paths and
--- forms take it.
---@param text string
---@return string
function request.escape(text)
  return (text:gsub("[^A-Za-z0-9%-._~]", escapes))
end

local escape = request.escape

--- The text of a value in a query or form.
local function text_of(value)
  if type(value) == "number" then
    return json.number_text(value)
  end
  return tostring(value)
end

--- Names and values in declared order, what stands in the path left out.
local function pairs_of(operation, params, extra)
  local list = {}
  for _, field in ipairs(operation.fields) do
    local name = field[1]
    local value = params[name]
    if value ~= nil and not field.in_path then
      value = field.plus and value + field.plus or value
      list[#list + 1] = { field.sent_as or name, text_of(value) }
    end
  end
  local more = {}
  for name in pairs(extra or {}) do
    more[#more + 1] = name
  end
  table.sort(more)
  for _, name in ipairs(more) do
    list[#list + 1] = { name, text_of(extra[name]) }
  end
  return list
end

--- `a=1&b=2` of names and values.
---@param list string[][]
---@return string
function request.form(list)
  local parts = {}
  for i, pair in ipairs(list) do
    parts[i] = escape(pair[1]) .. "=" .. escape(pair[2])
  end
  return table.concat(parts, "&")
end

local function path_of(operation, params)
  return (operation.path:gsub("{([%w_]+)}", function(name)
    return escape(params[name])
  end))
end

--- Builds the request of an operation.
---@param operation table the declared operation
---@param params table as schema.check returned it
---@param base string scheme, host and path prefix
---@param extra table? parameters that are not declared
---@return { method: string, url: string, content: string, body: string?, form: string[][]? }
function request.build(operation, params, base, extra)
  local url = base .. path_of(operation, params)
  local built = { method = operation.method, url = url, content = operation.body or "none" }
  if operation.body == "json" then
    built.body = operation.encode and operation.encode(params, extra)
      or json.encode(operation, params, extra)
  elseif operation.body == "form" then
    built.form = pairs_of(operation, params, extra)
    built.body = request.form(built.form)
  else
    local query = request.form(pairs_of(operation, params, extra))
    if query ~= "" then
      built.url = url .. "?" .. query
    end
  end
  return built
end

return request
