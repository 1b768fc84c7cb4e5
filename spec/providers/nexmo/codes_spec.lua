-- Every code and status that Nexmo documents, and what becomes of it.

local cjson = require "cjson"
local codes = require "spec.cases.nexmo_codes"
local sandbox = require "spec.support.servers.sandbox"
local wire = require "spec.support.wire"

local box, nexmo

local TEXT = "The eagle lands at noon"

local function send(changes)
  local params = { from = "Acme", to = "447700900000", text = TEXT }
  return nexmo:send_sms(wire.changed(params, changes or {}))
end

local function call(number)
  return nexmo:send_voice { to = number or "447700900000", text = TEXT }
end

local function ending_of(case)
  return case.ending or ("09%02d"):format(tonumber(case[1]))
end

local function check(err, expected)
  for name, value in pairs(expected) do
    if type(value) == "string" and value:sub(1, 1) == "~" then
      assert.matches(value:sub(2), err[name])
    else
      assert.equal(value, err[name], name)
    end
  end
  local text = tostring(err)
  assert.is_nil(text:find(TEXT, 1, true))
  assert.is_nil(text:find("447700900", 1, true))
  assert.is_nil(text:find("Secret0123456789", 1, true))
end

--- One part of an answer with every other documented field left out.
local function answered_with(status)
  return cjson.encode { ["message-count"] = "1", messages = { { status = status } } }
end

--- What the error of a code has.
local function expected_of(case, operation, message)
  return {
    kind = case[2][1], outcome = case[2][2], code = case[1], status = 200, provider = "nexmo",
    operation = operation, message = message, retryable = case[2][2] == "not_sent",
  }
end

describe("An answer of Nexmo", function()
  box = sandbox.for_specs()
  setup(function() nexmo = wire.nexmo(box) end)
  teardown(function() nexmo:close() end)

  for _, case in ipairs(codes.sms) do
    it("with SMS status " .. case[1] .. " is " .. case[2][1], function()
      local result, err = send { to = "44770090" .. ending_of(case) }
      assert.is_nil(result)
      local text = err.result.messages[1]["error-text"]
      check(err, expected_of(case, "send_sms", ("%s (code %s)"):format(text, case[1])))
      assert.equal(case.account, err.account)
      assert.same({ "1", case[1] }, { err.result["message-count"], err.result.messages[1].status })

      box:fault { kind = "shape", body = answered_with(case[1]), count = 1 }
      result, err = send()
      assert.is_nil(result)
      check(err, expected_of(case, "send_sms", ("%s (code %s)"):format(case[3], case[1])))
      assert.equal("0", assert(send()).messages[1].status)
      assert.equal(3, box:count())
    end)
  end

  for _, case in ipairs(codes.voice) do
    it("with speech status " .. case[1] .. " is " .. case[2][1], function()
      local result, err = call("44770090" .. ending_of(case))
      assert.is_nil(result)
      local text = err.result.error_text
      check(err, expected_of(case, "send_voice", ("%s (code %s)"):format(text, case[1])))
      assert.equal(case.account, err.account)
      box:fault { kind = "shape", body = cjson.encode { status = tonumber(case[1]) }, count = 1 }
      result, err = call()
      assert.is_nil(result)
      check(err, expected_of(case, "send_voice", ("%s (code %s)"):format(case[3], case[1])))
      assert.equal(case[1], err.result.status)
      assert.equal("0", assert(call()).status)
    end)
  end

  for _, case in ipairs(codes.throttled) do
    it(("asks to wait %g s by its text"):format(case[2]), function()
      box:fault { kind = "nexmo_status", code = 1, text = case[1] }
      local _, err = send()
      check(err, { kind = "rate_limited", outcome = "not_sent", code = "1", retryable = true })
      assert.near(case[2], err.retry_after, 1e-9)
    end)
  end

  it("asks to wait by its Retry-After", function()
    box:fault { kind = "throttle", http = true, retry_after = 7 }
    local _, err = send()
    check(err, { kind = "rate_limited", outcome = "not_sent", status = 429, retry_after = 7 })
  end)

  for _, case in ipairs(codes.mixed) do
    it(("with parts %s is partial, %s"):format(table.concat(case[1], " "), case[2]), function()
      local parts = {}
      for i, status in ipairs(case[1]) do
        parts[i] = { status = status, ["error-text"] = status ~= "0" and "Why " .. status or nil }
      end
      box:fault { kind = "shape", body = cjson.encode { messages = parts } }
      local result, err = send()
      assert.is_nil(result)
      check(err, { kind = "partial", outcome = case[2], code = case[3], retryable = false,
        message = "~Why " .. case[3] })
      assert.equal(case.account, err.account)
      for i, status in ipairs(case[1]) do
        assert.equal(status, err.result.messages[i].status)
      end
    end)
  end

  it("with parts of a long text that ended differently is not repeated", function()
    local patient = wire.nexmo(box, { retry = { attempts = 3, base = 0 } })
    local _, err = patient:send_sms { from = "Acme", to = "447700900801", text = ("a"):rep(400) }
    check(err, { kind = "partial", outcome = "accepted", code = "1", retryable = false })
    assert.equal(3, #err.result.messages)
    assert.matches("^%x+$", err.result.messages[1]["message-id"])
    assert.equal(1, box:count())
    patient:close()
  end)

  it("shows nothing of the message and the credentials, whatever it repeats", function()
    local foreign = ("No '%s' to +447700900000 with Secret0123456789!"):format(TEXT)
    local masked = "No '***' to …0000 with ***!"
    for _, fault in ipairs {
      { kind = "nexmo_status", code = 3, text = foreign },
      { kind = "status", status = 400, body = foreign },
      { kind = "status", status = 400, body = cjson.encode { title = foreign } },
      { kind = "shape", body = cjson.encode { messages = { { status = "0" },
        { status = "3", ["error-text"] = foreign } } } },
    } do
      for _, operation in ipairs { "send_sms", "send_voice" } do
        if fault.kind ~= "shape" or operation == "send_sms" then
          box:clear_faults()
          box:fault(fault)
          local _, err = nexmo[operation](nexmo, { from = "447700900001", to = "447700900000",
            text = TEXT })
          check(err, {})
          assert.is_truthy(err.message:find(masked, 1, true), err.message)
        end
      end
    end
  end)

  local function check_http(client, operation, status, body, expected)
    local params = {
      send_sms = { from = "Acme", to = "447700900000", text = TEXT },
      send_voice = { to = "447700900000", text = TEXT },
      create_application = { name = "A", type = "voice", answer_url = "https://example.com/a",
        event_url = "https://example.com/e" },
      get_application = { application_id = "a" },
      delete_application = { application_id = "a" },
    }
    box:fault { kind = "status", status = status, body = body, count = 1 }
    local result, err = client[operation](client, params[operation])
    assert.is_nil(result)
    expected.status, expected.operation = status, operation
    expected.retryable = expected.retryable or false
    check(err, expected)
    if expected.kind ~= "protocol" then
      assert.equal(body:find "^{" and "table" or "nil", type(err.result))
    end
    assert.equal(1, box:count())
  end

  for _, case in ipairs(codes.http) do
    it(("%d to %s: %s"):format(case[2], case[1], case[3]:sub(1, 40)), function()
      check_http(nexmo, case[1], case[2], case[3], case[4])
    end)
  end

  for _, case in ipairs(codes.applications) do
    it(("%d to %s of version %d"):format(case[3], case[2], case[1]), function()
      local client = wire.nexmo(box, { api_version = case[1] })
      check_http(client, case[2], case[3], case[4], case[5])
      client:close()
    end)
  end
end)
