-- The paths under /_sandbox/: faults, settings, arrivals, callbacks, application, reset.

local arrivals = require "arrivals"
local callbacks = require "callbacks"
local faults = require "faults"
local guard = require "page.guard"
local http = require "base.http"
local json = require "base.json"
local page = require "page"
local settings = require "settings"
local store = require "nexmo.applications.store"
local webhooks = require "nexmo.webhooks"

local control = {}

local function answer(message)
  if message then return http.json(400, { message = message }) end
  return http.json(200, { ok = true })
end

local function decoded(request, take)
  local value = json.decode(request.body)
  if type(value) ~= "table" then return answer "the body must be JSON" end
  return answer(take(value))
end

local function change(changes)
  local message = settings.change(changes)
  settings.load()
  if not message and changes.balance then ngx.shared.nexmo:delete "spent" end
  return message
end

local function remove_faults(request)
  local given = http.query(request).id
  local id = tonumber(given)
  if given and not id then return answer "id: must be a number" end
  return answer(faults.remove(id))
end

local function reset()
  arrivals.reset()
  ngx.shared.retarus:flush_all()
  ngx.shared.retarus:flush_expired()
  ngx.shared.nexmo:flush_all()
  ngx.shared.nexmo:flush_expired()
  callbacks.reset()
  faults.remove()
  settings.reset()
  return answer()
end

local function print_arrivals(request)
  local query = http.query(request)
  if query.count then
    local text = tostring(arrivals.count())
    return { status = 200, body = text, type = "text/plain" }
  end
  ngx.header["Content-Type"] = "application/x-ndjson"
  ngx.header["Dropped"] = arrivals.dropped()
  arrivals.print(tonumber(query.from) or 1)
  return nil
end

local function print_callbacks(request)
  if http.query(request).count then return http.json(200, callbacks.counts()) end
  return { status = 200, body = callbacks.lines(), type = "application/x-ndjson" }
end

local paths = {
  ["/_sandbox/faults"] = {
    GET = function() return http.json(200, faults.list()) end,
    POST = function(request) return decoded(request, faults.add) end,
    DELETE = remove_faults,
  },
  ["/_sandbox/settings"] = {
    GET = function() return http.json(200, settings.get()) end,
    POST = function(request) return decoded(request, change) end,
    DELETE = function() return answer(settings.reset()) end,
  },
  ["/_sandbox/arrivals"] = {
    GET = print_arrivals,
    DELETE = function() return answer(arrivals.reset()) end,
  },
  ["/_sandbox/application"] = {
    GET = function()
      local application = store.built_in()
      return http.json(200, { id = application.id, keys = application.keys })
    end,
  },
  ["/_sandbox/inbound"] = {
    POST = function(request) return decoded(request, webhooks.inbound) end,
  },
  ["/_sandbox/webhooks"] = {
    POST = function(request) return decoded(request, webhooks.on_demand) end,
  },
  ["/_sandbox/callbacks"] = {
    GET = print_callbacks,
    DELETE = function() return answer(callbacks.reset()) end,
  },
  ["/_sandbox/reset"] = { POST = reset },
}
for path, handler in pairs(page.paths) do paths[path] = { GET = handler } end

--- Answers a request to a control path, or for the page.
function control.handle(request)
  local refused = guard.check(request)
  if refused then return http.send(http.json(403, { message = refused })) end
  local methods = paths[request.path]
  local handler = methods and methods[request.method]
  local response
  if handler then
    response = handler(request)
  else
    response = http.json(methods and 405 or 404, { message = "no such control" })
  end
  if response then return http.send(response) end
  return ngx.exit(ngx.OK)
end

return control
