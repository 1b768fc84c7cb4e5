-- A worker of an outbox that is stopped (SIGSTOP, as a virtual machine is paused) for longer than
-- its lease, at each of its steps: by what the provider saw.

local campaigns = require "spec.support.outbox.campaign"
local child = require "spec.support.child"
local process = require "spec.support.process"
local redis_server = require "spec.support.servers.redis_server"
local sandbox = require "spec.support.servers.sandbox"

local ITEMS = 12
local LATENCY = 0.4 -- seconds that the provider takes
local NEVER = 60
local PATIENCE = 15 -- seconds

local function is_stopped(pid)
  return (process.read(("/proc/%d/stat"):format(pid)) or ""):find "%) T " ~= nil
end

describe("A worker that is stopped past its lease", function()
  local box = sandbox.for_specs()
  local server, folder

  setup(function()
    server = redis_server.start "--appendfsync always"
    folder = child.shell("mktemp -d").out:match "[^\n]+"
  end)
  after_each(campaigns.end_all)
  teardown(function()
    server:stop()
    child.shell("rm -r " .. child.quoted(folder))
  end)

  local function new_campaign(items, more)
    local worker = { in_flight = 4 }
    for name, value in pairs(more or {}) do worker[name] = value end
    return campaigns.new { box = box, server = server, folder = folder, items = items,
      worker = worker }:add()
  end

  local function wait_for_stop(pid)
    process.wait("the worker to be stopped", PATIENCE, function() return is_stopped(pid) end)
  end

  --- Lets another worker do all that there is, the first one go on then, and both end.
  local function let_another_finish(campaign, stopped)
    campaign:launch(1, function() return { worker = "other" } end)
    process.wait("all items to end", PATIENCE, function() return campaign:left() == 0 end)
    local before = box:count()
    process.wait("the other to end", PATIENCE, function()
      return not process.lives(campaign.pids[1])
    end)
    process.signal("CONT", stopped)
    process.wait("the first to end", PATIENCE, function() return not process.lives(stopped) end)
    assert.equal("", process.read(campaign.told_path .. ".err"))
    return before
  end

  it("before an item begins sends nothing of it any more", function()
    local campaign = new_campaign(ITEMS)
    local first = campaign:start { worker = "first", stop_when = "taken" }
    wait_for_stop(first)
    assert.equal(ITEMS, let_another_finish(campaign, first))
    assert.same({ 0, ITEMS }, { campaign:judge().listed, box:count() })
    for _, list in pairs(campaign:read_told()) do assert.equal("other", list[1].worker) end
  end)

  it("between an item's begin and its first byte sends nothing of it", function()
    local campaign = new_campaign(ITEMS)
    local first = campaign:start { worker = "first", stop_when = "begun" }
    wait_for_stop(first)
    let_another_finish(campaign, first)
    local result = campaign:judge()
    assert.equal(result.listed, result.missing) -- what is not known stays unsent
    assert.equal(ITEMS, box:count() + result.listed)
  end)

  --- Stops a worker while the one call is under way, for longer than the lease.
  local function stop_in_flight(campaign, latency)
    box:fault { operation = "send_sms", kind = "latency", seconds = latency }
    local first = campaign:start { worker = "first" }
    process.wait("the call to arrive", PATIENCE, function() return box:count() == 1 end)
    process.signal("STOP", first)
    let_another_finish(campaign, first)
    local outcomes = {}
    for i, one in ipairs(campaign:read_told()[1]) do
      outcomes[i] = one.outcome .. " by " .. one.worker
    end
    return outcomes, campaign:judge(), assert(campaign.outbox:result "k1")
  end

  it("with a call in flight corrects what was taken for ambiguous, by the answer", function()
    local campaign = new_campaign(1, { timeout = 20 })
    local outcomes, judged, result = stop_in_flight(campaign, LATENCY)
    assert.same({ "ambiguous by other", "accepted by first" }, outcomes)
    assert.same({ 0, 1 }, { judged.listed, #judged.arrivals })
    assert.equal("accepted", result.outcome)
  end)

  it("with a call in flight leaves it ambiguous, where none comes", function()
    local campaign = new_campaign(1, { timeout = 0.5 })
    local _, judged, result = stop_in_flight(campaign, NEVER)
    assert.same({ 1, 1, 0 }, { judged.listed, #judged.arrivals, judged.missing })
    assert.equal("ambiguous", result.outcome)
  end)
end)
