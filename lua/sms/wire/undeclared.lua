--- Calls that no provider declares: `client:request { method, path, host, query, body }`. What is
--- asked becomes an operation, by the provider's APIs (sms.wire.apis), and goes the way of all
--- others. Pure.

local apis = require "sms.wire.apis"
local auth = require "sms.wire.auth"
local core = require "sms.core"
local json = require "sms.base.json"
local plain = require "sms.base.plain"
local request = require "sms.wire.request"
local urls = require "sms.base.urls"

local undeclared = {}

local HAS_BODY = { POST = true, PUT = true, PATCH = true }
local IN_FORM = { body = true, signature = true } -- credentials that stand in a form
local BODIES = { "body", "json", "form" }
local ANYTHING = { type = "any" }

local TAKEN = {} -- statuses
for status = 200, 299 do
  TAKEN[#TAKEN + 1] = status
end

-- Keys under which texts of messages are, though they have no blank.
local TEXTS = { text = true, body = true, content = true, message = true, title = true }

local function sorted_names(given)
  local names = {}
  for name in pairs(given) do
    names[#names + 1] = name
  end
  table.sort(names, plain.is_before)
  return names
end

--- One body, and only where there can be one.
local function has_one_body(params, problem)
  local first
  for _, name in ipairs(BODIES) do
    if params[name] and first then
      problem(name, ("does not go with %s: there is one body"):format(first))
    elseif params[name] and params.method and not HAS_BODY[params.method] then
      problem(name, ("does not go with %s: use query"):format(params.method))
    end
    first = first or params[name] and name
  end
end

--- The short names of a provider's hosts, in words.
---@param provider table
---@return string
function undeclared.hosts(provider)
  return table.concat(sorted_names(provider.hosts), ", ")
end

--- The params of `request`, for a provider.
---@param provider table
---@return table[] fields
function undeclared.fields(provider)
  return {
    { "method", type = "string", required = true,
      enum = { "GET", "POST", "PUT", "PATCH", "DELETE" }, doc = "HTTP method." },
    { "path", type = "string", required = true, format = "path",
      doc = "Path at the host, from `/` on, percent-encoded, without a query." },
    { "host", type = "string", enum = sorted_names(provider.hosts),
      doc = "Host by its short name; may be left out where the path tells." },
    { "query", type = "any", table = "object", doc = "Names and values behind the path." },
    { "body", type = "any", table = true,
      doc = "What is sent: JSON or a form, as the path takes it." },
    { "json", type = "any", table = true, doc = "In place of body: JSON." },
    { "form", type = "any", table = "object", doc = "In place of body: a form." },
  }
end

--- Notes what cannot stand in a query or form, and credentials, which are added.
local function check_names(provider, what, given, is_flat, note)
  local own = {}
  for _, name in pairs(provider.auth_parameters or {}) do
    own[name] = true
  end
  if is_flat and given[1] ~= nil then
    return note(what, "must have names for keys")
  end
  for _, name in ipairs(given[1] == nil and sorted_names(given) or {}) do
    local path = what .. "." .. name:gsub("[%z\1-\31\127]", "?"):sub(1, 60)
    if own[name] then
      note(path, "is added by the client")
    elseif is_flat and type(given[name]) == "table" then
      note(path, "must not be a table")
    end
  end
end

--- The declared operation that has a place, as the client has it; a GET that is no read does what
--- its POST does.
local function declared_at(client, host, place, method, is_read)
  local sends = method == "GET" and not is_read and "POST"
  for _, operation in pairs(client.operations) do
    if operation.path == place and operation.hosts[1] == host
      and (operation.method == method or operation.method == sends) then
      return operation
    end
  end
end

--- How the credentials go, and how the body is written, if there is one.
local function ways(client, api, host, place, given, note)
  local kind = auth.kind(client, { hosts = { host }, path = place, method = given.method })
  local has_body = HAS_BODY[given.method]
  local content = given.json and "json" or given.form and "form"
    or given.body and (api.body or "json") or nil
  if not kind then
    note("path", "is at no API of which it is known how it takes credentials")
  elseif kind == "body" and not has_body then
    kind = "query"
  elseif kind == "signature" and (not has_body or given.query) then
    note(has_body and "query" or "method", "does not go with what is signed: it is a form")
  elseif IN_FORM[kind] and given.json then
    note("json", "does not go with the credentials, which stand in a form here")
  end
  local lacking = kind and client.lacking[kind]
  if lacking then
    note(lacking[1], lacking[2])
  end
  return kind, IN_FORM[kind] and "form" or content
end

--- The table that is sent; what stands in it under one of these names is no param.
local function body_of(params)
  return rawget(params, "body") or rawget(params, "json") or rawget(params, "form")
end

--- Texts of messages that may be among what is sent.
local function texts_of(params)
  local texts = {}
  local function look(value, name)
    if type(value) == "table" then
      for key, part in pairs(value) do
        look(part, key)
      end
    elseif type(value) == "string" and (TEXTS[name] or value:find "[\t-\r ]") then
      texts[#texts + 1] = value
    end
  end
  look(rawget(params, "query"))
  look(body_of(params))
  return texts
end

--- Builds a request, as request.build does.
local function build(operation, params, base, signed)
  local built = { method = operation.method, url = base .. params.path,
    content = operation.body or "none" }
  local query, body = rawget(params, "query"), body_of(params)
  query = query and core.form(request.pairs_of(query)) or ""
  if query ~= "" then
    built.url = built.url .. "?" .. query
  end
  if operation.body == "json" then
    built.body = json.encode_any(body)
  elseif signed then
    built.form = request.pairs_of(body or {})
  elseif operation.body then
    built.body = core.form(request.pairs_of(body or {}))
  end
  return built
end

local function new_kind(method, place, host, kind, content, api, declared)
  local function judge(result)
    return type(result) == "table" and api.judge(result) or nil
  end
  return {
    "request",
    method = method, path = place, hosts = { host }, auth = kind, body = content,
    success = declared and declared.success or not declared and TAKEN or nil,
    fields = {}, writer = false, texts = texts_of, build = build,
    returns = declared and declared.returns or not declared and ANYTHING or nil,
    judge = declared and declared.judge or not declared and api.judge and judge or nil,
    limits_as = declared and declared[1],
  }
end

--- The params, behind which stand the values that limits ask for.
local function params_of(given)
  local values = {}
  for _, part in ipairs { given.query or {}, body_of(given) or {} } do
    for name, value in pairs(part) do
      local is_text = type(value) == "string" or type(value) == "number"
      values[name] = is_text and request.text_of(value) or nil
    end
  end
  return setmetatable(given, { __index = values })
end

--- The operation that is asked, of params that are checked.
local function settle(kinds, client, given, note)
  local provider = client.provider
  local place = urls.place(given.path)
  local host = given.host or apis.host_of(provider, place, given.method)
  if not host then
    return note("host", "is required with this path: one of " .. undeclared.hosts(provider))
  end
  local api = apis.of(provider, host, place, given.method)
  local kind, content = ways(client, api, host, place, given, note)
  check_names(provider, "query", given.query or {}, true, note)
  for _, name in ipairs(BODIES) do
    check_names(provider, name, given[name] or {}, content == "form", note)
  end
  local is_read = apis.is_read(provider, place, given.method)
  local declared = declared_at(client, host, place, given.method, is_read)
  local key = table.concat({ given.method, host, content or "", tostring(kind), tostring(is_read),
    declared and "at" or "below", declared and declared.path or api.path or "" }, " ")
  if not kinds[key] then
    kinds[key] = new_kind(given.method, place, host, kind, content, api, declared)
    kinds[key].safe = is_read
  end
  return kinds[key], params_of(given)
end

--- What a client has as its operation `request`. Its params settle which operation it is.
---@param provider table
---@return table
function undeclared.operation(provider)
  local kinds = {} -- operations: there are as many as APIs, and ways to ask them
  return {
    "request",
    method = "GET", path = "/", hosts = {}, -- until it is settled
    fields = undeclared.fields(provider), rules = { has_one_body }, writer = false,
    settle = function(client, given, note)
      return settle(kinds, client, given, note)
    end,
  }
end

return undeclared
