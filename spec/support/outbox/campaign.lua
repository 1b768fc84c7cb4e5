-- Items in an outbox, workers that send them (worker_child.lua), and what became of each.
--
--     local campaign = campaigns.new { box = box, server = server, folder = folder, items = 3000,
--       worker = { in_flight = 8, calls = 200, period = 0.2 } }
--     campaign:add()
--     campaign:launch(8)                    workers "w1" to "w8"
--     campaign:kill(campaign:any())         one of them, with -9
--     campaign:revive()                     those that have ended or were killed begin anew
--     campaign:left()                       items that have not ended; nil: Redis is away
--     campaign:wait()                       until all items have ended, and the workers with them
--     campaign:judge()                      { listed, missing, again, arrivals }
--     campaigns.end_all()                   after each case

local core = require "sms.core"
local items = require "spec.support.runs.bulk_items"
local lua_process = require "spec.support.lua_process"
local process = require "spec.support.process"
local redis = require "sms.redis"
local redis_client = require "spec.support.servers.redis_client"
local sandbox = require "spec.support.servers.sandbox"
local socket = require "socket"

local campaigns = {}

local AT_ONCE = 1000 -- items that are added by one call
local PATIENCE = 600 -- seconds for all items to end
local LAST = 30 -- seconds for the workers to end after them

local methods = {}
local Campaign = { __name = "campaign", __index = methods }

local count = 0
local births = {} -- of all workers that were started, by their process ids

--- Whether a worker lives: most have ended long since, and their numbers may be somebody else's.
local function lives(pid)
  return births[pid] ~= nil and births[pid] == process.birth(pid) and process.lives(pid)
end

--- Ends what of all workers still lives, whatever has become of their case.
function campaigns.end_all()
  for pid in pairs(births) do
    if lives(pid) then process.signal("KILL", pid) end
  end
  births = {}
end

--- An outbox whose name nobody else has, of the server that is asked now.
local function open_outbox(self)
  local options = redis_client.options(function() return self.server.port end, 5)
  self.outbox = assert(redis.outbox { connect = options.connect, release = options.release,
    name = self.name, keep = self.given.keep, risk = self.given.risk })
end

--- @param given { box: table, server: table, folder: string, items: integer, worker: table?,
---   keep: number?, risk: string?, provider: string? } `worker`: what worker_child.lua is given
---   beside what all are; `provider`: nexmo if left out
function campaigns.new(given)
  count = count + 1
  local self = setmetatable({ given = given, provider = given.provider or "nexmo",
    server = given.server, pids = {}, starts = 0, killed = 0,
    name = ("campaign-%x-%d"):format(math.floor(core.random() * 2 ^ 32), count) }, Campaign)
  self.told_path = ("%s/told-%d"):format(given.folder, count)
  self.port_path = ("%s/port-%d"):format(given.folder, count)
  self:use(given.server)
  open_outbox(self)
  return self
end

--- Has all workers ask another server from now on.
function methods:use(server)
  self.server = server
  local file = assert(io.open(self.port_path .. ".new", "w"))
  file:write(server.port, "\n")
  file:close()
  assert(os.rename(self.port_path .. ".new", self.port_path))
end

local REFERENCES = { nexmo = '"ref":"(%d+)"', retarus = [[customerRef\":\"(%d+)]] }

local function key_of(item) return "k" .. (item["client-ref"] or item.customerRef) end

--- Adds the items from one number to another; all if left out.
function methods:add(first, last)
  first, last = first or 1, last or self.given.items
  for at = first, last, AT_ONCE do
    local list = {}
    for i = at, math.min(at + AT_ONCE - 1, last) do list[#list + 1] = items[self.provider](i) end
    assert(self.outbox:add(list, { key = key_of }))
  end
  return self
end

--- Starts one worker, with more than all are given; its process id.
function methods:start(more)
  self.starts = self.starts + 1
  local given = { outbox = self.name, port = self.port_path, provider = self.provider,
    url = self.given.box.urls[self.provider], told = self.told_path, worker = "w",
    keep = self.given.keep, risk = self.given.risk }
  for _, list in ipairs { self.given.worker or {}, more or {} } do
    for name, value in pairs(list) do given[name] = value end
  end
  local words = {}
  for name, value in pairs(given) do words[#words + 1] = name .. "=" .. tostring(value) end
  local command = lua_process.command("spec/support/outbox/worker_child.lua", nil, words)
  local pid = tonumber(process.output_of(("%s >/dev/null 2>>%s.err & echo $!"):format(command,
    self.told_path)))
  births[pid] = process.birth(pid)
  return pid
end

--- Starts so many workers; `more`: what a worker is given beside, by its number.
function methods:launch(workers, more)
  self.more = more or function(i) return { worker = "w" .. i } end
  for i = 1, workers do self.pids[i] = self:start(self.more(i)) end
  return self
end

function methods:any()
  return 1 + math.floor(core.random() * #self.pids)
end

--- Kills a worker with -9, by its number.
function methods:kill(i)
  if lives(self.pids[i]) then
    process.signal("KILL", self.pids[i])
    self.killed = self.killed + 1
  end
end

--- Starts those workers again that live no more; what one of them complained of is a fault.
function methods:revive()
  local complaints = process.read(self.told_path .. ".err") or ""
  if complaints ~= "" then error(complaints, 2) end
  for i, pid in ipairs(self.pids) do
    if not lives(pid) then self.pids[i] = self:start(self.more(i)) end
  end
end

--- How many lines the workers were told so far, nearly: by the size of what they wrote.
function methods:progress()
  local file = io.open(self.told_path)
  local size = file and file:seek "end" or 0
  if file then file:close() end
  return size / #"1000 accepted w1\n"
end

--- How many items have not ended; nil where Redis does not say.
function methods:left()
  local status = self.outbox:status()
  return status and status.queued + status.delayed + status.taken + status.begun
end

--- Waits until all items have ended, and then the workers; those that have ended before that are
--- started again.
function methods:wait()
  local gives_up = socket.gettime() + PATIENCE
  while self:left() ~= 0 do
    assert(socket.gettime() < gives_up, "the items do not end")
    self:revive()
    socket.sleep(0.1)
  end
  for _, pid in ipairs(self.pids) do
    process.wait("a worker to end", LAST, function() return not lives(pid) end)
  end
  if self.killed > 0 then -- what a killed one was telling, another tells when its lease is over
    local pid = self:start { worker = "last", block = 1.5 }
    process.wait("the last worker to end", LAST, function() return not lives(pid) end)
  end
  return self
end

--- What the workers were told: by number of the item, its outcomes in order.
function methods:read_told()
  local told = {}
  for line in (process.read(self.told_path) or ""):gmatch "[^\n]+" do
    local ordinal, outcome, worker = line:match "^(%d+) (%S+) (%S+)$"
    assert(ordinal, line)
    ordinal = tonumber(ordinal)
    told[ordinal] = told[ordinal] or {}
    table.insert(told[ordinal], { outcome = outcome, worker = worker })
  end
  return told
end

--- How often each item arrived, by number.
function methods:read_arrivals()
  local box, counts = self.given.box, {}
  local status, text, headers = sandbox.request("GET", box.urls.control .. "/_sandbox/arrivals")
  assert(status == 200 and (headers.dropped or "0") == "0", "arrivals are missing")
  for line in text:gmatch "[^\n]+" do
    for ordinal in line:gmatch(REFERENCES[self.provider]) do
      ordinal = tonumber(ordinal)
      counts[ordinal] = (counts[ordinal] or 0) + 1
    end
  end
  return counts, box:arrivals()
end

--- The list of what is ambiguous, by number of the item; an item that stands twice is a fault.
function methods:read_listed()
  local listed, size = {}, 0
  for _, entry in ipairs(assert(self.outbox:ambiguous())) do
    local ordinal = tonumber(entry.key:match "^k(%d+)$")
    assert(not listed[ordinal], ("item %d is listed twice"):format(ordinal))
    listed[ordinal], size = entry, size + 1
  end
  return listed, size
end

--- Judges a campaign that has ended, by what the provider saw: nothing twice, nothing lost, what is
--- not known is listed once, and was told.
---@return { listed: integer, missing: integer, again: integer, arrivals: table }
---  `missing`: listed ones that had not arrived; `again`: items that were told more than once
function methods:judge()
  local counts, arrivals = self:read_arrivals()
  local told, listed = self:read_told(), self:read_listed()
  local result = { listed = 0, missing = 0, again = 0, arrivals = arrivals }
  for i = 1, self.given.items do
    local arrived, is_listed = counts[i] or 0, listed[i] ~= nil
    if arrived > 1 then error(("item %d arrived %d times"):format(i, arrived)) end
    if arrived == 0 and not is_listed then
      local last, kept = told[i] and told[i][#told[i]].outcome, self.outbox:result("k" .. i)
      error(("item %d is lost, told as %s, kept as %s (%s)"):format(i, tostring(last),
        tostring(kept and kept.outcome), tostring(kept and kept.message)))
    end
    if is_listed then
      result.listed, result.missing = result.listed + 1, result.missing + 1 - arrived
      if not told[i] then error(("item %d is listed and was never told"):format(i)) end
    end
    result.again = result.again + (told[i] and #told[i] > 1 and 1 or 0)
  end
  return result
end

return campaigns
