local outboxes = require "spec.support.outbox.outboxes"
local redis_client = require "spec.support.servers.redis_client"
local redis_server = require "spec.support.servers.redis_server"
local sandbox = require "spec.support.servers.sandbox"
local texts = require "spec.support.texts"
local wire = require "spec.support.wire"
local core = require "sms.core"
local LEASE = 1
local seed = tonumber(os.getenv "SEED") or os.time()
math.randomseed(seed)
describe("fuzz", function()
  local box = sandbox.for_specs()
  local server
  setup(function() server = redis_server.start(outboxes.DURABLE) end)
  teardown(function() server:stop() end)
  for round = 1, tonumber(os.getenv "ROUNDS") or 5 do
  it("round " .. round .. " seed " .. seed, function()
    server:command "FLUSHALL"
    local log = {}
    local function note(...) log[#log + 1] = table.concat({ ... }, " ") end
    local outbox = assert(outboxes.new(server))
    local function open()
      return assert(outboxes.new(server, { name = outbox.name,
        connect = function() return redis_client.connect(server.port, 1) end,
        release = function(client) client:close() end }))
    end
    local function worker(block)
      local nexmo = wire.nexmo(box)
      return nexmo:send_all(open():source { lease = LEASE, block = block or 0.3 }, { in_flight = math.random(1, 4) })
    end
    local total = 60
    local now = redis_client.connect(server.port):time()
    for i = 1, total do
      local p = { key = "r" .. i, priority = math.random() < 0.3 and "high" or "bulk" }
      if math.random() < 0.2 then p.not_before = tonumber(now[1]) + math.random() * 4 end
      assert(outbox:add(texts.item(i), p))
    end
    local workers, dead = {}, {}
    for i = 1, 3 do workers[i] = worker() end
    local function step(w, n)
      for _ = 1, n do
        local sent, _, err = w()
        if not sent then note("ended", tostring(err)) return false end
        note("told", sent["client-ref"], err and err.outcome or "accepted")
      end
      return true
    end
    local has_copy
    for _ = 1, 14 do
      local what = math.random(7)
      if what <= 3 then
        local i = math.random(#workers)
        note("step", i)
        if not step(workers[i], math.random(4)) then workers[i] = worker() end
      elseif what == 4 and not has_copy then
        note "copy" server:keep() has_copy = true
      elseif what == 5 and has_copy and os.getenv "LOSE" ~= "0" then
        -- somebody who lives has seen it all
        local w = workers[#workers]
        if w.queue then w.queue.line:ask(require("sms.outbox.scripts.working").renew) end
        note "lose" server:restart { with = "copy" } has_copy = nil
        if math.random() < 0.5 then w.queue.line:ask(require("sms.outbox.scripts.working").renew) note "one speaks"
        else note "all speak" for _, w in ipairs(workers) do w.queue.line:ask(require("sms.outbox.scripts.working").renew) end end
      elseif what == 6 and #workers > 1 then
        note "gone" dead[#dead + 1] = table.remove(workers, 1) workers[#workers + 1] = worker()
        local w = workers[1]
        if w.queue then w.queue.line:ask(require("sms.outbox.scripts.working").renew) end
      elseif what == 7 then
        note "restart" server:restart { with = "data" }
      end
    end
    note "final"
    local ended = 0
    while ended < #workers do
      local w = workers[ended + 1]
      if not step(w, 1) then ended = ended + 1 end
    end
    for _ = 1, 3 do local w = worker(1.2) while step(w, 1) do end end
    outbox = open() local seen, bad = {}, {}
    for _, a in ipairs(box:arrivals "send_sms") do
      if seen[a.ref] then bad[#bad + 1] = "twice " .. a.ref end
      seen[a.ref] = true
    end
    local amb, n = {}, 0
    for _, one in ipairs(outbox:ambiguous()) do amb[one.key] = true n = n + 1 end
    for i = 1, total do
      local ref = "r" .. i
      if not seen[ref] and not amb[ref] then bad[#bad + 1] = "lost " .. ref .. " " .. tostring((outbox:result(ref) or {}).state) .. tostring((outbox:result(ref) or {}).outcome) end
    end
    local real = 0
    print("# ambiguous", n, "bad", table.concat(bad, ","))
    local s = outbox:status()
    if s.queued + s.taken + s.begun + s.delayed ~= 0 then bad[#bad+1] = "left " .. s.queued .. s.taken .. s.begun .. s.delayed end
    if bad[1] then print("# " .. table.concat(log, "\n# ")) end
    assert.same({}, bad)
  end)
  end
end)
