-- The rest of Nexmo: who asks, speech, numbers, applications.

local calls = require "sandbox.spec.calls"

local call, sms = calls.call, calls.sms

return function(it, assert)
  it("knows who asks", function()
    local none = { authorization = false }
    local key, secret = "abcd1234", "Secret0123456789"
    for _, case in ipairs {
      { "0", { api_key = key, api_secret = secret }, none },
      { "2", { api_secret = secret }, none }, { "2", { api_key = key }, none },
      { "4", { api_key = key, api_secret = "x" }, none },
      { "32", { api_key = key, api_secret = secret, sig = "x" }, none },
      { "32", { api_key = key, sig = "x" } },
      { "14", { api_key = key, timestamp = "1", sig = "x" }, none },
      { 401, {}, { authorization = "Basic eDp5" } },
    } do
      assert.equal(case[1], (sms(case[2], case[3])))
    end
    assert.equal(401, (call("GET", "/number/search?country=GB", nil, { authorization = "x" })))
    assert.equal(200, (call("GET", "/number/search?country=GB&api_key=" .. key .. "&api_secret="
      .. secret, nil, none)))
    assert.equal(401, (call("GET", "/v2/applications", nil, none)))
    assert.equal(401, (call("GET", "/v1/applications")))
    assert.equal(401, (call("GET", "/rest/v1/sms?jobId=x", nil, none)))
    assert.equal(200, (call("GET", "/rest/v1/version", nil, none)))
    calls.box:settings { nexmo_basic_error = "status" }
    assert.equal("4", (sms({}, { authorization = "Basic eDp5" })))
  end)

  it("speaks, with the codes of text to speech", function()
    local form = { ["content-type"] = "application/x-www-form-urlencoded", authorization = false }
    for _, case in ipairs {
      { "0", "" }, { "1", "&api_secret=x" }, { "2", "&to=" }, { "2", "&text=" }, { "4", "&to=12" },
      { "3", "&repeat=11" }, { "3", "&voice=x" }, { "3", "&lg=english" }, { "3", "&callback=x" },
      { "3", "&machine_detection=false" }, { "3", "&text=" .. ("a"):rep(1501) },
      { "0", "&machine_timeout=1&repeat=10&voice=male&lg=en-gb&machine_detection=true" },
      { "5", "&to=447700900905" }, { "6", "&to=447700900906" }, { "7", "&to=447700900907" },
      { "99", "&to=447700900999" },
    } do
      local body = "api_key=abcd1234&api_secret=Secret0123456789&to=447700900000&text=Hello"
      for name, value in case[2]:gmatch "&([%w_]+)=([^&]*)" do
        body = body:gsub("&?" .. name .. "=[^&]*", "") .. "&" .. name .. "=" .. value
      end
      local status, answer = call("POST", "/tts/json", body, form)
      assert.same({ 200, case[1] }, { status, answer.status }, case[2])
      assert.equal(case[1] == "0", #(answer.call_id or "") == 32)
    end
  end)

  it("pages through numbers", function()
    local _, all = call("GET", "/number/search?country=GB&size=100")
    assert.same({ 160, 100 }, { all.count, #all.numbers })
    local _, last = call("GET", "/number/search?country=GB&size=100&index=2")
    assert.same({ 160, 60 }, { last.count, #last.numbers })
    for _, case in ipairs {
      { 200, "/number/search?country=GB&pattern=447700900100", 1 },
      { 200, "/number/search?country=GB&pattern=0100&search_pattern=2", 1 },
      { 200, "/number/search?country=DE&pattern=00001&search_pattern=1&features=SMS,VOICE", 50 },
      { 200, "/number/search?country=FR" }, { 200, "/account/numbers?country=US", 20 },
      { 200, "/account/numbers?has_application=true", 12 },
      { 420, "/number/search" }, { 420, "/number/search?country=gb" },
      { 420, "/number/search?country=GB&size=101" }, { 420, "/number/search?country=GB&index=0" },
      { 420, "/account/numbers?search_pattern=3" },
      { 420, "/number/search?country=GB&features=FAX" },
    } do
      local status, answer = call("GET", case[2])
      assert.equal(case[1], status)
      if case[3] then assert.equal(case[3], answer.count, case[2]) end
    end
  end)

  it("sells numbers, and takes them back", function()
    local form = { ["content-type"] = "application/x-www-form-urlencoded" }
    local number, own = "country=GB&msisdn=447700900100", "country=GB&msisdn=447700900500"
    local sub = "&target_api_key=abcd5678"
    local function balance() return select(2, call("GET", "/account/get-balance")).value end
    local function has(list)
      local _, all = call("GET", list .. "&pattern=447700900100")
      return all.count == 1
    end
    assert.equal(100000, balance())
    for _, case in ipairs {
      { 420, "buy", "" }, { 420, "buy", "country=GB" }, { 420, "buy", "country=gb&msisdn=1" },
      { 420, "buy", "country=DE&msisdn=447700900100" }, { 420, "buy", own },
      { 420, "cancel", number }, { 420, "update", number .. "&app_id=x" },
      { 200, "buy", number }, { 420, "buy", number }, { 420, "cancel", number .. sub },
      { 200, "cancel", number }, { 420, "cancel", number }, { 200, "buy", number .. sub },
      { 420, "cancel", number }, { 420, "update", number }, { 200, "cancel", number .. sub },
      { 200, "update", own .. "&voiceCallbackType=sip&voiceCallbackValue=sip:a@b" },
      { 420, "update", own .. "&voiceCallbackType=sip" },
      { 420, "update", own .. "&voiceCallbackType=vxml&voiceCallbackValue=x" },
      { 420, "update", own .. "&moHttpUrl=x" },
      { 420, "update", own .. "&moHttpUrl=http://127.0.0.1:1/" },
      { 200, "update", own .. "&moHttpUrl=http://192.0.2.1/&app_id=x" },
      { 200, "update", own .. "&moHttpUrl=" }, { 200, "cancel", own },
    } do
      local status, answer = call("POST", "/number/" .. case[2], case[3], form)
      assert.same({ case[1], tostring(case[1]) }, { status, answer["error-code"] }, case[3])
    end
    assert.is_true(math.abs(99997.5 - balance()) < 1e-6)
    assert.is_true(has "/number/search?country=GB")
    assert.equal(200, (call("POST", "/number/buy", number, form)))
    assert.is_true(has "/account/numbers?country=GB")
    assert.is_false(has "/number/search?country=GB")
    local arrivals = calls.box:arrivals "buy_number"
    assert.equal("447700900100", arrivals[#arrivals].to)
    assert.equal(401, (call("POST", "/number/buy", number,
      { authorization = "x", ["content-type"] = form["content-type"] })))
    calls.box:settings { balance = 1, address_country = "DE" }
    assert.equal(420, (call("POST", "/number/buy", "country=GB&msisdn=447700900101", form)))
    assert.equal(420, (call("POST", "/number/buy", "country=DE&msisdn=4917600000100", form)))
  end)

  it("keeps applications, in both versions", function()
    local hooks = { answer_url = { address = "https://a.b/c", http_method = "GET" } }
    local posted = { name = "One", capabilities = { voice = { webhooks = hooks } } }
    local status, made = call("POST", "/v2/applications", posted)
    assert.equal(201, status)
    assert.matches("BEGIN PRIVATE KEY", made.keys.private_key)
    local path = "/v2/applications/" .. made.id
    local _, got = call("GET", path)
    assert.is_nil(got.keys.private_key)
    assert.same(posted.capabilities, got.capabilities)
    local _, put = call("PUT", path, { name = "Two", keys = { public_key = got.keys.public_key } })
    assert.same({ "Two", got.keys.public_key }, { put.name, put.keys.public_key })
    assert.is_nil(next(put.capabilities))
    local login = "?api_key=abcd1234&api_secret=Secret0123456789"
    local flat = {
      name = "Three", type = "voice", answer_url = "https://a.b", event_url = "https://c.d",
      api_key = "abcd1234", api_secret = "Secret0123456789",
    }
    status, made = call("POST", "/v1/applications", flat)
    assert.equal(201, status)
    assert.equal(2, #made.voice.webhooks)
    local _, list = call("GET", "/v1/applications" .. login .. "&page_index=1&page_size=1")
    assert.same({ 2, made.id }, { list.count, list._embedded.applications[1].id })
    _, list = call("GET", "/v2/applications?page=2&page_size=1")
    assert.same({ 2, 2, made.id },
      { list.total_items, list.total_pages, list._embedded.applications[1].id })
    assert.equal(204, (call("DELETE", path)))
    assert.equal(404, (call("DELETE", path)))
    assert.equal(204, (call("DELETE", "/v1/applications/" .. made.id .. login)))
  end)

  it("refuses wrong applications", function()
    local url = "https://example.com"
    local function voice(hook) return { name = "x", capabilities = { voice = hook } } end
    for _, case in ipairs {
      { 400, {} }, { 400, { name = 1 } }, { 400, "no" },
      { 400, { name = "x", keys = { public_key = "k" } } },
      { 400, voice { region = "moon" } }, { 400, voice { conversations_ttl = 9001 } },
      { 400, voice { webhooks = { answer_url = { address = "x" } } } },
      { 400, voice { webhooks = { event_url = { address = url, socket_timeout = 10001 } } } },
      { 400, voice { webhooks = { answer_url = { address = url, http_method = "PUT" } } } },
      { 400, '{"name":"x","capabilities":{"vbc":[]}}' },
      { 201, '{"name":"x","capabilities":{"vbc":{}}}' },
      { 415, { name = "x" }, { ["content-type"] = "text/plain" } },
      { 406, { name = "x" }, { accept = "text/xml" } },
    } do
      assert.equal(case[1], (call("POST", "/v2/applications", case[2], case[3])))
    end
    assert.equal(405, (call("PATCH", "/v2/applications/x", "{}")))
    assert.equal(404, (call("GET", "/v2/applications/x")))
  end)
end
