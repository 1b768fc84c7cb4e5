-- A Redis that loses what it had in mid campaign, while workers live: by what the provider saw,
-- nothing is sent twice, and what was lost is there again once it has been added again.

local campaigns = require "spec.support.outbox.campaign"
local child = require "spec.support.child"
local process = require "spec.support.process"
local redis_server = require "spec.support.servers.redis_server"
local sandbox = require "spec.support.servers.sandbox"
local socket = require "socket"
local windows = require "spec.support.windows"

local LONG = os.getenv "SMS_TEST_LONG"

local ITEMS = LONG and 3000 or 600 -- no more than four workers remember
local WORKERS, IN_FLIGHT = 4, 8
local CALLS, PERIOD = 60, 0.2
local PATIENCE = 60
local HOLD = 1.5 -- seconds until those who live have told what they know

local LOSSES = {
  ["is flushed"] = function(server) server:command "FLUSHALL" end,
  ["comes back with older data"] = function(server) server:restart { with = "copy" } end,
  ["comes back with nothing"] = function(server) server:restart { with = "nothing" } end,
}

describe("A Redis that", function()
  local box = sandbox.for_specs({ workers = 2 }, { arrival_body = 0 })
  local folder, server

  setup(function() folder = child.shell("mktemp -d").out:match "[^\n]+" end)
  teardown(function() child.shell("rm -r " .. child.quoted(folder)) end)
  before_each(function() server = redis_server.start "--appendfsync always" end)
  after_each(function()
    campaigns.end_all()
    server:stop()
  end)

  local function wait_for_share(share)
    process.wait("a part of it", PATIENCE, function() return box:count() > ITEMS * share end)
  end

  for name, lose in pairs(LOSSES) do
    it(name .. " in mid campaign lets nothing be sent twice", function()
      local campaign = campaigns.new { box = box, server = server, folder = folder, items = ITEMS,
        worker = { in_flight = IN_FLIGHT, calls = CALLS, period = PERIOD, block = 4 } }
      campaign:add():launch(WORKERS)
      wait_for_share(0.2)
      server:keep()
      wait_for_share(0.5)
      lose(server)
      socket.sleep(HOLD)
      campaign:add() -- whoever has added it may not know what became of it
      campaign:wait()
      local result = campaign:judge()
      print(("# a Redis that %s, %d items: %d listed as ambiguous, of which %d had not arrived")
        :format(name, ITEMS, result.listed, result.missing))
      assert.is_true(result.listed <= WORKERS * IN_FLIGHT)
      assert.is_true(windows.most(result.arrivals, PERIOD) <= CALLS)
    end)
  end
end)
