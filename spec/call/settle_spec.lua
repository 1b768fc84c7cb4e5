-- What becomes of the slots of an attempt whose limit lies in a store outside of C: by how it
-- ended they are busy for a period, free at once, or left to their lease.

local call = require "sms.call"
local call_options = require "sms.call.options"
local core = require "sms.core"
local letters = require "sms.runtime.letters"
local script = require "sms.runtime.script"
local usual = require "spec.support.usual"

local OUT_OF_MEMORY = "not enough memory"
local TIMEOUT, RESERVE = 5, 1 -- seconds

local TAKEN = '{"message-count":"1","messages":[{"status":"0","message-id":"0A","to":"4"}]}'

local function ending(name, sent)
  return nil, { ending = name, sent = sent, status = 0, body = "", phase = "send", message = "" }
end

describe("The slots of an attempt", function()
  local told, ends, client

  -- A store that notes what it is told, and a runtime whose requests end by the next of `ends`.
  before_each(function()
    told = {}
    local slots = { acquire = function(_, now, lease)
      local wait = told.wait
      told.wait, told.now, told.lease = nil, now, lease
      if wait == OUT_OF_MEMORY then error(wait, 0) end
      if wait then return nil, wait end
      table.insert(told, "taken")
      return 1, 2
    end }
    for _, name in ipairs { "finish", "refund" } do
      slots[name] = function(_, index, mark)
        assert.same({ 1, 2 }, { index, mark })
        table.insert(told, name)
      end
    end
    function slots.hold(_, till)
      table.insert(told, "hold")
      told.till = till
    end
    function slots.delay() return 0 end
    function slots.close() end

    local runtime = { sleep = script.sleep }
    function runtime.perform(_, _, timeout, _, start_before)
      told.timeout, told.start_before = timeout, start_before
      return table.remove(ends, 1)()
    end
    client = usual.client_of({ url = "http://127.0.0.1:9" }, { runtime = runtime,
      timeout = TIMEOUT, retry = { base = 0 },
      rate_limit = { calls = 5, period = 60, share = { open = function() return slots end } } })
  end)
  after_each(function() client:close() end)

  local function accepted() return 200, TAKEN end

  local function words()
    local list = {}
    for i, word in ipairs(told) do list[i] = word end
    return list
  end

  local CASES = {
    { "are busy once it is answered", { accepted }, { "taken", "finish" } },
    { "are busy where the text is refused", { function() return 400, "" end },
      { "taken", "finish" }, "rejected" },
    { "are held where the provider throttles", { function() return 429, "", "0" end, accepted },
      { "taken", "finish", "hold", "taken", "finish" } },
    { "are busy where a byte was sent", { function() return ending("broken", true) end },
      { "taken", "finish" }, "ambiguous" },
    { "are free where no byte was", { function() return ending("unreached", false) end, accepted },
      { "taken", "refund", "taken", "finish" } },
    { "are free where it came too late; others are taken", {
      function() return ending("too_late", false) end, accepted },
      { "taken", "refund", "taken", "finish" } },
    { "are free where it could not be started, and no others are taken",
      { function() return nil, nil, "no memory" end }, { "taken", "refund" }, "not_sent" },
    { "are left to their lease where its end is not known",
      { function() return nil, letters.unknown "nobody answers" end }, { "taken" }, "ambiguous" },
  }

  for _, case in ipairs(CASES) do
    it(case[1], function()
      ends = case[2]
      local result, err = client:send_sms(usual.TEXT)
      assert.equal(case[4], err and err.outcome)
      assert.equal(case[4] == nil, result ~= nil)
      assert.same(case[3], words())
      assert.same({}, ends)
    end)
  end

  it("are leased for as long as it may take, and no byte leaves later", function()
    ends = { accepted }
    local before = core.now()
    assert(client:send_sms(usual.TEXT))
    assert.is_true(told.now >= before and told.now <= core.now())
    assert.equal(TIMEOUT, told.timeout)
    assert.equal(TIMEOUT + RESERVE, told.lease)
    assert.equal(told.now + told.lease, told.start_before)
  end)

  it("are leased for the rest of the deadline, where that is shorter", function()
    ends = { accepted }
    assert(client:send_sms(usual.TEXT, { deadline = 2 }))
    assert.is_true(told.timeout <= 2 and told.timeout > 1)
    assert.equal(told.timeout + RESERVE, told.lease)
  end)

  it("are leased from when they are there, where they were waited for", function()
    ends, told.wait = { accepted }, 0.4
    assert(client:send_sms(usual.TEXT, { deadline = 1 }))
    assert.is_true(told.timeout > 0.2 and told.timeout < 0.7, told.timeout)
    assert.equal(told.now + told.lease, told.start_before)
  end)

  it("are held for five minutes at most", function()
    ends = { function() return 429, "", "4000" end }
    assert.is_nil((client:send_sms(usual.TEXT)))
    assert.is_true(told.till > core.now() + 200 and told.till < core.now() + 301)
  end)

  it("are not asked for again where the deadline was over, though its timer was early", function()
    ends = { function() return ending("timed_out", true) end }
    local _, err = client:list_owned_numbers({}, { deadline = 2 })
    assert.equal("timeout", err.kind)
    assert.matches("deadline", err.message, 1, true)
    assert.same({ "taken", "finish" }, words())
  end)

  it("are not asked for again where memory ran out, before anything of this attempt was sent",
    function()
      ends = { function()
        told.wait = OUT_OF_MEMORY
        return 429, "", "0"
      end }
      local _, err = client:send_sms(usual.TEXT)
      assert.same({ "internal", "not_sent" }, { err.kind, err.outcome })
      assert.same({ "taken", "finish", "hold" }, words())
    end)

  -- A call of send_all.
  local function send_in_bulk(begin, options)
    local operation = client.operations.send_sms
    return call.make_checked(client, operation, usual.TEXT,
      call_options.for_call(client.settings, operation, options),
      { warnings = {}, is_over = function() return false end, begin = begin })
  end

  it("are free where send_all cannot write down that it begins, and no others are taken", function()
    ends = {}
    local _, err = send_in_bulk(function() return nil, "the disk is full" end)
    assert.same({ "internal", "not_sent" }, { err.kind, err.outcome })
    assert.equal("the disk is full", err.message)
    assert.same({ "taken", "refund" }, words())
  end)

  it("may be waited for in send_all: meanwhile its deadline stands still", function()
    ends = { function()
      script.sleep(0.3)
      told.wait = 0.8
      return ending("unreached", false)
    end, accepted }
    assert(send_in_bulk(function() return true end, { deadline = 1 }))
    assert.is_true(told.timeout > 0.3 and told.timeout < 0.8, told.timeout)
  end)
end)
