-- Replies of Nexmo that are not as usual: brought into the documented shape, or refused.

local cases = require "spec.cases.nexmo_replies"
local sandbox = require "spec.support.servers.sandbox"
local wire = require "spec.support.wire"

local box, nexmo

local params = {
  send_sms = { from = "Acme", to = "447700900000", text = "Hello" },
  send_voice = { to = "447700900000", text = "Hello" },
  list_inbound_numbers = { country = "GB" },
  get_application = { application_id = "a1" },
}

describe("A reply of Nexmo", function()
  box = sandbox.for_specs()
  setup(function() nexmo = wire.nexmo(box) end)
  teardown(function() nexmo:close() end)

  for _, case in ipairs(cases) do
    it("to " .. case[2] .. " may be " .. case[1], function()
      box:fault { kind = "status", status = 200, body = case[3], count = 1 }
      local result, err = nexmo[case[2]](nexmo, params[case[2]])
      if case[4] then
        assert.is_nil(err)
        assert.same({}, wire.differences(case[4], result))
        return
      end
      assert.is_nil(result)
      assert.same({ "protocol", "ambiguous", 200, case[5] },
        { err.kind, err.outcome, err.status, err.message })
      local next_result, next_err = nexmo:list_owned_numbers { size = 1 }
      assert.is_nil(next_err)
      assert.equal(1, #next_result.numbers)
    end)
  end

  it("may be full of nulls", function()
    box:fault { kind = "nulls", operation = "list_owned_numbers" }
    assert.same({ count = 0, numbers = { { features = {} }, { features = {} } } },
      nexmo:list_owned_numbers { size = 2 })
    box:fault { kind = "nulls", operation = "send_sms" }
    local result, err = nexmo:send_sms(params.send_sms)
    assert.is_nil(result)
    assert.same({ "protocol", "ambiguous", "messages[1].status is missing" },
      { err.kind, err.outcome, err.message })
    assert.equal(2, box:count())
  end)

  it("may speak in other spellings and figures", function()
    box:settings { tts_spelling = "hyphen", tts_status = "number", message_id = "uuid",
      empty_numbers = "bare" }
    local call = assert(nexmo:send_voice(params.send_voice))
    assert.same({}, wire.differences({ call_id = "~^%x+$", to = "447700900000", status = "0",
      error_text = "Success" }, call))
    assert.equal(36, #assert(nexmo:send_sms(params.send_sms)).messages[1]["message-id"])
    assert.same({ count = 0, numbers = {} }, nexmo:list_inbound_numbers { country = "FR" })
  end)
end)
