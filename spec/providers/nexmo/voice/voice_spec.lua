-- send_voice through the Voice API: what a client with an application sends, and what its
-- failures become.

local cases = require "spec.cases.nexmo_voice"
local cjson = require "cjson"
local ncco = require "sms.providers.nexmo.voice.ncco"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local wire = require "spec.support.wire"

local box, nexmo, id, key

local HELLO = { to = "447700900000", text = "Hello" }

describe("A call by the Voice API", function()
  box = sandbox.for_specs({ workers = 2 }, { strict = true })
  setup(function()
    id, key = box:application()
    nexmo = wire.caller(box)
  end)
  teardown(function() nexmo:close() end)

  for _, case in ipairs(cases.calls) do
    it("sends " .. case[1], function()
      local result, err = nexmo:send_voice(case.params)
      assert.is_nil(err)
      assert.same({}, wire.differences({ call_id = "~^%x+%-%x+%-4%x+%-%x+%-%x+$", status = "0",
        to = "447700900000", error_text = "Success", direction = "outbound",
        conversation_uuid = "~^CON%-" }, result))
      local arrivals = box:arrivals()
      assert.equal(1, #arrivals)
      assert.same(case.body, cjson.decode(arrivals[1].body))
      assert.same({ "POST", "/v1/calls", "Bearer", "application/json" },
        { arrivals[1].method, arrivals[1].path, arrivals[1].authorization,
          arrivals[1].content_type })
      assert.equal(result.call_id, arrivals[1].call_id)
    end)
  end

  for _, case in ipairs(cases.texts) do
    it("reads the text " .. case[1], function()
      local actions, message = ncco.read(case[1])
      if type(case[2]) == "string" then
        assert.is_nil(actions)
        assert.matches(case[2], message, 1, true)
        local _, err = nexmo:send_voice { to = "447700900000", text = case[1] }
        assert.same({ "invalid", "text" }, { err.kind, err.problems[1].path })
        assert.equal(0, box:count())
      else
        assert.same(case[2], actions)
        assert(nexmo:send_voice { to = "447700900000", text = case[1] })
      end
    end)
  end

  it("has its token for calls that are not declared, and its limit", function()
    local caller = wire.caller(box, { rate_limit = false })
    local call = { to = { { type = "phone", number = "447700900000" } },
      from = { type = "phone", number = "447700900001" },
      ncco = { { action = "talk", text = "Hello" } } }
    local made = assert(caller:request { method = "POST", path = "/v1/calls", body = call })
    local read = { method = "GET", path = "/v1/calls/" .. made.uuid }
    assert.equal(made.uuid, assert(caller:request(read)).uuid)
    assert.equal("Bearer ***", assert(caller:prepare("request", read)).headers.Authorization)
    assert.equal("not_found", select(2, caller:request { method = "GET",
      path = "/v1/calls/aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab" }).kind)
    for _, arrival in ipairs(box:arrivals()) do assert.equal("Bearer", arrival.authorization) end
    caller:close()
    local slow = sms.nexmo { api_key = "slow", api_secret = "secret", application_id = id,
      private_key = key, base_url = box.urls.nexmo, max_wait = 0, retry = false }
    for i = 1, 4 do
      local _, err = slow:request { method = "POST", path = "/v1/calls", body = call }
      assert.equal(i == 4 and "rate_limited" or nil, err and err.kind)
    end
    slow:close()
  end)

  it("has a case for every key, and takes languages by their shape, whatever their case", function()
    local untried = {}
    for _, field in ipairs(nexmo.operations.send_voice.fields) do
      local found = field.type == "any" -- what has no twin
      for _, case in ipairs(cases.calls) do
        found = found or case.params[field[1]] ~= nil
      end
      untried[#untried + 1] = not found and field[1] or nil
    end
    assert.same({}, untried)
    for given, sent in pairs { AR = "ar", ["cmn-cn"] = "cmn-CN", ["EN-gb-wls"] = "en-GB-WLS",
      ["fil-ph"] = "fil-PH", ["en-us"] = "en-US", ["zh-cn"] = "zh-CN", En = "en",
      ["sr-la-tnx"] = "sr-LA-TNX" } do
      local shown = assert(nexmo:prepare("send_voice", wire.changed(HELLO, { lg = given })))
      assert.equal(sent, cjson.decode(shown.body).ncco[1].language)
    end
  end)

  local refused = {
    { "voice", "female", "choose a style" }, { "voice", 5, "choose a style" },
    { "machine_timeout", 5000, "advanced_machine_detection" },
    { "machine_timeout", "x", "advanced_machine_detection" },
    { "lg", "zh_cn", "must be a language" }, { "lg", "english", "must be a language" },
    { "lg", "", "must be a language" }, { "lg", 5, "must be a string" },
    { "style", -1, "0 or more" }, { "style", 1.5, "whole number" }, { "style", "one", "whole" },
    { "length_timer", 0, "1 to 86400" }, { "length_timer", 86401, "1 to 86400" },
    { "length_timer", "1.5", "whole number" },
    { "ringing_timer", 0, "1 to 120" }, { "ringing_timer", 121, "1 to 120" },
    { "ringing_timer", {}, "whole number" },
    { "repeat", 0, "1 to 10" }, { "repeat", 11, "1 to 10" },
    { "machine_detection", "continue", "'true' or 'hangup'" },
    { "callback", "example.com", "must be a URL" }, { "callback_method", "PUT", "GET, POST" },
    { "to", "0", "phone number" }, { "from", "Acme", "phone number" },
    { "text", ("a"):rep(1501), "at most 1500" }, { "text", "", "must not be empty" },
    { "advanced_machine_detection", true, "must be a table" },
    { "advanced_machine_detection", { behavior = "wait" }, "continue, hangup", ".behavior" },
    { "advanced_machine_detection", { mode = "beep" }, "default, detect", ".mode" },
    { "advanced_machine_detection", { beep_timeout = 29 }, "30 to 120", ".beep_timeout" },
    { "advanced_machine_detection", { beep_timeout = 121 }, "30 to 120", ".beep_timeout" },
    { "advanced_machine_detection", { beepTimeout = 45 }, "beep_timeout", ".beepTimeout" },
    { "loop", 1, "is not known" },
  }
  for _, case in ipairs(refused) do
    it(("is not made with %s = %s"):format(case[1], tostring(case[2]):sub(1, 20)), function()
      local result, err = nexmo:send_voice(wire.changed(HELLO, { [case[1]] = case[2] }))
      assert.is_nil(result)
      assert.same({ "invalid", "not_sent", 1, case[1] .. (case[4] or "") },
        { err.kind, err.outcome, #err.problems, err.problems[1].path })
      assert.matches(case[3], err.problems[1].message, 1, true)
      assert.equal(0, box:count())
    end)
  end

  it("is one of three a second where the client has no limit of its own", function()
    box:settings { voice_limit = 3 }
    local own = sms.nexmo { base_url = box.urls.nexmo, application_id = id, private_key = key,
      api_key = "abcd1234", api_secret = "Secret0123456789", retry = false }
    local functions = {}
    for i = 1, 7 do
      functions[i] = function() return own:send_voice(HELLO) end
    end
    for _, answer in ipairs(sms.all(functions)) do
      assert.is_nil(answer[2])
    end
    local arrivals = box:arrivals()
    assert.equal(7, #arrivals)
    for i = 4, 7 do
      assert.is_true(arrivals[i].time - arrivals[i - 3].time >= 1000000)
    end
    own:close()
  end)

  it("has a limit of three a second beside the provider's, unless the client has its own",
    function()
      local options = { base_url = box.urls.nexmo, api_key = "limited", api_secret = "secret" }
      local with_key = wire.changed(options, { application_id = id, private_key = key })
      for _, case in ipairs {
        { with_key, { "nexmo:limited 100/60s", "nexmo:limited 30/1s",
          "nexmo:limited:send_voice 3/1s" } },
        { wire.changed(with_key, { rate_limit = false }) }, { options },
        { wire.changed(with_key, { rate_limit = { calls = 9, period = 1 } }) },
      } do
        local own = sms.nexmo(case[1])
        local limits, names = own.limits_of.send_voice, nil
        for i, limit in ipairs(limits and limits:free(0) or {}) do
          names = names or {}
          names[i] = limit.name
        end
        assert.same(case[2], names)
        own:close()
      end
    end)

  local statuses = {
    { 400, "rejected", "rejected" }, { 402, "rejected", "rejected" }, { 403, "auth", "rejected" },
    { 404, "not_found", "rejected" }, { 415, "rejected", "rejected" },
    { 422, "rejected", "rejected" }, { 429, "rate_limited", "not_sent" },
    { 500, "server", "ambiguous" }, { 503, "server", "ambiguous" },
    { 302, "protocol", "ambiguous" }, { 202, "protocol", "ambiguous" },
    { 200, "protocol", "ambiguous" },
  }
  for _, case in ipairs(statuses) do
    it(("that is answered %d is %s, %s"):format(case[1], case[2], case[3]), function()
      box:fault { operation = "send_voice", kind = "status", status = case[1],
        body = '{"title":"Sorry","detail":"not now","type":"urn:x","instance":"1"}' }
      local result, err = nexmo:send_voice(HELLO)
      assert.is_nil(result)
      assert.same({ case[2], case[3], case[1] }, { err.kind, err.outcome, err.status })
      assert.equal(1, box:count())
      if case[1] >= 400 then
        assert.same({ "urn:x", "Sorry: not now" }, { err.code, err.message })
      end
    end)
  end

  it("is refused in the provider's words, with every parameter that is wrong", function()
    local own = assert(nexmo:create_application { name = "None", capabilities = {} })
    local caller = wire.caller(box, { application_id = own.id, private_key = own.keys.private_key })
    local _, err = caller:send_voice(HELLO)
    assert.same({ "rejected", "rejected", 400 }, { err.kind, err.outcome, err.status })
    assert.matches("Bad Request: The request failed .+ %(event_url: is required", err.message)
    assert(caller:send_voice(wire.changed(HELLO, { callback = "https://example.com/e" })))
    assert(nexmo:delete_application { application_id = own.id })
    _, err = caller:send_voice(HELLO)
    assert.same({ "auth", "rejected", "Unauthorized: the application is not known" },
      { err.kind, err.outcome, err.message })
    caller:close()
  end)

  it("is shown without its token", function()
    local shown = assert(nexmo:prepare("send_voice", HELLO))
    assert.equal("Bearer ***", shown.headers.Authorization)
    assert.equal(box.urls.nexmo .. "/v1/calls", shown.url)
    assert.same({ to = { { type = "phone", number = "447700900000" } }, random_from_number = true,
      ncco = { { action = "talk", text = "Hello" } } }, cjson.decode(shown.body))
    assert.equal(0, box:count())
  end)

  it("takes keys beside the documented", function()
    box:settings { strict = false }
    assert(nexmo:send_voice(HELLO, { extra = { later = { a = 1 } } }))
    assert.same({ a = 1 }, cjson.decode(box:arrivals()[1].body).later)
  end)

  it("needs an application for what the legacy call has not", function()
    local legacy = wire.nexmo(box)
    for name, value in pairs { style = 1, length_timer = 60, ringing_timer = 60,
      advanced_machine_detection = {} } do
      local _, err = legacy:send_voice(wire.changed(HELLO, { [name] = value }))
      assert.same({ "invalid", name }, { err.kind, err.problems[1].path })
      assert.matches("application_id and private_key", err.message, 1, true)
    end
    assert(legacy:send_voice(HELLO))
    assert.equal("/tts/json", box:arrivals()[1].path)
    legacy:close()
  end)
end)
