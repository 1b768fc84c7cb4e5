-- One deadline over all providers of a gateway.

local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local stopwatch = require "spec.support.runs.stopwatch"
local wire = require "spec.support.wire"

local GRACE = 2 -- seconds; what does not end in time takes ten times as long

local HELLO = { from = "Acme", to = "+447700900000", text = "Hello" }

describe("The deadline of a gateway", function()
  local box = sandbox.for_specs()
  local second

  before_each(function() second = retarus.client(box, { retry = false }) end)

  it("ends in time, whoever takes long", function()
    local closed = "http://127.0.0.1:" .. raw_server.closed_port()
    local stubborn = { base_url = closed, retry = { attempts = 100, base = 0.2, cap = 0.2 } }
    local function elapsed(options, first)
      first.budget = setmetatable({}, { __index = function() return 10 end,
        __newindex = function() end }) -- of repeats, never used up
      local stop = stopwatch.start()
      local sent, err = sms.gateway { first, second }:send(HELLO, options)
      local _, own = stop()
      return own, sent, err
    end
    local seconds, sent, err = elapsed({ deadline = 0.4 }, wire.nexmo(box, stubborn))
    assert.is_true(seconds < 0.4 + GRACE, seconds)
    assert.is_true(sent ~= nil or err.outcome == "not_sent" or err.kind == "timeout")
    stubborn.deadline = 0.3
    seconds, sent = elapsed(nil, wire.nexmo(box, stubborn))
    assert.is_true(seconds < 0.3 + GRACE, seconds)
    assert.equal("retarus", sent.provider)
    box:fault { operation = "send_job", kind = "latency", seconds = 20 }
    stubborn.retry, stubborn.deadline = false, nil
    seconds, sent, err = elapsed({ deadline = 0.5 }, wire.nexmo(box, stubborn))
    assert.is_true(seconds < 0.5 + GRACE, seconds)
    assert.is_nil(sent)
    assert.same({ "timeout", "ambiguous", 2 }, { err.kind, err.outcome, #err.attempts })
  end)
end)
