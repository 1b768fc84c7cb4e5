-- The Voice API takes what its documents have: actions, endpoints, answer_url, numbers as text; and
-- shows calls as they do.

local calls = require "sandbox.spec.calls"
local cjson = require "cjson"
local tokens = require "sandbox.spec.tokens"

local call = calls.call

local EVENTS = { "https://example.com/e" }

local function phone(number)
  return { type = "phone", number = number or "447700900000" }
end

-- What the documents show, as clients write it.
local ACTIONS = {
  { action = "talk", text = "Hi", bargeIn = true, level = 0.4, loop = "1", style = "0",
    language = "en-GB", premium = false },
  { action = "talk", text = "Hi", bargeIn = "false", level = "-0.4", voiceName = "Amy" },
  { action = "stream", streamUrl = { "https://example.com/a.mp3" }, level = -1, loop = 0,
    bargeIn = true },
  { action = "record" },
  { action = "record", format = "wav", split = "conversation", channels = 2, endOnSilence = "3",
    endOnKey = "#", timeOut = 7200, beepStart = "true", eventUrl = EVENTS, eventMethod = "POST",
    transcription = { language = "en-US", eventUrl = EVENTS, sentimentAnalysis = true } },
  { action = "conversation", name = "room", musicOnHoldUrl = { "https://example.com/m.mp3" },
    startOnEnter = "false", endOnExit = true, record = true, canSpeak = {}, canHear = { "63f6" },
    mute = false },
  { action = "connect", from = "447700900001", timeout = 30, limit = "7200",
    endpoint = { { type = "phone", number = "447700900002", dtmfAnswer = "1p2p3p#",
      onAnswer = { url = "https://example.com/n", ringbackTone = "https://example.com/r" } } },
    eventType = "synchronous", machineDetection = "hangup", eventUrl = EVENTS,
    advancedMachineDetection = { behavior = "continue", mode = "detect", beep_timeout = 45 },
    ringbackTone = "https://example.com/r.wav" },
  { action = "connect", randomFromNumber = true, endpoint = { { type = "app", user = "jamie" } } },
  { action = "connect", endpoint = { { type = "websocket", uri = "wss://example.com/s",
    ["content-type"] = "audio/l16;rate=16000", headers = { name = "J", deep = { a = 1 } } } } },
  { action = "connect", endpoint = { { type = "sip", uri = "sip:rebekka@sip.example.com",
    headers = { k = "v" }, standardHeaders = { ["User-to-User"] = "34" } } } },
  { action = "connect", endpoint = { { type = "vbc", extension = "111" } } },
  { action = "input", type = { "dtmf", "speech" }, eventUrl = EVENTS, eventMethod = "GET",
    dtmf = { timeOut = "10", maxDigits = 20, submitOnHash = true },
    speech = { uuid = { "63f6" }, endOnSilence = 0.5, language = "en-US", context = { "support" },
      startTimeout = 10, maxDuration = 5, saveAudio = true, sensitivity = "50" } },
  { action = "input", maxDigits = 1, timeOut = 5, submitOnHash = true },
  { action = "notify", payload = { foo = "bar" }, eventUrl = EVENTS, eventMethod = "POST" },
  { action = "wait" }, { action = "wait", timeout = "0.5" },
  { action = "transfer", conversationId = "CON-f9", canHear = {}, mute = "true" },
}

local BAD_ACTIONS = {
  { action = "dance" }, { text = "a" }, "talk", cjson.null, { action = "talk" },
  { action = "talk", text = "a", level = 1.5 }, { action = "talk", text = "a", bargeIn = "yes" },
  { action = "talk", text = "a", loop = "" }, { action = "record", format = "flac" },
  { action = "record", endOnKey = "12" }, { action = "conversation" }, { action = "connect" },
  { action = "connect", endpoint = {} }, { action = "connect", endpoint = { phone(), phone() } },
  { action = "connect", endpoint = { { type = "app" } } },
  { action = "connect", endpoint = { { type = "websocket", uri = "http://example.com" } } },
  { action = "connect", endpoint = { { type = "sip" } } },
  { action = "input", type = { "smell" } }, { action = "notify", payload = {} },
  { action = "notify", payload = 1, eventUrl = EVENTS },
  { action = "record", eventUrl = "https://example.com" },
  { action = "wait", timeout = 7201 }, { action = "transfer" },
}

return function(it, assert)
  local bearer
  local function start(changes)
    local posted = { to = { phone() }, random_from_number = true,
      ncco = { { action = "talk", text = "Hello" } } }
    for name, value in pairs(changes or {}) do
      posted[name] = value ~= cjson.null and value or nil
    end
    return call("POST", "/v1/calls", posted, bearer)
  end

  local function begin(settings)
    calls.box:settings(settings or {})
    bearer = { authorization = "Bearer " .. tokens.token(calls.box:application()) }
  end

  local function arrival()
    local list = calls.box:arrivals()
    return list[#list]
  end

  it("takes all actions of an NCCO, also where it is strict", function()
    begin { strict = true }
    for i, action in ipairs(ACTIONS) do
      local status, answer = start { ncco = { action } }
      assert.equal(201, status, i .. " " .. action.action .. " " .. (answer.detail or ""))
    end
    assert.equal(201, (start { ncco = ACTIONS }))
    assert.is_nil(arrival().lenient)
  end)

  it("refuses what no document has", function()
    begin()
    for i, action in ipairs(BAD_ACTIONS) do
      local status, answer = start { ncco = { action } }
      assert.same({ 400, "ncco", "is invalid" }, { status, answer.invalid_parameters[1].name,
        answer.invalid_parameters[1].reason }, tostring(i))
    end
  end)

  it("takes all endpoints, and shows them", function()
    begin { strict = true }
    for name, to in pairs {
      ["447700900000"] = { type = "phone", number = "447700900000", dtmfAnswer = "p1#" },
      ["sip:a@example.com"] = { type = "sip", uri = "sip:a@example.com",
        standard_headers = { ["User-to-User"] = "3" } },
      ["wss://example.com/s"] = { type = "websocket", uri = "wss://example.com/s",
        ["content-type"] = "audio/l16;rate=8000", headers = {} },
      ["111"] = { type = "vbc", extension = "111" },
      jamie = { type = "app", user = "jamie" },
    } do
      local status, made = start { to = { to } }
      assert.equal(201, status, name)
      assert.equal(name, arrival().to)
      local _, seen = call("GET", "/v1/calls/" .. made.uuid, nil, bearer)
      assert.same(to.type, seen.to.type)
    end
  end)

  it("takes an address for the NCCO in its place", function()
    begin { strict = true }
    local url = { "https://example.com/answer" }
    assert.equal(201, (start { ncco = cjson.null, answer_url = url, answer_method = "POST",
      length_timer = "60", ringing_timer = "20", advanced_machine_detection = {
        behavior = "hangup", mode = "default", beep_timeout = "45" } }))
    for name, changes in pairs {
      answer_url = { answer_url = url },
      ncco = { ncco = cjson.null },
      answer_method = { ncco = cjson.null, answer_url = url, answer_method = "PUT" },
    } do
      local status, answer = start(changes)
      assert.same({ 400, name }, { status, answer.invalid_parameters[1].name })
    end
    assert.equal(400, (start { ncco = cjson.null, answer_url = "https://example.com" }))
  end)

  it("ignores what it does not know, and says so, unless it is strict", function()
    begin()
    local odd = { ncco = { { action = "talk", text = "a", shout = 1, language = "tlh-KX" } },
      surprise = 1 }
    assert.equal(201, (start(odd)))
    assert.is_true(arrival().lenient)
    assert.equal(201, (start { ncco = { { action = "record", beepStart = "True" } } }))
    assert.is_true(arrival().lenient)
    calls.box:settings { strict = true }
    assert.equal(400, (start(odd)))
    assert.equal(400, (start { ncco = { { action = "record", beepStart = "True" } } }))
    assert.is_nil(arrival().lenient)
  end)

  it("tells of an ended call what it took", function()
    begin { call_step = 100 }
    local function seen(number, after)
      calls.box:settings { clock_offset = 0 }
      local _, made = start { to = { phone(number) } }
      calls.box:settings { clock_offset = after }
      local _, shown = call("GET", "/v1/calls/" .. made.uuid, nil, bearer)
      assert.equal("/v1/calls/" .. made.uuid, shown._links.self.href)
      assert.equal("447700900500", shown.from.number)
      return shown
    end
    local running = seen(nil, 250)
    assert.same({ "answered" }, { running.status, running.end_time, running.price })
    local ended = seen(nil, 350)
    assert.same({ "completed", "30", "0.01200000", "0.02400000", "23410" },
      { ended.status, ended.duration, ended.price, ended.rate, ended.network })
    assert.matches("^%d+%-%d%d%-%d%dT[%d:.]+Z$", ended.end_time)
    local busy = seen("447700900901", 250)
    assert.same({ "busy", "0", "0.00000000" }, { busy.status, busy.duration, busy.price })
  end)

  it("lists calls in pages", function()
    begin { call_step = 100 }
    local uuids = {}
    for i = 1, 5 do
      uuids[i] = select(2, start { to = { phone(i == 2 and "447700900901" or nil) } }).uuid
    end
    local function list(query)
      local status, answer = call("GET", "/v1/calls" .. query, nil, bearer)
      assert.equal(200, status, query)
      local seen = {}
      for i, one in ipairs(answer._embedded.calls) do
        for j, uuid in ipairs(uuids) do
          if one.uuid == uuid then seen[i] = j end
        end
      end
      return table.concat(seen, " "), answer
    end
    local seen, first = list ""
    assert.same({ "1 2 3 4 5", 5, 10, 0 }, { seen, first.count, first.page_size,
      first.record_index })
    local middle
    seen, middle = list "?page_size=2&record_index=2&order=asc"
    assert.equal("3 4", seen)
    assert.same({
      self = { href = "/v1/calls?order=asc&page_size=2&record_index=2" },
      first = { href = "/v1/calls?order=asc&page_size=2" },
      prev = { href = "/v1/calls?order=asc&page_size=2&record_index=0" },
      next = { href = "/v1/calls?order=asc&page_size=2&record_index=4" },
      last = { href = "/v1/calls?order=asc&page_size=2&record_index=4" },
    }, middle._links)
    seen, middle = list "?page_size=2&record_index=4"
    assert.same({ "5" }, { seen, middle._links.next })
    assert.equal("5 4 3 2 1", (list "?order=desc"))
    assert.equal("", (list "?record_index=9"))
    assert.equal("", (list "?date_start=2100-01-01T00:00:00Z"))
    assert.equal("1 2 3 4 5", (list "?date_end=2100-01-01T00:00:00Z"))
    calls.box:settings { clock_offset = 250 }
    assert.equal("2", (list "?status=busy"))
    assert.equal("3", (list("?conversation_uuid=" .. first._embedded.calls[3].conversation_uuid)))
    for _, query in ipairs { "?page_size=101", "?page_size=x", "?record_index=-1", "?order=up",
      "?status=lost", "?date_start=yesterday" } do
      assert.equal(400, (call("GET", "/v1/calls" .. query, nil, bearer)), query)
    end
    assert.equal(401, (call("GET", "/v1/calls")))
    local list_arrivals = calls.box:arrivals()
    assert.equal("list_calls", list_arrivals[#list_arrivals].operation)
  end)
end
