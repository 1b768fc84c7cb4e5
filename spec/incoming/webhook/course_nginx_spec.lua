-- The way of a message from end to end: sent through the library, its receipts called back by the
-- sandbox to an nginx with the library in it, shuffled, twice, some before the sender knows the
-- id, some of which nginx wants again. SMS_TEST_LONG=1 sends 3,000 messages.

local cjson = require "cjson"
local load = require "spec.support.runs.load"
local nginx = require "spec.support.servers.nginx"
local sandbox = require "spec.support.servers.sandbox"

local LONG = os.getenv "SMS_TEST_LONG"
local MESSAGES, TEXTS = LONG and 3000 or 60, LONG and 1000 or 24
local IN_FLIGHT = 16
local METHOD = "sha256"

local INIT = [[
  webhooks = require "spec.support.nginx.webhooks"
  webhooks.open(%q, %q)
]]

local LOCATIONS = [[
  location = /hook { content_by_lua_block { webhooks.hook() } }
  location = /send { content_by_lua_block { webhooks.send() } }
  location = /state { content_by_lua_block { webhooks.state() } }
  location = /give_up { content_by_lua_block { webhooks.give_up() } }
  location = /taken { content_by_lua_block { webhooks.taken() } }
]]

local HTTP = [[
  lua_shared_dict sms 64m;
  lua_shared_dict texts 8m;
]]

describe("Webhooks that the sandbox calls back to nginx", function()
  local box, server

  setup(function()
    box = sandbox.start { workers = 2 }
    server = nginx.start { workers = 2, init = INIT:format(box.urls.nexmo, METHOD),
      locations = LOCATIONS, http = HTTP, log_level = "crit" }
  end)
  teardown(function()
    server:stop()
    box:stop()
  end)
  before_each(function()
    box:reset()
    box:settings { webhook_url = server.url .. "/hook", webhook_signature = METHOD,
      webhook_copies = 2, webhook_spread = 0.3, webhook_retries = 50,
      webhook_retry_after = 0.01 }
  end)

  local function get(path)
    return cjson.decode((select(2, server:get(path))))
  end

  --- How the i-th message ends: its number, parts, status, and how many parts go.
  local function plan(i)
    local parts = i % 3 + 1
    if i % 5 == 0 then
      return { to = "447700900712", parts = parts, status = "failed", go = parts }
    elseif i % 7 == 0 and parts > 1 then
      return { to = "447700900807", parts = parts, status = "refused", go = 1 }
    end
    return { to = "447700900000", parts = parts, status = "delivered", go = parts }
  end

  local function send_all()
    local sent = load.run(server, IN_FLIGHT, function(i)
      local message = plan(i)
      return ("/send?to=%s&parts=%d&ref=%d"):format(message.to, message.parts, i)
    end, (function()
      local begun = 0
      return function()
        begun = begun + 1
        return begun <= MESSAGES
      end
    end)())
    local list = {}
    for path, answer in pairs(sent) do
      local i = tonumber(path:match "ref=(%d+)")
      assert.equal(200, answer.status)
      list[i] = cjson.decode(answer.body)
      assert.is_nil(list[i].err)
    end
    return list
  end

  --- Runs it once with receipts of these statuses; figures of what was called back.
  local function run(settings, has_conflict)
    box:settings(settings)
    local early, sent = 0, send_all()
    local attempts = box:callbacks()
    local first, answers = 0, {}
    for _, attempt in ipairs(attempts) do
      answers[attempt.status or "none"] = (answers[attempt.status or "none"] or 0) + 1
      first = first + (attempt.attempt == 1 and 1 or 0)
    end
    local parts = 0
    for i, message in ipairs(sent) do
      local expected = plan(i)
      early, parts = early + message.early, parts + expected.go
      assert.equal(expected.go, #message.ids)
      for _, id in ipairs(message.ids) do
        local state = get("/state?id=" .. id)
        assert.same({ expected.status, true, false, expected.parts },
          { state.status, state.final, state.doubtful, #state.parts })
        assert.equal(has_conflict and expected.to ~= "447700900712" or false, state.conflict)
      end
    end
    local statuses = select(2, settings.receipt_statuses:gsub("%a+", ""))
    assert.equal(parts * statuses * 2, first)
    assert.is_true(answers[500] > 0 and answers[204] > 0)
    assert.is_nil(answers.none or answers[400])
    return early, sent, answers, #attempts
  end

  local function say(what, sent, answers, attempts)
    print(("# %s: %d messages, %d webhooks sent (204 %d, 401 %d, 500 %d); all states are right")
      :format(what, #sent, attempts, answers[204], answers[401] or 0, answers[500]))
  end

  it("give each message its final state, signed anew each time", function()
    local _, sent, answers, attempts = run { receipt_statuses = "accepted,buffered,delivered" }
    assert.is_nil(answers[401])
    say("signed anew", sent, answers, attempts)
  end)

  it("give each message its final state, the same webhook twice", function()
    local _, sent, answers, attempts = run({ receipt_statuses = "accepted,buffered,delivered",
      webhook_resign = false })
    assert.is_true(answers[401] > 0)
    say("twice", sent, answers, attempts)
  end)

  it("are known before their sender knows the id, and keep what contradicts them", function()
    box:fault { operation = "send_sms", kind = "latency", seconds = 0.4 }
    local early, sent, answers, attempts = run({ webhook_spread = 0.1,
      receipt_statuses = "buffered,delivered,failed" }, true)
    assert.is_true(early > 0)
    say(("%d of them early"):format(early), sent, answers, attempts)
  end)

  it("bring long texts whole, or what there is of them", function()
    local expected, count = {}, 0
    for i = 1, TEXTS do
      local parts, lose = i % 4 + 1, i % 6 == 5
      local text = ("%d:"):format(i) .. (i % 2 == 0 and "Ж" or "x")
        :rep((i % 2 == 0 and 67 or 153) * parts - 20)
      lose = lose and parts > 1
      box:inbound { from = "4477" .. 10000000 + i, ref = tostring(i % 200), text = text,
        lose = lose and { 2 } or nil }
      expected[tostring(i)] = { text = text, lose = lose }
    end
    box:callbacks()
    server:get "/give_up"
    for _, line in ipairs(get "/taken?what=texts") do
      local message = cjson.decode(line)
      local key = message.text:match "^(%d+):"
      local one = assert(expected[key], "twice, or unknown: " .. key)
      expected[key], count = nil, count + 1
      assert.same(one.lose and { 2 } or {}, message.missing)
      assert.equal(one.lose, message.text ~= one.text)
    end
    assert.equal(TEXTS, count)
    assert.same({}, get "/taken?what=texts")
    print(("# %d texts, each once"):format(count))
  end)

  it("tell the ends of calls", function()
    for status, number in pairs { ok = "447700900000", machine = "447700900704" } do
      box:settings { webhook_copies = 1 }
      sandbox.request("POST", box.urls.nexmo .. "/tts/json", ("api_key=abcd1234&api_secret="
        .. "Secret0123456789&to=%s&text=Hello&callback=%s/hook"):format(number, server.url),
        { ["content-type"] = "application/x-www-form-urlencoded" })
      box:callbacks()
      assert.same({ status }, get "/taken?what=calls")
    end
  end)

  it("are taken whatever they say", function()
    for _, case in ipairs { { "other", { event = "of later", deep = { list = { 1, "a" } } } },
      { "other", { recording_uuid = "1", recording_url = "https://example.com/r" } },
      { "voice_event", { uuid = "", call_uuid = "1", headers = { ["X-A"] = "b" } } },
      { "message_status", { status = "undeliverable", usage = { price = "0.1" } } },
      { "inbound_sms", { text = "a\0b", concat = "true" } } } do
      box:reset { webhook_retries = 50, webhook_retry_after = 0.01 }
      box:webhook { kind = case[1], url = server.url .. "/hook", signature = "jwt",
        fields = case[2] }
      local attempts = box:callbacks()
      assert.equal(204, attempts[#attempts].status, case[1])
    end
  end)

  it("are taken in every form, by every proof, and no other", function()
    for i, case in ipairs { { "form", METHOD, 204 }, { "query", METHOD, 204 },
      { "json", METHOD, 204 }, { "json", "jwt", 204 }, { "form", "none", 401 },
      { "query", "sha512", 401 }, { "json", "md5hash", 401 } } do
      box:reset { webhook_retries = 50, webhook_retry_after = 0.01 }
      for _, kind in ipairs { "delivery_receipt", "inbound_sms", "voice", "voice_event",
        "message_status" } do -- the last two have a timestamp of their own, and tokens alone
        if i > 3 or kind ~= "voice_event" and kind ~= "message_status" then
          box:webhook { kind = kind, url = server.url .. "/hook", form = case[1],
            signature = case[2] }
        end
      end
      local ended = {}
      for _, attempt in ipairs(box:callbacks()) do ended[attempt.kind] = attempt.status end
      for kind, status in pairs(ended) do assert.equal(case[3], status, kind) end
    end
  end)
end)
