--- Makes lua/sms/meta.lua: the types of all operations for LuaLS.

local bulk_types = require "docs.types.bulk"
local client_options = require "docs.client_options"
local common_types = require "docs.types.common"
local gateway_types = require "docs.types.gateway"
local host_types = require "docs.types.host"
local outbox_types = require "docs.types.outbox"
local requests = require "docs.reference.requests"
local results = require "docs.results"
local testing_types = require "docs.types.testing"
local webhook_types = require "docs.types.webhook"

local types = {}

local COMMON = [[

--- Whether the credentials work. It makes a read that costs nothing, with its slot.
---@return true? ok
---@return sms.error? err What the read said.
function %s:check() end

--- A dry run: the request that a call would send, secrets masked. Nothing is sent; only for
--- `update_application` with the documented parameters the application is read, with a slot.
---@param operation string Its name.
---@param params? table Those of the call.
---@return { method: string, url: string, headers: table<string, string>, body: string? }? request
---@return sms.error? err
function %s:prepare(operation, params) end

--- A call that no operation stands for, unchecked but for its place. Credentials, limits, errors and
--- retries are those of the declared operations of the same host and path. Only a GET is repeated
--- after any transient failure, and not where a GET sends (Nexmo's paths that end in `/json` or
--- `/xml`); all else is repeated only where it is certain that the provider did not take it. At a path
--- that is declared, answers are read as that operation's.
---@param params sms.request What is asked, and where.
---@param options? sms.call_options Those of this call.
---@return table|string? result The decoded JSON where that is an object or a list, else the text; an empty table for HTTP status 204.
---@return sms.error? err
function %s:request(params, options) end

--- The items of all pages of a list: `for item, err in client:each(…)`. After an error the loop runs
--- once more, with `false, err`: a list never ends in silence.
---@param operation string The name of one that gives a list.
---@param params? table Those of the call; which page it begins with, too.
---@param options? sms.call_options
---@return fun(): any, sms.error? next The iterator of the loop.
function %s:each(operation, params, options) end

--- What became of calls whose event loop was closed or dropped while they were under way. Ask in
--- another loop, or outside of all; what is told here no coroutine is told.
---@return { operation: string, params: table, result: any, err: sms.error? }[] ended Those that have ended since it was asked before.
---@return integer under_way How many have not.
function %s:abandoned() end

--- The last warnings, the oldest first, at most 20: what an event `warning` told, whether or not the
--- client has an `on_event`.
---@return { time: integer, message: string }[] warnings `time`: seconds since 1970.
function %s:warnings() end

--- Lets go of connections and secrets; so do the garbage collector and `<close>`. Calls that wait or
--- are under way end at once with an error of kind `cancelled`. It may be called again.
function %s:close() end
]]

local FOLLOW = [[

--- Polls a job until all its recipients are final, and yields a recipient each time its status
--- changes: `for recipient, err in retarus:follow(job)`. After an error the loop runs once more, with
--- `false, err`. Every poll is a call with its slot.
---@param id string|table The id of a job, or what `send_job` returned.
---@param options? sms.follow_options
---@return fun(): sms.followed|false, sms.error? next The iterator of the loop.
function %s:follow(id, options) end
]]

local TYPES = { flag = "0|1|boolean", digits = "string|integer", any = "table" }

local function keys_of(values)
  local keys = {}
  for key in pairs(values) do
    keys[#keys + 1] = type(key) == "string" and ('"%s"'):format(key) or tostring(key)
  end
  table.sort(keys)
  return table.concat(keys, "|")
end

--- The name of a field's type; classes that it needs are added to `classes`.
local function type_of(field, name, classes)
  if field.enum then
    local words = '"' .. table.concat(field.enum, '"|"') .. '"'
    return field.type == "set" and words .. "|string[]" or words
  elseif field.reference then
    return "string|integer"
  elseif field.type == "choice" then
    return keys_of(field.values)
  elseif field.type == "array" then
    local item = type_of(field.items, name, classes)
    return item:find("|", 1, true) and ("(%s)[]"):format(item) or item .. "[]"
  elseif field.fields then
    classes[#classes + 1] = { name, field.fields }
    return field.shorthand and "string|" .. name or name
  end
  return TYPES[field.type] or field.type
end

--- Writes a class, and then those that its fields need.
local function class(add, name, fields, is_result)
  local classes = {}
  add("\n---@class %s", name)
  for _, field in ipairs(fields) do
    local key = field[1]:find "^[%a_][%w_]*$" and field[1] or ('["%s"]'):format(field[1])
    local optional = not field.required and not (is_result and (field.always or field.filled))
    local doc = field.doc and " " .. field.doc or ""
    add("---@field %s%s %s%s", key, optional and "?" or "",
      type_of(field, name .. "." .. field[1]:gsub("%W", "_"), classes), doc)
  end
  for _, needed in ipairs(classes) do
    class(add, needed[1], needed[2], is_result)
  end
end

--- The type of a result; classes are written as needed.
local function result_type(add, name, returns)
  if not returns then
    return "table"
  end
  local classes = {}
  local kind = type_of(returns, name, classes)
  for _, needed in ipairs(classes) do
    class(add, needed[1], needed[2], true)
  end
  return kind
end

local function has_required(fields)
  for _, field in ipairs(fields) do
    if field.required then
      return true
    end
  end
  return false
end

local function options_class(add, name, options, provider)
  add("\n---@class sms.%s", name)
  for _, list in ipairs { options.own(provider), options.common } do
    for _, option in ipairs(list) do
      add("---@field %s? %s %s", option[1], option[2], option[4])
    end
  end
end

local function describe(add, provider)
  local prefix, client = "sms." .. provider.name, provider.name .. "_client"
  local facade = {}
  options_class(add, provider.name .. ".options", client_options, provider)
  options_class(add, provider.name .. ".bulk_options: sms.call_options", client_options.bulk,
    provider)
  add("\n---@class %s.client\nlocal %s = {}", prefix, client)
  for _, operation in ipairs(provider.operations) do
    local name = prefix .. "." .. operation[1]
    class(add, name .. ".params", operation.fields)
    local returns = result_type(add, name .. ".result", results.of(operation))
    local optional = has_required(operation.fields) and "" or "?"
    add("\n--- %s", operation.doc)
    add("---@param params%s %s.params\n---@param options? sms.call_options", optional, name)
    add("---@return %s? result\n---@return sms.error? err", returns)
    add("function %s:%s(params, options) end", client, operation[1])
    facade[#facade + 1] = ("---@field %s fun(params%s: %s.params, options?: sms.call_options): "
      .. "%s?, sms.error?"):format(operation[1], optional, name, returns)
  end
  facade[#facade + 1] = "---@field request fun(params: sms.request, options?: sms.call_options): "
    .. "table|string?, sms.error?"
  local methods = COMMON .. webhook_types.methods(provider) .. (provider.follow and FOLLOW or "")
  add("%s", (methods:gsub("%%s", client):gsub("\n$", "")))
  local item = ("%s.%s.params"):format(prefix, provider.bulk.operation)
  if provider.bulk.item then
    item = prefix .. ".bulk_item"
    class(add, item, provider.bulk.item.fields)
  end
  add("%s", (bulk_types.method:format(item, item, provider.name, client):gsub("\n$", "")))
  add("\n---@class %s\n---@overload fun(options?: %s.options): %s.client", prefix, prefix, prefix)
  add("%s", table.concat(facade, "\n"))
end

--- The text of lua/sms/meta.lua.
---@param providers table[]
---@return string
function types.text(providers)
  local classes = common_types.classes(providers) .. gateway_types.classes(providers)
    .. webhook_types.classes(providers) .. bulk_types.classes .. host_types.classes
    .. outbox_types.classes .. testing_types.of(providers)
  local lines = { (classes:gsub("\n$", "")) }
  local function add(text, ...)
    lines[#lines + 1] = text:format(...)
  end
  add "\n--- What client:request is asked."
  class(add, "sms.request", requests.fields(providers))
  for _, provider in ipairs(providers) do
    describe(add, provider)
  end
  lines[#lines + 1] = "\nreturn sms\n"
  return table.concat(lines, "\n")
end

return types
