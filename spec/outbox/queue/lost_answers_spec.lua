-- Answers of Redis that are lost, or questions that never reach it, at random: by what the provider
-- saw.

local core = require "sms.core"
local outboxes = require "spec.support.outbox.outboxes"
local redis_client = require "spec.support.servers.redis_client"
local redis_server = require "spec.support.servers.redis_server"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local texts = require "spec.support.texts"
local wire = require "spec.support.wire"

local ITEMS, WORKERS = 100, 3
local LOST = 0.05 -- of the questions, and of the answers
local LEASE = 0.5 -- seconds

describe("Workers of an outbox", function()
  local box = sandbox.for_specs()
  local server

  setup(function() server = redis_server.start(outboxes.DURABLE) end)
  teardown(function() server:stop() end)

  --- An outbox that is reached over a network that loses things.
  local function lossy(name)
    local given, loses = redis_client.options(server.port, 1), false
    local function asks(client, ...)
      if loses and core.random() < LOST then return nil, "timeout" end
      local answer, err = client.inner:eval(...)
      if loses and core.random() < LOST then return nil, "timeout" end
      return answer, err
    end
    local outbox = assert(outboxes.new(server, {
      name = name,
      connect = function()
        local inner, err = given.connect()
        return inner and { inner = inner, eval = asks,
          config = function(_, ...) return inner:config(...) end }, err
      end,
      release = function(client, ok) given.release(client.inner, ok) end,
    }))
    loses = true
    return outbox
  end

  it("send nothing twice and lose nothing, though questions and answers are lost", function()
    local outbox, told, bodies = assert(outboxes.new(server)), {}, {}
    assert(outbox:add(texts.list_of(ITEMS), { key = function(one) return one["client-ref"] end }))
    for i = 1, WORKERS do
      local source = lossy(outbox.name):source { lease = LEASE, block = 2 }
      bodies[i] = function()
        for sent in wire.nexmo(box):send_all(source, { in_flight = 4 }) do
          told[sent["client-ref"]] = true
        end
      end
    end
    for _, ended in ipairs(sms.all(bodies)) do assert.is_nil(ended[2]) end
    local arrived, ambiguous = {}, 0
    for _, arrival in ipairs(box:arrivals "send_sms") do
      assert.is_nil(arrived[arrival.ref], arrival.ref)
      arrived[arrival.ref] = true
    end
    for i = 1, ITEMS do
      local result = assert(outbox:result("r" .. i))
      assert.equal("ended", result.state)
      if not arrived["r" .. i] then assert.equal("ambiguous", result.outcome) end
      ambiguous = ambiguous + (result.outcome == "ambiguous" and 1 or 0)
    end
    assert.equal(ITEMS, texts.count_of(told))
    assert.equal(ambiguous, #outbox:ambiguous())
    assert.is_true(ambiguous <= ITEMS / 10, ambiguous)
  end)
end)
