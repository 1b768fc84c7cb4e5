-- `sms worker` and `sms outbox` of specs: a Redis that is set as an outbox needs it, a sandbox, and
-- for each spec an outbox of its own.
--
--     local made = outboxes.for_specs()
--     made:add(20)                                 -- to 447700900001 and on, keys k1 and on
--     local ended = made:sms("outbox", "status")   -- or made:line(…), the shell command
--     local ended = made:stopped("TERM", function(said) return said():find "waiting" end)
--     made.server, made.box, made.name, made:outbox()

local process = require "spec.support.process"
local child = require "spec.support.child"
local redis = require "sms.redis"
local redis_client = require "spec.support.servers.redis_client"
local redis_server = require "spec.support.servers.redis_server"
local run = require "spec.support.runs.command"
local sandbox = require "spec.support.servers.sandbox"

local outboxes = {}

local methods = {}
local Made = { __name = "outboxes", __index = methods }

outboxes.SAFE = "--appendfsync always --maxmemory-policy noeviction"

--- Of a file or a `describe`. Options: those of Redis beside what is needed, as a text.
function outboxes.for_specs(options)
  local busted = require "busted"
  local self = setmetatable({ home = run.home(), box = sandbox.for_specs(), count = 0 }, Made)
  busted.setup(function()
    self.server = redis_server.start(outboxes.SAFE .. " " .. (options or ""))
  end)
  busted.teardown(function() self.server:stop() end)
  busted.before_each(function()
    self.count = self.count + 1
    self.name = ("box%d"):format(self.count)
  end)
  return self
end

--- The outbox itself.
function methods:outbox()
  local options = redis_client.options(self.server.port)
  options.name = self.name
  return assert(redis.outbox(options))
end

--- Adds so many texts; the ids.
function methods:add(count, more)
  local items, ids = {}, {}
  for i = 1, count do
    items[i] = { from = "Acme", to = ("4477009%05d"):format(i), text = "Hello",
      ["client-ref"] = "k" .. i }
  end
  local options = { key = function(item) return item["client-ref"] end }
  for name, value in pairs(more or {}) do options[name] = value end
  for i, one in ipairs(assert(self:outbox():add(items, options))) do ids[i] = one.id end
  return ids
end

--- What the processes have in their environment.
function methods:environment(more)
  local all = { HOME = self.home, SMS_PROVIDER = "nexmo",
    SMS_REDIS = "127.0.0.1:" .. self.server.port }
  for name, value in pairs(more or {}) do all[name] = value end
  return run.with(self.box, all)
end

--- The shell command for some words, with the name of the outbox.
function methods:line(...)
  local words, more = { ... }, nil
  if type(words[#words]) == "table" then more = table.remove(words) end
  words[#words + 1] = "--outbox=" .. self.name
  if words[1] == "worker" then words[#words + 1] = "--yes" end
  return run.line(words, self:environment(more))
end

--- Runs it to its end.
function methods:sms(...)
  return child.shell("exec " .. self:line(...))
end

--- A worker that a signal stops once a condition holds, which is told what it has said by then on
--- its standard error; how it ended.
function methods:stopped(signal, condition, ...)
  local path = ("%s/said%d"):format(self.home, self.count)
  local function said() return process.read(path) or "" end
  local ended = process.interrupted(("%s 2>%s"):format(self:line("worker", ...), path),
    function() return condition(said) end, signal)
  ended.err = said()
  return ended
end

--- The numbers that have got a text, each as often as it did.
function methods:arrived()
  local counts, total = {}, 0
  for _, arrival in ipairs(self.box:arrivals "send_sms") do
    counts[arrival.to] = (counts[arrival.to] or 0) + 1
    total = total + 1
  end
  return counts, total
end

return outboxes
