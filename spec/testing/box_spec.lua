-- A sandbox of specs: what is asked of it, how it starts and ends.

local child = require "spec.support.child"
local process = require "spec.support.process"
local sms = require "sms"
local socket = require "socket"
local testing = require "sms.testing"

local TEXT = { from = "Acme", to = "447700900000", text = "Hello", ["client-ref"] = "order 17" }

describe("testing.start", function()
  local box

  setup(function() box = testing.start { settings = { price = 0.5 } } end)
  teardown(function() box:stop() end)
  before_each(function() box:reset() end)

  -- Takes one webhook in, and answers it; what a client reads in it.
  local function webhook_of(client, ask)
    local server = assert(socket.bind("127.0.0.1", 0))
    local _, port = server:getsockname()
    server:settimeout(10)
    ask(("http://127.0.0.1:%d/"):format(port))
    local from, headers = assert(server:accept()), {}
    for line in function() return from:receive "*l" end do
      local name, value = line:match "^([^:]+): *(.*)$"
      if name then headers[name:lower()] = value end
      if line == "" then break end
    end
    local body = from:receive(tonumber(headers["content-length"]))
    from:send "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    from:close()
    server:close()
    return assert(client:read_webhook { method = "POST", headers = headers, body = body })
  end

  it("gives options of clients: theirs are the calls that arrive", function()
    local nexmo, retarus = sms.nexmo(box.nexmo), sms.retarus(box.retarus)
    local sent = assert(nexmo:send_sms(TEXT))
    assert.same("0.50000000", sent.messages[1]["message-price"])
    assert(retarus:send_job { messages = { { text = "Hi", recipients = { "+447700900001" } } } })
    local arrivals = box:arrivals()
    assert.same({ "send_sms", "send_job" }, { arrivals[1].operation, arrivals[2].operation })
    assert.same({ "447700900000", "order 17", true, 200 },
      { arrivals[1].to, arrivals[1].ref, arrivals[1].accepted, arrivals[1].status })
    assert.same(1, #box:arrivals "send_job")
    box:reset()
    assert.same({}, box:arrivals())
    nexmo:close()
    retarus:close()
  end)

  it("gives a copy of them with more", function()
    local more = box.nexmo { retry = false, api_secret = "wrong" }
    assert.same({ false, "wrong", box.nexmo.api_key },
      { more.retry, more.api_secret, more.api_key })
    assert.is_nil(box.nexmo.retry)
    local client = sms.nexmo(more)
    local _, err = client:send_sms(TEXT)
    assert.same("auth", err.kind)
    client:close()
  end)

  it("has faults", function()
    local client = sms.nexmo(box.nexmo)
    box:fault { operation = "send_sms", kind = "lost_answer", count = 1 }
    local _, err = client:send_sms(TEXT)
    assert.same("ambiguous", err.outcome)
    assert.same({ 1, "lost_answer" }, { #box:arrivals(), box:arrivals()[1].fault })
    box:fault { { operation = "send_sms", kind = "nexmo_status", code = 9 } }
    _, err = client:send_sms(TEXT)
    assert.same("9", err.code)
    box:clear_faults()
    assert(client:send_sms(TEXT))
    client:close()
  end)

  it("calls inbound texts back, signed as clients of it expect", function()
    local client = sms.nexmo(box.nexmo)
    local read = webhook_of(client, function(url)
      box:inbound { from = "447700900009", text = "Stop ★", url = url }
    end)
    assert.same({ "inbound_sms", true, "447700900009", "Stop ★" },
      { read.kind, read.signed, read.fields.msisdn, read.fields.text })
    client:close()
  end)

  it("calls receipts back, with the number of the message that they are about", function()
    local client = sms.nexmo(box.nexmo)
    local id = assert(client:send_sms(TEXT)).messages[1]["message-id"]
    local read = webhook_of(client, function(url)
      box:settings { webhook_url = url }
      box:receipt { messageId = id, status = "failed", ["err-code"] = "1" }
    end)
    local fields = read.fields
    assert.same({ "delivery_receipt", id, "failed", "1", "447700900000", "order 17" },
      { read.kind, fields.messageId, fields.status, fields["err-code"], fields.msisdn,
        fields["client-ref"] })
    process.wait("what became of it", 5, function() return box:callbacks()[1] end)
    assert.same(200, box:callbacks()[1].status)
    client:close()
  end)

  it("says what it does not take", function()
    for message, body in pairs {
      ["unknown kind"] = function() box:fault { kind = "fire" } end,
      ["fault: a table was expected"] = function() box:fault "close" end,
      ["unknown setting: prize"] = function() box:settings { prize = 1 } end,
      ["not a loopback address"] = function() box:inbound { url = "http://192.0.2.1/" } end,
      ["box:arrivals(…)"] = function() box.arrivals() end,
      ["'setings' is not known; did you mean 'settings'"] = function()
        testing.start { setings = {} }
      end,
      ["port: a number was expected"] = function() testing.start { port = "8000" } end,
      ["unknown setting: prise"] = function() testing.start { settings = { prise = 1 } } end,
      ["testing.start is a function"] = function() testing:start() end,
    } do
      local ok, told = pcall(body)
      assert.is_false(ok)
      assert.matches(message, told, 1, true)
      assert.matches("^spec/testing/box_spec%.lua:%d+: ", told)
    end
  end)

  it("does not ask the environment: the spec is the same wherever it runs", function()
    local program = os.tmpname()
    local file = assert(io.open(program, "w"))
    file:write [[
      local box = require("sms.testing").start {}
      local client = require("sms").nexmo(box.nexmo)
      assert(client:send_voice { to = "447700900000", text = "Hi", lg = "en-gb" })
      print(box:arrivals()[1].path)
      box:stop()
    ]]
    file:close()
    local ended = child.run(program, {}, { NEXMO_APPLICATION_ID = "a", NEXMO_PRIVATE_KEY = "/no",
      NEXMO_BASE_URL = "https://sms.invalid", SMS_SANDBOX = "/nowhere" })
    os.remove(program)
    assert.same({ 0, "", "/tts/json\n" }, { ended.status, ended.err, ended.out })
  end)

  it("has nothing open that the spec has: a port that is given up is free", function()
    local server = assert(socket.bind("127.0.0.1", 0))
    local _, port = server:getsockname()
    local second = testing.start {}
    server:close()
    assert.is_nil((socket.connect("127.0.0.1", port)))
    second:stop()
  end)

  it("starts several side by side, each with what is its own", function()
    local second = testing.start { application = true }
    local first_client, second_client = sms.nexmo(box.nexmo), sms.nexmo(second.nexmo)
    assert(first_client:send_sms(TEXT))
    assert(second_client:send_voice { to = "447700900000", text = "Hi" })
    assert.same({ "send_sms", 1 }, { box:arrivals()[1].operation, #box:arrivals() })
    assert.same({ "/v1/calls", 1 }, { second:arrivals()[1].path, #second:arrivals() })
    local dir = second.dir
    second:stop()
    second:stop()
    assert.is_nil(process.read(dir .. "/urls"))
    assert.error_matches(function() second:arrivals() end, "this sandbox has been stopped")
    assert(first_client:send_sms(TEXT))
    first_client:close()
    second_client:close()
  end)
end)
