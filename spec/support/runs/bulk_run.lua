-- Runs bulk_child.lua: once, or killed and started again until it has come to its end.
--
--     local run = bulk_run.new { provider = "nexmo", url = box.urls.nexmo, items = 300,
--       in_flight = 32, folder = folder, journal = true, sync = false }
--     run:start():wait()              one process to its end
--     run:kill_at(size)               once its journal has that many bytes
--     run.accepted, run.peak, run.told[17] == "ambiguous"

local core = require "sms.core"
local lua_process = require "spec.support.lua_process"
local process = require "spec.support.process"
local socket = require "socket"

local bulk_run = {}

local PATIENCE = 3000 -- seconds for a million items

local methods = {}
local Run = { __name = "bulk_run", __index = methods }

--- @param given { provider: string, url: string, items: integer, in_flight: integer,
---   folder: string, journal: boolean?, sync: boolean?, environment: table? }
function bulk_run.new(given)
  return setmetatable({ given = given, told_path = given.folder .. "/told",
    journal_path = given.folder .. "/journal", killed = 0 }, Run)
end

--- Starts a process that goes on where the last one was.
function methods:start()
  local given = self.given
  local command = lua_process.command("spec/support/runs/bulk_child.lua", given.environment, {
    given.provider, given.url, tostring(given.items), tostring(given.in_flight), self.told_path,
    given.journal and self.journal_path or nil, given.journal and given.sync and "sync" or nil })
  self.pid = tonumber(process.output_of(("%s >/dev/null 2>%s & echo $!"):format(command,
    self.told_path .. ".err")))
  return self
end

local function size_of(path)
  local file = io.open(path, "rb")
  local size = file and file:seek "end" or 0
  if file then file:close() end
  return size
end

--- Kills the process with -9 once its journal has so many bytes, and a moment later; false
--- where it had ended before.
function methods:kill_at(size, moment)
  while size_of(self.journal_path) < size do
    if not process.lives(self.pid) then return false end
    socket.sleep(0.001)
  end
  socket.sleep(moment or 0)
  if not process.lives(self.pid) then return false end
  process.signal("KILL", self.pid)
  process.wait("a killed process to go", 5, function() return not process.lives(self.pid) end)
  self.killed = self.killed + 1
  return true
end

function methods:read_told()
  self.told, self.done, self.failure = {}, nil, nil
  for line in (process.read(self.told_path) or ""):gmatch "[^\n]+" do
    local ordinal, outcome = line:match "^(%d+) (%S+)$"
    if ordinal then
      self.told[tonumber(ordinal)] = outcome
    elseif line:find "^done " then
      self.accepted, self.peak = line:match "^done (%d+) (%d+)$"
      self.accepted, self.peak, self.done = tonumber(self.accepted), tonumber(self.peak), true
    else
      self.failure = line
    end
  end
end

--- Waits until the process has ended by itself, well.
function methods:wait()
  process.wait("the campaign to end", PATIENCE, function() return not process.lives(self.pid) end)
  self:read_told()
  if not self.done then
    error(self.failure or process.read(self.told_path .. ".err"), 2)
  end
  return self
end

--- Sends the campaign, killed about so many times at instants that are chance, up to so many
--- seconds after it has come to a place that is chance.
function methods:send_with_kills(kills, longest_moment)
  local whole = self.given.items * 128 -- bytes of the journal when all is done
  self:start()
  for i = 1, kills do
    local at = core.random() < 0.1 and 0 or (i - core.random()) / kills * whole
    local moment = core.random() * longest_moment
    if not self:kill_at(at, moment) then
      break
    end
    self:read_told()
    if self.failure then error(self.failure, 2) end
    self:start()
  end
  return self:wait()
end

return bulk_run
