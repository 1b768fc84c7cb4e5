-- What clients of all kinds send: null for what they do not say, True for true, small letters; they
-- follow links; and nothing they send is an error of the sandbox itself.

local calls = require "sandbox.spec.calls"
local cjson = require "cjson"
local tokens = require "sandbox.spec.tokens"

local call, job = calls.call, calls.job

local URL = "https://example.com/e"

-- Whole requests; every member of theirs is played with.
local REQUESTS = {
  { "/rest/v1/jobs", { options = { src = "Acme", encoding = "STANDARD", billcode = "b",
    statusRequested = true, flash = false, customerRef = "r", validityMin = 5, maxParts = 1,
    invalidCharacters = "REPLACE", qos = "NORMAL", jobPeriod = "2030-01-01T00:00Z",
    duplicateDetection = false, blackoutPeriods = { "2030-01-01T18:00Z/2030-01-02T07:00Z" } },
    messages = { { text = "Hello", recipients = { { dst = "+491760000000", customerRef = "c",
      blackoutPeriods = { "2030-01-01T18:00Z/2030-01-02T07:00Z" } } } } } } },
  { "/sms/json", { from = "Acme", to = "447700900000", text = "Hello", type = "text", ttl = 60000,
    ["status-report-req"] = 1, ["client-ref"] = "r", callback = URL, ["message-class"] = 1 } },
  { "/tts/json", { api_key = "abcd1234", api_secret = "Secret0123456789", to = "447700900000",
    from = "447700900001", text = "Hello", lg = "en-gb", voice = "male", ["repeat"] = 2 } },
  { "/v2/applications", { name = "One", keys = { public_key = "-----BEGIN PUBLIC KEY-----" },
    capabilities = { voice = { webhooks = { answer_url = { address = URL, http_method = "GET",
      connect_timeout = 500, socket_timeout = 2000 } }, region = "eu-west" }, vbc = {} },
    privacy = { improve_ai = false } } },
  { "/v1/applications", { api_key = "abcd1234", api_secret = "Secret0123456789", name = "One",
    type = "voice", answer_url = URL, event_url = URL, answer_method = "GET" } },
  { "/v1/calls", { to = { { type = "phone", number = "447700900000", dtmfAnswer = "1" } },
    from = { type = "phone", number = "447700900001" }, event_url = { URL },
    ncco = { { action = "talk", text = "Hello", loop = 1 } },
    advanced_machine_detection = { mode = "detect" }, length_timer = 60 } },
}

local ODD = { cjson.null, true, 0, -1.5, "", "x", {}, { cjson.null }, { "x" }, { a = 1 },
  { a = cjson.null }, { { {} } } }

--- Calls f with a copy of a value for each of its members, which is another value there.
local function each_member(value, others, f, whole)
  whole = whole or function(copy) return copy end
  for key, member in pairs(value) do
    local function with(other)
      local copy = {}
      for name, item in pairs(value) do copy[name] = item end
      copy[key] = other
      return whole(copy)
    end
    for _, other in ipairs(others) do f(with(other), with(nil), key) end
    if type(member) == "table" then each_member(member, others, f, with) end
  end
end

return function(it, assert)
  local function send(path, body)
    local headers = {}
    if path == "/v1/calls" then
      headers.authorization = "Bearer " .. calls.box.token
    elseif path ~= "/v2/applications" and path ~= "/sms/json" and path ~= "/rest/v1/jobs" then
      headers.authorization = false
    end
    local status, answer = call("POST", path, body, headers)
    return status, answer
  end

  local function begin(settings)
    settings.key_bits = 512
    calls.box:settings(settings)
    calls.box.token = tokens.token(calls.box:application())
  end

  local function told(status, answer)
    local part = type(answer) == "table" and (answer.messages and answer.messages[1] or answer)
    return status .. " " .. tostring(part and part.status or "")
  end

  it("has no error of its own, whatever stands where", function()
    begin {}
    for _, request in ipairs(REQUESTS) do
      local path = request[1]
      local status, answer = send(path, request[2])
      assert.is_true(status < 300, path .. " " .. cjson.encode(answer))
      each_member(request[2], ODD, function(body, _, key)
        local code = send(path, body)
        assert.is_true(code < 500, ("%s: %s of %s"):format(code, key, cjson.encode(body)))
      end)
      for _, odd in ipairs { "null", "[null]", "{}", "[]", "1", "", '{"a":null}' } do
        assert.is_true(send(path, odd) < 500, path .. " " .. odd)
      end
    end
  end)

  it("takes null for absent everywhere", function()
    for _, strict in ipairs { false, true } do
      begin { strict = strict }
      for _, request in ipairs(REQUESTS) do
        each_member(request[2], { cjson.null }, function(body, without, key)
          if type(key) ~= "string" then return end -- in a list it is a value
          local path = request[1]
          assert.equal(told(send(path, without)), told(send(path, body)),
            ("%s without %s"):format(path, key))
        end)
      end
    end
    assert.equal(201, (call("POST", "/rest/v1/jobs", '{"options":null,"messages":[{"text":"a",'
      .. '"recipients":[{"dst":"1","customerRef":null}]}]}')))
    local _, made = call("POST", "/v2/applications", '{"name":"a","keys":{"public_key":null},'
      .. '"capabilities":{"voice":null}}')
    assert.matches("BEGIN PRIVATE KEY", made.keys.private_key)
    assert.is_nil(next(made.capabilities))
  end)

  it("takes True, False and words in small letters, and says so, unless it is strict", function()
    local cases = {
      { "GET", "/rest/v1/jobs?jobIdsOnly=True" },
      { "GET", "/rest/v1/jobs?jobIdsOnly=true&open=False" },
      { "POST", "/rest/v1/jobs", job { qos = "normal" } },
      { "POST", "/rest/v1/jobs", job { encoding = "utf-16", invalidCharacters = "replace" } },
      { "GET", "/account/numbers?has_application=True" },
      { "POST", "/sms/json", { from = "Acme", to = "447700900000", text = "Hello",
        ["status-report-req"] = "False" } },
    }
    for _, case in ipairs(cases) do
      calls.box:settings { strict = false }
      local status, answer = call(case[1], case[2], case[3])
      assert.is_true(status < 300, case[2])
      assert.is_true(not answer.messages or answer.messages[1].status == "0")
      local list = calls.box:arrivals()
      assert.is_true(list[#list].lenient, case[2])
      calls.box:settings { strict = true }
      status, answer = call(case[1], case[2], case[3])
      assert.is_true(status >= 400 or answer.messages[1].status == "3", case[2])
      list = calls.box:arrivals()
      assert.is_nil(list[#list].lenient, case[2])
    end
  end)

  it("marks nothing that is as documented", function()
    call("GET", "/rest/v1/jobs?jobIdsOnly=true&open=false")
    local _, answer = call("POST", "/rest/v1/jobs", job { qos = "EXPRESS", encoding = "UTF-16" })
    calls.box:settings { strict = false }
    local _, small = call("POST", "/rest/v1/jobs", job { qos = "express", encoding = "utf-16" })
    for i, made in ipairs { answer, small } do
      local _, report = call("GET", "/rest/v1/jobs/" .. made.jobId)
      assert.same({ "EXPRESS", "utf-16" }, { report.qos, report.encoding }, tostring(i))
    end
    local list = calls.box:arrivals()
    assert.same({ nil, nil, true }, { list[1].lenient, list[2].lenient, list[3].lenient })
  end)

  it("links the pages of applications", function()
    begin {}
    for i = 1, 5 do call("POST", "/v2/applications", { name = "A" .. i }) end
    local login = "?api_key=abcd1234&api_secret=Secret0123456789&page_size=2"
    local function links(query)
      local path = query:find "page=" and "/v2/applications" .. query or "/v1/applications" .. query
      local _, answer = call("GET", path)
      local seen = {}
      for name, link in pairs(answer._links) do
        local version, place = link.href:match "^/(v%d)/applications%?page_size=2&?(.*)$"
        assert.is_string(version, link.href)
        seen[name] = place
      end
      return seen
    end
    assert.same({ self = "page=1", first = "", last = "page=3", next = "page=2" },
      links "?page_size=2&page=1")
    assert.same({ self = "page=2", first = "", last = "page=3", next = "page=3", prev = "page=1" },
      links "?page_size=2&page=2")
    assert.same({ self = "page=3", first = "", last = "page=3", prev = "page=2" },
      links "?page_size=2&page=3")
    assert.same({ self = "page_index=0", first = "", last = "page_index=2", next = "page_index=1" },
      links(login .. "&page_index=0"))
    assert.same({ self = "page_index=2", first = "", last = "page_index=2", prev = "page_index=1" },
      links(login .. "&page_index=2"))
  end)

  it("makes applications with keys of 2048 bits, no two with the same", function()
    local seen = {}
    for i = 1, 3 do
      local _, made = call("POST", "/v2/applications", { name = "A" .. i })
      local lines = select(2, made.keys.private_key:gsub("\n", ""))
      assert.is_true(lines > 25, lines .. " lines")
      assert.is_nil(seen[made.keys.public_key])
      seen[made.keys.public_key] = true
    end
    calls.box:reset()
    local _, again = call("POST", "/v2/applications", { name = "A" })
    assert.is_true(seen[again.keys.public_key])
  end)
end
