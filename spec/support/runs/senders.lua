-- Processes that send under one limit (sender_child.lua), to be killed at any instant.
--
--     local running = senders.start(16, { url = box.urls.nexmo, calls = 100, period = 0.5,
--       ends = core.now() + 8, share = "machine", place = folder })
--     running:kill_one()                   by chance, with -9; another one takes its place
--     running:wait()                       until all have ended by themselves

local core = require "sms.core"
local lua_process = require "spec.support.lua_process"
local process = require "spec.support.process"

local senders = {}

local methods = {}
local Senders = { __name = "senders", __index = methods }

function methods:launch()
  local given = self.given
  local command = lua_process.command("spec/support/runs/sender_child.lua", nil, { given.url,
    tostring(given.calls), tostring(given.period), ("%.3f"):format(given.ends), given.share,
    tostring(given.place) })
  return tonumber(process.output_of(command .. " >/dev/null 2>&1 & echo $!"))
end

function methods:kill_one()
  local victim = 1 + math.floor(core.random() * #self.pids)
  process.signal("KILL", self.pids[victim])
  self.pids[victim] = self:launch()
  self.killed = self.killed + 1
end

function methods:wait()
  for _, pid in ipairs(self.pids) do
    process.wait("a sender to end", self.given.ends - core.now() + 5,
      function() return not process.lives(pid) end)
  end
end

function senders.start(count, given)
  local self = setmetatable({ given = given, pids = {}, killed = 0 }, Senders)
  for i = 1, count do self.pids[i] = self:launch() end
  return self
end

return senders
