-- A Redis that is slow, or that answers nonsense, while programs use an outbox: nothing is begun
-- twice, nothing raises, and all goes on when it is as it was.

local outboxes = require "spec.support.outbox.outboxes"
local redis_client = require "spec.support.servers.redis_client"
local redis_server = require "spec.support.servers.redis_server"
local sandbox = require "spec.support.servers.sandbox"
local texts = require "spec.support.texts"
local wire = require "spec.support.wire"

local list_of, count_of = texts.list_of, texts.count_of

local COUNT = 30
local TIMEOUT = 0.2 -- seconds that a client waits for Redis
local WRONG = 5 -- answers that make no sense, one after the other

describe("An outbox", function()
  local box = sandbox.for_specs()
  local server, outbox, evaluate, warnings

  setup(function() server = redis_server.start(outboxes.DURABLE) end)
  teardown(function() server:stop() end)

  before_each(function()
    outbox, evaluate, warnings = assert(outboxes.new(server)), nil, {}
    outbox = assert(outboxes.new(server, { name = outbox.name,
      connect = function()
        local client, err = redis_client.connect(server.port, TIMEOUT)
        return client and {
          eval = function(_, ...)
            if evaluate then return evaluate(client, ...) end
            return client:eval(...)
          end,
          config = function(_, ...) return client:config(...) end,
          close = function() client:close() end,
        }, err
      end,
      release = function(client) client:close() end,
    }))
  end)

  local function key_of(one) return one["client-ref"] end

  --- Runs all, with something that happens when so many were told.
  local function run(at, event)
    local nexmo = wire.nexmo(box, { on_event = function(told)
      if told.name == "warning" then warnings[#warnings + 1] = told.message end
    end })
    local seen = {}
    -- What was taken by an answer that was lost is taken again after its lease.
    local source = outbox:source { lease = 0.4, block = 0.6 }
    for sent, _, err in nexmo:send_all(source, { in_flight = 4 }) do
      assert(sent, err)
      assert.is_nil(err)
      assert.is_nil(seen[sent["client-ref"]])
      seen[sent["client-ref"]] = true
      if count_of(seen) == at then event() end
    end
    assert.same({ COUNT, COUNT }, { count_of(seen), box:count() })
    local refs = {}
    for _, arrival in ipairs(box:arrivals "send_sms") do refs[arrival.ref] = true end
    assert.equal(COUNT, count_of(refs))
    for i = 1, COUNT do assert.equal("accepted", outbox:result("r" .. i).outcome) end
    assert.is_true(#warnings >= 1)
  end

  it("goes on after a Redis that did not answer for a while", function()
    assert(outbox:add(list_of(COUNT), { key = key_of }))
    run(10, function()
      server:pause()
      os.execute(("(sleep 1; kill -CONT %s) &"):format(server.pid))
    end)
    assert.equal(1, #warnings)
  end)

  local null = io.stdout -- like ngx.null: neither nil nor a table
  local wrong = {
    ["an error"] = function() return nil, "timeout" end,
    ["an error that is raised"] = function() error "connection error: closed" end,
    ["text"] = function() return "OK" end,
    ["an empty list"] = function() return {} end,
    ["an answer to another question"] = function() return { "0.1", "1/1", "a:b", "5" } end,
    ["the question alone"] = function(_, _, _, _, question) return { question } end,
    ["the question and nulls"] = function(_, _, _, _, question)
      return { question, null, null, null, null, null }
    end,
    ["its answer, which is lost"] = function(client, ...)
      client:eval(...)
      return nil, "closed"
    end,
  }
  for _, name in ipairs { "text", "the question and nulls", "its answer, which is lost" } do
    local answer = wrong[name]
    it("goes on after a Redis that answered " .. name, function()
      assert(outbox:add(list_of(COUNT), { key = key_of }))
      run(10, function()
        local left = WRONG
        function evaluate(client, ...)
          left = left - 1
          if left < 0 then return client:eval(...) end
          return answer(client, ...)
        end
      end)
    end)
  end

  for name, answer in pairs(wrong) do
    it("raises nothing where Redis answers " .. name, function()
      assert(outbox:add(list_of(2), { key = key_of }))
      evaluate = answer
      for call, given in pairs { result = "r1", status = false, ambiguous = false, cancel = "r1",
        resend = "r1", pause = "so", resume = false, erase = "r1", add = texts.item(3) } do
        local done, err = outbox[call](outbox, given or nil)
        assert.is_nil(done, call)
        assert.equal("internal", err.kind)
      end
    end)
  end
end)
