--- Checked params become the parts of an HTTP request. Pure.

local core = require "sms.core"
local json = require "sms.base.json"
local plain = require "sms.base.plain"

local request = {}

--- Percent-encodes all but A-Z a-z 0-9 - . _ ~ (RFC 3986, 2.3), as queries, paths and
--- forms take it.
---@param text string
---@return string
request.escape = core.escape

--- The text of a value in a query or form.
---@param value string|number|boolean
---@return string
local function text_of(value)
  if type(value) == "string" then
    return value
  elseif type(value) == "number" then
    return json.number_text(value)
  end
  return tostring(value)
end

request.text_of = text_of

local function add_extra(list, extra)
  local names = {}
  for name in pairs(extra) do
    names[#names + 1] = name
  end
  table.sort(names, plain.is_before)
  for _, name in ipairs(names) do
    list[#list + 1] = name
    list[#list + 1] = text_of(extra[name])
  end
end

--- Names and values alternating, in the order of the names.
---@param given table<string, string|number|boolean>
---@return string[]
function request.pairs_of(given)
  local list = {}
  add_extra(list, given)
  return list
end

--- Names and values alternating, in declared order, what stands in the path left out.
local function pairs_of(operation, params, extra)
  local list, count = {}, 0
  local fields = operation.fields
  for i = 1, #fields do
    local field = fields[i]
    local value = params[field[1]]
    if value ~= nil and not field.in_path then
      value = field.plus and value + field.plus or value
      list[count + 1], list[count + 2] = field.sent_as or field[1], text_of(value)
      count = count + 2
    end
  end
  if extra then
    add_extra(list, extra)
  end
  return list
end

--- `a=1&b=2` of alternating names and values.
---@param list string[]
---@return string
request.form = core.form

local function path_of(operation, params)
  if not operation.path:find("{", 1, true) then
    return operation.path
  end
  return (operation.path:gsub("{([A-Za-z0-9_]+)}", function(name)
    return request.escape(params[name])
  end))
end

--- Builds the request of an operation.
---@param operation table the declared operation
---@param params table as schema.check returned it
---@param base string scheme, host and path prefix
---@param extra table? parameters that are not declared
---@param signed boolean? the form is signed: its names and values are wanted, alternating
---@return { method: string, url: string, content: string, body: string?, form: string[]? }
function request.build(operation, params, base, extra, signed)
  if operation.build then
    return operation.build(operation, params, base, signed)
  end
  local url = base .. path_of(operation, params)
  local built = { method = operation.method, url = url, content = operation.body or "none" }
  if operation.body == "json" then
    built.body = operation.encode and operation.encode(params, extra)
      or json.encode(operation, params, extra)
  elseif operation.body == "form" then
    if signed then
      built.form = pairs_of(operation, params, extra)
    else
      built.body = request.form(pairs_of(operation, params, extra))
    end
  else
    local query = request.form(pairs_of(operation, params, extra))
    if query ~= "" then
      built.url = url .. "?" .. query
    end
  end
  return built
end

--- The request of an operation without a body whose query is written already.
---@param operation table
---@param base string scheme, host and path prefix
---@param query string
---@param kind string of authentication
---@return { method: string, url: string, content: string, auth: string }
function request.with_query(operation, base, query, kind)
  local url = base .. operation.path
  return {
    method = operation.method,
    url = query ~= "" and url .. "?" .. query or url,
    content = "none",
    auth = kind,
  }
end

return request
