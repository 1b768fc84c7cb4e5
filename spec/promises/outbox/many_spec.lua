-- The same key added by many processes at once is one message; workers that have one name are
-- several all the same.

local campaigns = require "spec.support.outbox.campaign"
local child = require "spec.support.child"
local core = require "sms.core"
local lua_process = require "spec.support.lua_process"
local process = require "spec.support.process"
local redis_server = require "spec.support.servers.redis_server"
local sandbox = require "spec.support.servers.sandbox"

local ADDERS, KEYS = 16, 25
local START = 2 -- seconds for all of them to be there
local LATENCY = 0.03
local IN_FLIGHT = 4

-- Of workers that nobody kills: on a machine however slow none takes another for dead, and no
-- answer is too late.
local PATIENT = { in_flight = IN_FLIGHT, lease = 20, timeout = 20 }
local UNHURRIED = { in_flight = IN_FLIGHT, lease = 20, timeout = 20, block = 5 }

describe("An outbox", function()
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

  local function new_campaign(items, worker)
    return campaigns.new { box = box, server = server, folder = folder, items = items,
      worker = worker }
  end

  it("has one message of a key, however many add it at once", function()
    local campaign, pipes = new_campaign(KEYS, PATIENT), {}
    local at = ("%.3f"):format(core.now() + START)
    for i = 1, ADDERS do
      pipes[i] = assert(io.popen(lua_process.command("spec/support/outbox/adder_child.lua", nil,
        { campaign.name, tostring(server.port), tostring(KEYS), at }) .. " 2>&1"))
    end
    local ids, new = {}, {}
    for _, pipe in ipairs(pipes) do
      local key = 0
      for line in pipe:lines() do
        key = key + 1
        local id, is_new = line:match "^(%S+) (%l+)$"
        assert.is_string(is_new, line)
        ids[key] = ids[key] or id
        assert.equal(ids[key], id)
        new[key] = (new[key] or 0) + (is_new == "true" and 1 or 0)
      end
      assert.equal(KEYS, key)
      pipe:close()
    end
    for key = 1, KEYS do assert.equal(1, new[key], key) end
    campaign:launch(2):wait()
    assert.same({ 0, KEYS }, { campaign:judge().listed, #box:arrivals "send_sms" })
  end)

  --- How many are connected with the server.
  local function connections()
    return tonumber(server:command("INFO", "clients"):match "connected_clients:(%d+)")
  end

  --- Two workers that both say their name is "same".
  local function launch_twins(campaign)
    return campaign:launch(2, function(i) return { worker = "same", tag = "twin" .. i } end)
  end

  it("has two workers where two have one name", function()
    box:fault { operation = "send_sms", kind = "latency", seconds = LATENCY }
    local campaign, by = new_campaign(200, UNHURRIED), {}
    local others = connections()
    launch_twins(campaign)
    process.wait("both to ask", UNHURRIED.block, function() return connections() >= others + 2 end)
    campaign:add():wait()
    assert.equal(0, campaign:judge().listed)
    for _, list in pairs(campaign:read_told()) do
      assert.equal(1, #list)
      by[list[1].worker] = (by[list[1].worker] or 0) + 1
    end
    assert.is_true(by.twin1 > 0 and by.twin2 > 0)
  end)

  it("gives the items of a dead worker to the other of its name, and those alone", function()
    box:fault { operation = "send_sms", kind = "latency", seconds = LATENCY }
    local campaign = new_campaign(200, { in_flight = IN_FLIGHT }):add()
    launch_twins(campaign)
    process.wait("some items to be sent", 60, function() return box:count() > 40 end)
    campaign:kill(1)
    process.wait("all items to end", 60, function() return campaign:left() == 0 end)
    campaign:wait()
    local result = campaign:judge()
    assert.is_true(result.listed <= IN_FLIGHT)
    for ordinal, entry in pairs((campaign:read_listed())) do
      assert.equal("k" .. ordinal, entry.key)
      assert.equal("twin2", campaign:read_told()[ordinal][1].worker)
    end
  end)
end)
