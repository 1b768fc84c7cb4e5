-- The sandbox' page by plain HTTP: what it gives, and what its events say. Who is refused:
-- refused_spec.lua. In a browser: browser_spec.lua.

local cjson = require "cjson"
local messages = require "spec.support.pages.messages"
local nexmo = require("sms").nexmo
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"
local socket = require "socket"

local HOSTILE = [[<img src=x onerror="document.title='owned'"></p>]]
  .. "<script>document.title='owned'</script>"

describe("The page of the sandbox", function()
  local box = sandbox.for_specs { workers = 2, application = true }

  local function get(path) return sandbox.request("GET", box.urls.control .. path) end

  local function view(path)
    local status, body = get("/_sandbox/page/" .. path)
    assert.same(200, status, body)
    return cjson.decode(body)
  end

  local function sms(text, more) return messages.sms(box, text, more) end

  -- Follows the events; a function that gives the next state, and one that ends it. Nil where that
  -- is refused.
  local function follow()
    local connection = socket.tcp()
    connection:settimeout(5)
    assert(connection:connect("127.0.0.1", tonumber(box.urls.control:match "%d+$")))
    connection:send "GET /_sandbox/page/events HTTP/1.1\r\nHost: localhost\r\n\r\n"
    if not assert(connection:receive "*l"):find " 200 " then return nil, connection:close() end
    return function()
      while true do
        local line = assert(connection:receive "*l")
        local data = line:match "^data: (.*)"
        if data then return cjson.decode(data) end
      end
    end, function() connection:close() end
  end

  it("is the first port, and the others follow", function()
    local first = tonumber(box.urls.control:match "%d+$")
    assert.same(box.urls.control .. "/", box.urls.page)
    assert.same("http://127.0.0.1:" .. first + 1, box.urls.retarus)
    assert.same("http://127.0.0.1:" .. first + 7, box.urls.nexmo_api)
  end)

  it("listens on loopback alone", function()
    local configuration = process.read(box.dir .. "/nginx.conf")
    for line in configuration:gmatch "listen ([^\n]+)" do assert.matches("^127%.0%.0%.1:", line) end
  end)

  it("is one page with a script and a style sheet of its own, and a policy that allows no other",
    function()
      local status, page, headers = get "/"
      assert.same(200, status)
      local policy = headers["content-security-policy"]
      assert.matches("default-src 'none'; script-src 'self'; style-src 'self'", policy, 1, true)
      assert.is_nil(policy:find("unsafe", 1, true) or page:find("://", 1, true))
      assert.is_nil(page:find(" style=", 1, true) or page:find " on%a+=")
      local named = {}
      for path in page:gmatch '[a-z]+="(/[^"]*)"' do named[#named + 1] = path end
      assert.same({ "/page.css", "/page.js" }, named)
      for _, path in ipairs(named) do
        local found, body = get(path)
        assert.same(200, found)
        assert.is_nil(body:find("://", 1, true))
      end
    end)

  it("makes no markup of any text", function()
    local _, script = get "/page.js"
    for _, way in ipairs { "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write",
      "eval(", "Function(", "DOMParser", "srcdoc" } do
      assert.is_nil(script:find(way, 1, true), way)
    end
  end)

  it("has landmarks, a language and a way past the views", function()
    local _, page = get "/"
    for _, part in ipairs { '<html lang="en">', "<header>", "<nav aria-label=", "<main ",
      'class="skip" href="#main"', 'role="status"', 'name="viewport"' } do
      assert.matches(part, page, 1, true)
    end
    local _, style = get "/page.css"
    assert.matches("prefers-color-scheme: dark", style, 1, true)
    assert.matches(":focus-visible", style, 1, true)
  end)

  it("shows texts as they were sent, with encoding, parts and price", function()
    local first = sms(HOSTILE, { ["client-ref"] = "order-17" })
    sms(("ü€"):rep(60), { type = "unicode" })
    local shown = view("messages").items
    assert.same({ "UCS-2", 2, "0.06660000" }, { shown[1].encoding, shown[1].parts, shown[1].price })
    assert.same({ HOSTILE, "GSM-7", 1, "0.03330000", "Acme", "447700900000", "order-17", true },
      { shown[2].text, shown[2].encoding, shown[2].parts, shown[2].price, shown[2].from,
        shown[2].to, shown[2].ref, shown[2].accepted })
    assert.same(first["message-id"], shown[2].id)
  end)

  it("shows the whole of a text that is longer than what is kept of bodies", function()
    box:settings { arrival_body = 100 }
    local long = ("ж"):rep(600)
    sms(long, { type = "unicode" })
    assert.same(long, view("messages").items[1].text)
  end)

  it("shows what was refused, and which fault it met", function()
    box:fault { kind = "status", operation = "send_sms", count = 1 }
    sandbox.request("POST", box.urls.nexmo .. "/sms/json", "text=%FF%FE&to[]=1&text=b")
    sandbox.request("POST", box.urls.retarus .. "/rest/v1/jobs", '{"messages":[{"text":{}}]}')
    local shown = view("messages").items
    assert.same({ 2, false, 500, "status" },
      { #shown, shown[2].accepted, shown[2].status, shown[2].fault })
  end)

  it("shows jobs, their texts, and their recipients' course", function()
    local id = messages.job(box, {
      { text = "One " .. HOSTILE,
        recipients = { { dst = "491760000000" }, { dst = "491760000901" } } },
      { text = "Two", recipients = { { dst = "491760000002" } } },
    })
    local sent = view("messages").items[1]
    local texts = sent.texts
    assert.same({ "SANDBOX", "GSM-7", 1, 3 },
      { sent.from, sent.encoding, texts[1].parts, sent.recipients })
    assert.same({ "One " .. HOSTILE, 2, "Two", 1 },
      { texts[1].text, texts[1].count, texts[2].text, texts[2].count })
    box:settings { clock_offset = 60 }
    local shown = view("jobs").items[1]
    assert.same({ id, 3 }, { shown.id, shown.recipients })
    assert.same({ { state = "DONE INVALID_DST", count = 1 },
      { state = "DONE SUC_ACC", count = 2 } }, shown.states)
    assert.is_string(shown.finished)
    local recipients = view(("recipients?job=%s&place=%s"):format(id, shown.place))
    assert.same({ "491760000901", "DONE INVALID_DST", 3 },
      { recipients.items[2].to, recipients.items[2].state, recipients.total })
  end)

  it("shows calls with what is spoken", function()
    messages.speak(box, "Your code is 1")
    local shown = view("calls").items[1]
    assert.same({ "Your code is 1", "en-gb", "447700900000" },
      { shown.text, shown.language, shown.to })
  end)

  it("shows what a call of the Voice API speaks", function()
    local id, key = box:application()
    local client = nexmo { api_key = "abcd1234", api_secret = "Secret0123456789",
      base_url = box.urls.nexmo, application_id = id, private_key = key }
    finally(function() client:close() end)
    assert(client:send_voice { to = "447700900000", from = "447700900001", text = "Code 2" })
    local shown = view("calls").items[1]
    assert.same({ "Voice API", "Code 2" }, { shown.api, shown.text })
  end)

  it("shows applications without their private keys", function()
    messages.application(box, "Mine")
    local _, body = get "/_sandbox/page/applications"
    assert.same("Mine", cjson.decode(body).items[1].name)
    assert.is_nil(body:find("KEY", 1, true))
  end)

  it("shows webhooks and how they were answered", function()
    box:settings { webhook_retries = 0 }
    box:inbound { text = "Hello", url = box.urls.retarus .. "/nowhere" }
    process.wait("the webhook", 5, function() return #view("webhooks").items == 1 end)
    local shown = view("webhooks").items[1]
    assert.same({ "inbound_sms", 404, 1 }, { shown.kind, shown.status, shown.attempt })
  end)

  it("shows limits as they fill", function()
    box:settings { retarus_limit = 3 }
    for _ = 1, 2 do
      messages.job(box, { { text = "Hi", recipients = { { dst = "491760000000" } } } })
    end
    local shown = view("limits").items[1]
    assert.same({ "retarus_limit", 3 }, { shown.setting, shown.limit })
    assert.is_true(shown.used == 2 or os.time() % 60 < 3) -- a window may have ended
  end)

  it("tells of what arrives while somebody looks, in events that do not grow", function()
    local next_state, close = follow()
    local before = next_state()[1]
    for i = 1, 20 do sms("Number " .. i) end
    local state
    repeat state = next_state() until state[1] == before + 20
    assert.is_true(#cjson.encode(state) < 200)
    box:fault { kind = "throttle" }
    local faults = state[4]
    repeat state = next_state() until state[4] > faults
    close()
  end)

  it("refuses more who watch than it can serve, and serves again once they have gone", function()
    local closes = {}
    while true do
      local next_state, close = follow()
      if not next_state then break end
      closes[#closes + 1] = close
    end
    assert.is_true(#closes > 20 and #closes <= 32)
    for _, close in ipairs(closes) do close() end
    sms "Hello"
    process.wait("room", 15, function()
      local next_state, close = follow()
      if next_state then close() end
      return next_state
    end)
  end)

  it("takes one fault away and leaves the others", function()
    box:fault { { kind = "throttle" }, { kind = "reset" } }
    local _, body = get "/_sandbox/faults"
    local control = box.urls.control .. "/_sandbox/faults"
    assert.same(400, (sandbox.request("DELETE", control .. "?id=one")))
    assert.same(200, (sandbox.request("DELETE", control .. "?id=" .. cjson.decode(body)[1].id)))
    _, body = get "/_sandbox/faults"
    local left = cjson.decode(body)
    assert.same({ 1, "reset" }, { #left, left[1].kind })
  end)

  it("takes any place to begin from", function()
    sms "Hello"
    messages.job(box, { { text = "Hi", recipients = { { dst = "491760000000" } } } })
    local job = view("jobs").items[1]
    local recipients = ("recipients?job=%s&place=%s"):format(job.id, job.place)
    for _, place in ipairs { "nan", "inf", "-inf", "-1", "0", "0.5", "2.5", "1e300", "x", "" } do
      for _, name in ipairs { "messages", "jobs", "calls", "applications", "webhooks" } do
        view(name .. "?before=" .. place)
      end
      view(recipients .. "&from=" .. place)
    end
  end)

  it("has 10,000 messages page by page", function()
    messages.send_many(box, 10000)
    local page = view "messages"
    assert.same({ 50, 10000, "Number 10000" }, { #page.items, page.total, page.items[1].text })
    page = view("messages?before=" .. page.more)
    assert.same("Number 9950", page.items[1].text)
    local last = view "messages?before=51"
    assert.same({ 50, "Number 1" }, { #last.items, last.items[50].text })
    assert.is_nil(last.more)
  end)
end)
