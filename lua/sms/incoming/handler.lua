--- A content handler of nginx that takes a provider's webhooks. Its answers tell it what to
--- do: 204 done; 401 not signed as it must be; 400 not readable; 500 send it again.

local errors = require "sms.base.errors"
local params = require "sms.wire.webhook_params"
local registry = require "sms.base.registry"
local webhook = require "sms.incoming.webhook"

local handler = {}

local OPTIONS = { client = true, on = true, tolerance = true, nonce_store = true }
local LEASE = 60 -- seconds after which a webhook whose worker has died may come again
local STATUSES = { auth = 401, internal = 500 } -- by the kind of an error; others are 400

local function check_functions(client, on)
  local kinds = {}
  for _, kind in ipairs(client.provider.webhooks.kinds) do
    kinds[kind[1]] = true
  end
  for kind, f in pairs(on) do
    if not kinds[kind] then
      return ("on: '%s' is no kind of webhook"):format(tostring(kind))
    elseif type(f) ~= "function" then
      return ("on.%s: a function was expected"):format(kind)
    end
  end
end

local function check_options(options)
  if type(options) ~= "table" then
    return "a table was expected"
  end
  for name in pairs(options) do
    if not OPTIONS[name] then
      return ("'%s' is not known"):format(tostring(name))
    end
  end
  local client = options.client
  if type(client) ~= "table" or not client.read_webhook or not client.provider then
    return ("client: a client of %s was expected"):format(registry.names "webhooks")
  elseif type(options.on) ~= "table" then
    return "on: a table of functions was expected"
  end
  return check_functions(client, options.on)
end

--- The body, from memory or from the file that nginx has put it in; one byte more than is
--- read at most shows that it is too long.
local function body_of(ngx)
  ngx.req.read_body()
  local body, path = ngx.req.get_body_data(), ngx.req.get_body_file()
  if not body and path then
    local file, why = io.open(path, "rb")
    if not file then
      return nil, why
    end
    body = file:read(params.longest + 1)
    file:close()
  end
  return body or ""
end

local function answer(ngx, status)
  ngx.status = status
  ngx.header["Content-Length"] = status ~= 204 and 0 or nil
  ngx.send_headers()
  return ngx.exit(ngx.OK)
end

--- Whether a function has dealt with a webhook; then why not. Nothing at all is well.
local function deal(f, read)
  local ok, result, why = pcall(f, read.fields, read)
  if not ok then
    return false, result
  end
  return result ~= false and (result ~= nil or why == nil), why or "it returned false"
end

--- nginx adds the request's first line to what a request logs, and with it the query, which has
--- numbers, texts and the signature; what a timer logs has none.
local function log(ngx, level, message)
  if ngx.req.get_method() == "GET" then
    ngx.timer.at(0, function()
      ngx.log(level, message)
    end)
  else
    ngx.log(level, message)
  end
end

local function handle(ngx, options, chosen)
  local method, query = ngx.req.get_method(), ngx.var.args
  if method == "HEAD" or method == "GET" and (query or "") == "" then
    return 200 -- the provider looks whether there is somebody, when an address is set
  end
  local body, failure = body_of(ngx)
  if not body then
    return 500, "the body cannot be read: " .. tostring(failure)
  end
  local read, err, kept = webhook.read(options.client, { method = method, query = query,
    headers = ngx.req.get_headers(), body = body }, chosen, os.time() + options.client.clock.ahead)
  if not read then
    return STATUSES[err.kind] or 400, tostring(err)
  end
  local f = options.on[read.kind]
  local is_done, why = true, nil
  if f then
    is_done, why = deal(f, read)
  end
  webhook.settle(chosen.nonce_store, kept, is_done)
  webhook.count(options.client, is_done and "accepted" or "failed", read.kind)
  if not is_done then
    return 500, read.kind .. ": " .. errors.safe_text(tostring(why))
  end
  return 204
end

--- Makes a content handler for webhooks.
---@param options { client: table, on: table<string, function>, tolerance: number|false|nil,
---  nonce_store: table? } `on` has a function for each kind of webhook that matters, which gets
---  its fields and the whole; it has failed where it raises, or returns false, or nil and why
---@return fun()
function handler.new(options)
  local message = check_options(options)
  local chosen
  if not message then
    chosen, message = webhook.options(options.client, {
      tolerance = options.tolerance, nonce_store = options.nonce_store,
    })
  end
  if message then
    error("sms.nginx.handler: " .. message, 2)
  end
  chosen.lease = LEASE
  return function()
    local ngx = rawget(_G, "ngx")
    local status, problem = handle(ngx, options, chosen)
    if problem then
      log(ngx, status == 500 and ngx.ERR or ngx.WARN, problem)
    end
    return answer(ngx, status)
  end
end

return handler
