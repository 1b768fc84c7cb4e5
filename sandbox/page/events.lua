-- What the page waits for: server-sent events that say how much there is of everything, whenever
-- that has changed, five times a second at most. They never grow: the page asks for what it shows.

local arrivals = require "arrivals"
local callbacks = require "callbacks"
local faults = require "faults"
local http = require "base.http"
local json = require "base.json"
local more = require "page.more"
local settings = require "settings"

local events = {}

local MOST = 32 -- watchers
local PAUSE, HEARTBEAT = 0.2, 5 -- seconds

local function hits()
  local sum = 0
  for _, fault in ipairs(faults.list()) do sum = sum + fault.hits end
  return sum
end

-- As text in one order, so that texts can be compared.
local function state()
  local control, counts = ngx.shared.control, callbacks.counts()
  local used = {}
  for i, limit in ipairs(more.limits()) do used[i] = limit.used end
  return json.encode(json.list {
    arrivals.count(), callbacks.attempts(), counts.waiting,
    control:get "faults_version" or 0, hits(), control:get "settings_version" or 0,
    control:get "callbacks" or 0, json.list(used),
  })
end

local function watch()
  local last, quiet = nil, 0
  while not ngx.worker.exiting() do
    settings.load()
    local now, said = state(), true
    if now ~= last then
      said, last, quiet = ngx.print("event: state\ndata: ", now, "\n\n"), now, 0
    elseif quiet >= HEARTBEAT then
      said, quiet = ngx.print ": \n\n", 0
    end
    if not said or not ngx.flush(true) then return end
    ngx.sleep(PAUSE)
    quiet = quiet + PAUSE
  end
end

--- Answers until the watcher goes.
function events.serve()
  local control = ngx.shared.control
  if control:incr("watchers", 1, 0) > MOST then
    control:incr("watchers", -1)
    return http.json(503, { message = "too many watch already" })
  end
  ngx.header["Content-Type"] = "text/event-stream"
  local ok, message = pcall(watch)
  control:incr("watchers", -1)
  if not ok then ngx.log(ngx.ERR, message) end
  return nil
end

return events
