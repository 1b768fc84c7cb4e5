local orders = require "orders"
local socket = require "socket"
local testing = require "sms.testing"

-- Takes in what the sandbox calls back: a request as orders.read wants it.
local function request_of(server)
  local from, headers = assert(server:accept()), {}
  for line in function() return from:receive "*l" end do
    local name, value = line:match "^([^:]+): *(.*)$"
    if name then headers[name:lower()] = value end
    if line == "" then break end
  end
  local body = from:receive(tonumber(headers["content-length"]))
  from:send "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
  from:close()
  return { method = "POST", headers = headers, body = body }
end

describe("An order", function()
  local box, client, server

  setup(function()
    box = testing.start {}
    client = orders.client(box.nexmo)
    server = assert(socket.bind("127.0.0.1", 0))
    server:settimeout(10)
  end)

  teardown(function()
    server:close()
    client:close()
    box:stop()
  end)

  before_each(function()
    box:reset()
    box:clock(60) -- no call of the case before counts any more
    box:settings { webhook_url = ("http://127.0.0.1:%d/"):format(select(2, server:getsockname())) }
  end)

  it("is confirmed by one text", function()
    assert.equal("confirmed", orders.confirm(client, { id = 17, phone = "447700900000" }))
    local arrivals = box:arrivals "send_sms"
    assert.equal(1, #arrivals)
    assert.equal("order 17", arrivals[1].ref)
    assert.same({ order = "order 17", status = "delivered" },
      orders.read(client, request_of(server)))
  end)

  it("is unclear where the answer was lost, and the text is not sent again", function()
    box:settings { webhook_url = "" }
    box:fault { operation = "send_sms", kind = "lost_answer", count = 1 }
    assert.equal("unclear", orders.confirm(client, { id = 18, phone = "447700900000" }))
    assert.equal(1, #box:arrivals())
  end)

  it("fails where the number is barred", function()
    assert.equal("failed", orders.confirm(client, { id = 19, phone = "447700900907" }))
  end)

  it("waits where ten were confirmed within a minute, though its spec does not", function()
    box:settings { webhook_url = "" }
    local began = socket.gettime()
    for id = 1, 10 do orders.confirm(client, { id = id, phone = "447700900000" }) end
    box:clock(60)
    assert.equal("confirmed", orders.confirm(client, { id = 11, phone = "447700900000" }))
    assert.is_true(socket.gettime() - began < 1)
    local arrivals = box:arrivals()
    assert.is_true(arrivals[11].clock - arrivals[1].clock >= 60e6) -- microseconds
  end)

  it("is known as not delivered by its receipt", function()
    box:receipt { ["client-ref"] = "order 20", status = "failed", ["err-code"] = "1" }
    assert.same({ order = "order 20", status = "failed" },
      orders.read(client, request_of(server)))
  end)

  it("is not followed by texts to who wants none", function()
    box:inbound { from = "447700900009", text = "Stop" }
    assert.same({ stop = "447700900009" }, orders.read(client, request_of(server)))
  end)
end)
