-- Makes many calls of a sandbox that fails now and then, in a process of its own, and forks.
--
--     child.lua CALLS ROUND RATE FORKS
--
-- In rounds of ROUND calls, RATE a second at most (of the library's own limit), by send_all with
-- one client. Amidst them it forks, FORKS times in all: each child makes one call with the client
-- that it has inherited, and ends. After each round, while nothing is in flight, what was told is
-- held against what the provider has taken, and memory is looked at. Prints a line for each thing
-- that is wrong, and at the end figures, NAME=VALUE.

local core = require "sms.core"
local growth = require "spec.support.load.growth"
local processes = require "processes"
local sandbox = require "spec.support.servers.sandbox"
local wire = require "spec.support.wire"

local CALLS, ROUND, RATE, FORKS = tonumber(arg[1]), tonumber(arg[2]), tonumber(arg[3]),
  tonumber(arg[4])
local ROUNDS = CALLS / ROUND
local FORKED = math.floor(FORKS / ROUNDS) -- in a round
local ALIVE = 8 -- children, at most

local IN_FLIGHT = 64
local SPARE = 4 -- sockets that are no connections of calls

local TIMEOUT = 1 -- seconds of a call

-- 5 %, of each kind that a sandbox knows: before the text was taken, and after it.
local FAULTS = {
  { kind = "status", status = 500, probability = 0.01 },
  { kind = "throttle", http = true, retry_after = 0, probability = 0.01 },
  { kind = "close", probability = 0.005 },
  { kind = "reset", probability = 0.005 },
  { kind = "lost_answer", how = "close", probability = 0.005 },
  { kind = "lost_answer", how = "reset", probability = 0.003 },
  { kind = "lost_answer", how = "cut_head", probability = 0.002 },
  { kind = "cut", probability = 0.002 },
  { kind = "latency", seconds = 0.3, probability = 0.005 },
  { kind = "latency", seconds = 2 * TIMEOUT, probability = 0.003 },
}

-- Exit codes of children, by outcome.
local CODES = { accepted = 0, rejected = 4, not_sent = 3, ambiguous = 5 }
local OUTCOMES = {}
for outcome, code in pairs(CODES) do OUTCOMES[code] = outcome end

local box = sandbox.start { tls = false }
for _, fault in ipairs(FAULTS) do
  fault.operation = "send_sms"
  box:fault(fault)
end

local function problem(...)
  print(("problem: " .. ...):format(select(2, ...)))
end

local function client()
  return wire.nexmo(box, { timeout = TIMEOUT, rate_limit = { calls = RATE / 10, period = 0.1 },
    retry = { attempts = 3, base = 0.01, cap = 0.05 } })
end

local function text(ref)
  return { from = "Acme", to = "447700900000", text = "Hello", ["client-ref"] = tostring(ref) }
end

local counts = { accepted = 0, rejected = 0, not_sent = 0, ambiguous = 0, forks = 0 }

-- What was told of this round and of the one before, by the number within it: a call that timed out
-- may be read by the provider a little later. These are all there is, however long it runs, and as
-- large from the start: where tables grow as it happens, they are of another size each time.
local told, before = {}, {}
for number = 1, ROUND + FORKED do told[number], before[number] = false, false end

local function tell(number, outcome)
  if told[number] then problem("%d was told twice", number) end
  if not CODES[outcome] then problem("%d: %s", number, tostring(outcome)) end
  told[number] = outcome
  counts[outcome] = (counts[outcome] or 0) + 1
end

local children, alive = {}, 0 -- numbers of their calls, by process id

--- Those that have ended are told of; with `wait`, once another has.
local function reap(wait)
  local pid, code = processes.ended(wait)
  if not pid then return end
  tell(children[pid], OUTCOMES[code] or "exit code " .. code)
  children[pid], alive = nil, alive - 1
  return reap()
end

local function fork(sender, round, number)
  while alive >= ALIVE do reap(true) end
  local pid = processes.fork()
  if pid == 0 then
    local ok, result, err = pcall(sender.send_sms, sender, text(round .. "/" .. number))
    os.exit(not ok and 1 or CODES[result and "accepted" or err.outcome])
  end
  children[pid], alive = number, alive + 1
  counts.forks = counts.forks + 1
end

local function check_arrivals(round, last)
  local taken, lists = {}, { [round] = told, [round - 1] = before }
  for _, arrival in ipairs(box:arrivals "send_sms") do
    local of, number = arrival.ref:match "^(%d+)/(%d+)$"
    number = tonumber(number)
    local outcome = (lists[tonumber(of)] or {})[number]
    if arrival.accepted then
      if taken[arrival.ref] then problem("%s was taken twice", arrival.ref) end
      taken[arrival.ref] = true
      if outcome ~= "accepted" and outcome ~= "ambiguous" then
        problem("%s was taken, and told as %s", arrival.ref, tostring(outcome))
      end
    end
  end
  for number = 1, last do
    if not told[number] then problem("%d/%d was never told", round, number) end
    if told[number] == "accepted" and not taken[round .. "/" .. number] then
      problem("%d/%d was told as accepted, and is lost", round, number)
    end
  end
  box:clear_arrivals()
  for number = 1, last do before[number], told[number] = told[number], false end
end

local function run_round(sender, round)
  local read, every = 0, FORKED > 0 and math.floor(ROUND / FORKED)
  local forked = 0
  local function source()
    read = read + 1
    return read <= ROUND and text(round .. "/" .. read) or nil
  end
  for item, result, err in sender:send_all(source, { in_flight = IN_FLIGHT, use = 1 }) do
    if item == false then problem("ended early: %s", tostring(err)) end
    local number = item and tonumber(item["client-ref"]:match "/(.*)")
    if number then tell(number, result and "accepted" or err.outcome) end
    reap()
    if every and alive < ALIVE and forked < FORKED and read >= (forked + 1) * every then
      forked = forked + 1
      fork(sender, round, ROUND + forked)
    end
  end
  for number = forked + 1, FORKED do fork(sender, round, ROUND + number) end
  while alive > 0 do reap(true) end
  check_arrivals(round, ROUND + FORKED)
end

local jit = rawget(_G, "jit")

--- Bytes; what LuaJIT has compiled, which is more for a long time, is not among them, and its table
--- of strings is as small as it gets: that is halved once in a collection, where it may be.
local function in_use()
  if jit then jit.flush() end
  local count = math.huge
  while true do
    collectgarbage()
    local now = collectgarbage "count"
    if now >= count then break end
    count = now
  end
  return processes.heap() + (jit and count * 1024 or 0)
end

--- What was seen after the rounds, but for the first third of them, in which buffers and pools find
--- their size.
local function later(seen)
  local list = {}
  for i = math.ceil(#seen / 3) + 1, #seen do list[#list + 1] = seen[i] end
  return list
end

client():send_sms(text "0/0") -- what a process makes once is there
box:clear_arrivals()
collectgarbage()
collectgarbage()
local _, others = processes.descriptors()
local sender, used, connections, began, spent = client(), {}, {}, core.now(), 0
for round = 1, ROUNDS do
  local start = core.now()
  run_round(sender, round)
  spent = spent + core.now() - start
  used[round], connections[round] = in_use(), (processes.descriptors())
end
local sockets, now = processes.descriptors()
if now ~= others then problem("%d descriptors, then %d", others, now) end
if sockets > IN_FLIGHT + SPARE then problem("%d sockets", sockets) end
sender:close()
if processes.ended() then problem "a child was left" end
box:stop()

local grows, blur, each = growth.of(later(used), later(connections))
local unit = 10000 / ROUND / 1024
for name, value in pairs {
  calls = CALLS, seconds = core.now() - began, rate = CALLS / spent, sockets = sockets,
  first_KiB = used[1] / 1024, last_KiB = used[#used] / 1024, slope = grows * unit,
  error = blur * unit, connection_KiB = each / 1024,
} do
  counts[name] = value
end
for name, value in pairs(counts) do print(("%s=%.3f"):format(name, value)) end
