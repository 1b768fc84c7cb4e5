-- The Voice API: whose token it is, what a call is refused for, how it goes on.

local calls = require "sandbox.spec.calls"
local cjson = require "cjson"
local raw_server = require "spec.support.servers.raw_server"
local tokens = require "sandbox.spec.tokens"

local call, token = calls.call, tokens.token

local JTI = "c5ba8f24-1a14-4c10-bfdf-3fbe8ce5%04x"

local function body(changes)
  local all = { to = { { type = "phone", number = "447700900000" } }, random_from_number = true,
    ncco = { { action = "talk", text = "Hello" } } }
  for name, value in pairs(changes or {}) do
    all[name] = value ~= cjson.null and value or nil
  end
  return all
end

return function(it, assert)
  local function start(bearer, changes)
    return call("POST", "/v1/calls", body(changes), { authorization = "Bearer " .. bearer })
  end

  it("knows whose token it is", function()
    local id, key = calls.box:application()
    local now = os.time()
    local good = token(id, key, { jti = JTI:format(0xffff) })
    for _ = 1, 2 do
      assert.equal(201, (start(good)))
    end
    local cases = {
      { 201, { exp = now + 60 } }, { 201, { nbf = now - 1 } }, { 201, { iat = now - 800 } },
      { 401, { application_id = "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab" }, "not known" },
      { 401, { application_id = false }, "not known" },
      { 401, { iat = false }, "iat is missing" }, { 401, { iat = "1" }, "iat is missing" },
      { 401, { jti = false }, "UUID" }, { 401, { jti = "1" }, "UUID" },
      { 401, { jti = JTI:format(0xffff), nbf = now }, "another token" },
      { 401, { iat = now + 600 }, "from the future" }, { 401, { iat = now - 901 }, "expired" },
      { 401, { iat = now - 60, exp = now - 20 }, "expired" },
      { 401, { exp = now + 10 }, "out of range" }, { 401, { exp = now + 86500 }, "out of range" },
      { 401, { exp = "x" }, "must be a number" }, { 401, { nbf = now + 100 }, "not valid yet" },
    }
    for _, case in ipairs(cases) do
      local status, answer = start(token(id, key, case[2]))
      assert.equal(case[1], status, answer.detail or case[3])
      assert.matches(case[3] or "", answer.detail or "")
    end
    assert.equal(401, (start(token(id, key, nil, '{"alg":"none","typ":"JWT"}'))))
    assert.equal(401, (start(token(id, key, nil, '{"alg":"HS256","typ":"JWT"}'))))
    local changed = good:gsub("%..", ".x")
    for _, bad in ipairs { "", "a.b.c", "a.b", good:sub(1, -5), good .. "xxxx", changed } do
      assert.equal(401, (start(bad)))
    end
    assert.equal(401, (call("POST", "/v1/calls", body())))
    calls.box:settings { clock_offset = 3600 }
    local status, answer, headers = start(good)
    assert.same({ 401, "the token has expired" }, { status, answer.detail })
    assert.is_string(headers.date)
  end)

  it("takes tokens of the applications that were made", function()
    local _, made = call("POST", "/v2/applications", { name = "Demo" })
    local _, other = call("POST", "/v2/applications", { name = "Other" })
    local own = token(made.id, made.keys.private_key)
    assert.equal(400, (start(own))) -- it has no event_url
    assert.equal(201, (start(own, { event_url = { "https://example.com/e" } })))
    assert.equal(401, (start(token(made.id, other.keys.private_key))))
    call("DELETE", "/v2/applications/" .. made.id)
    assert.equal(401, (start(own)))
  end)

  it("checks a call", function()
    local good = token(calls.box:application())
    calls.box:settings { strict = true }
    local phone = { type = "phone", number = "447700900001" }
    for name, values in pairs {
      to = { cjson.null, {}, { { type = "sip", number = "447700900000" } },
        { { type = "phone", number = "+447700900000" } }, { phone, phone } },
      from = { "447700900000", phone }, -- there is random_from_number already
      ncco = { cjson.null, {}, { { action = "talk" } }, { { action = "dance" } },
        { { action = "talk", text = "<speak>a" } }, { { action = "talk", text = "a", x = 1 } },
        { { action = "talk", text = "a", language = "en-us" } },
        { { action = "talk", text = "a", style = "one" } },
        { { action = "stream", streamUrl = "https://a.b" } },
        { { action = "stream", streamUrl = { "a.b" } } } },
      event_url = { "https://a.b", { "a.b" } }, event_method = { "PUT" },
      machine_detection = { "true" }, length_timer = { 0, 86401 }, ringing_timer = { 0, 121 },
      advanced_machine_detection = { true, { beep_timeout = 29 }, { mode = "x" }, { x = 1 } },
      unknown = { 1 },
    } do
      for _, value in ipairs(values) do
        local status, answer = start(good, { [name] = value })
        assert.equal(400, status, name)
        assert.equal(name, answer.invalid_parameters[1].name)
        assert.equal("The request failed due to validation errors", answer.detail)
      end
    end
    assert.equal(400, (start(good, { random_from_number = cjson.null })))
    assert.equal(201, (start(good, { random_from_number = cjson.null, from = phone })))
    assert.equal(415, (call("POST", "/v1/calls", body(), { authorization = "Bearer " .. good,
      ["content-type"] = "text/plain" })))
  end)

  it("keeps calls, which go on by the clock", function()
    local good = token(calls.box:application())
    local bearer = { authorization = "Bearer " .. good }
    for number, course in pairs {
      ["447700900000"] = { "started", "ringing", "answered", "completed", "completed" },
      ["447700900901"] = { "started", "ringing", "busy" },
      ["447700900905"] = { "started", "ringing", "unanswered" },
      ["447700900906"] = { "started", "ringing", "machine" },
    } do
      calls.box:settings { call_step = 100, clock_offset = 0 }
      local _, made = start(good, { to = { { type = "phone", number = number } } })
      assert.same({ "started", "outbound" }, { made.status, made.direction })
      for i, status in ipairs(course) do
        calls.box:settings { clock_offset = (i - 1) * 100 + 50 }
        local _, seen = call("GET", "/v1/calls/" .. made.uuid, nil, bearer)
        assert.same({ status, number, made.conversation_uuid },
          { seen.status, seen.to.number, seen.conversation_uuid })
      end
    end
    assert.equal(404, (call("GET", "/v1/calls/none", nil, bearer)))
    assert.equal(401, (call("GET", "/v1/calls/none")))
  end)

  it("tells its events to whom the call names", function()
    local good, server = token(calls.box:application()), raw_server.start()
    server:reply(raw_server.http(204, ""))
    calls.box:settings { call_step = 0.2, webhook_signature = "sha1" }
    for _, case in ipairs { { "POST", "started ringing answered completed" },
      { "GET", "started ringing busy", "447700900901" } } do
      server:forget()
      local number = case[3] or "447700900000"
      assert.equal(201, (start(good, { event_url = { server.url }, event_method = case[1],
        to = { { type = "phone", number = number } } })))
      calls.box:callbacks()
      local seen = {}
      for i, request in ipairs(server:requests()) do
        assert.equal(case[1], request.text:match "^%u+")
        assert.equal(case[1] == "POST", request.text:find("Bearer eyJ", 1, true) ~= nil)
        seen[i] = request.text:match 'status"?[=:]"?(%l+)'
      end
      assert.equal(case[2], table.concat(seen, " "))
    end
    server:stop()
  end)

  it("has a limit of new calls where it is set", function()
    calls.box:settings { voice_limit = 1 }
    local good, seen = token(calls.box:application()), {}
    for _ = 1, 3 do
      local status = start(good)
      seen[status] = true
    end
    assert.is_true(seen[429] and seen[201])
  end)
end
