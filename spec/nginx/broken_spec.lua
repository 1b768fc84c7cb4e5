-- What a call comes to when what tells nginx of its end breaks, and what its slot does then.

local cjson = require "cjson"
local nginx = require "spec.support.servers.nginx"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"

local INIT = [[
  sms = require "sms"
  broken = require "spec.support.nginx.broken"
  handlers = require "spec.support.nginx.handlers"
  handlers.open "%s"
]]

local LOCATIONS = [[
  location /one { content_by_lua_block { handlers.one() } }
  location /status { content_by_lua_block { handlers.status() } }
  location /unanswered { content_by_lua_block { broken.unanswered() } }
  location /narrow { content_by_lua_block { broken.open_narrow() } }
  location /free { content_by_lua_block { broken.free() } }
  location /cut { content_by_lua_block { broken.cut() } }
]]

-- Without the driver thread there is no socket to it.
local by_thread = nginx.has_driver_thread and it or function() end

describe("A call in nginx whose end stays unknown", function()
  local box, server = sandbox.for_specs(), nginx.for_specs()

  before_each(function()
    server:start { init = INIT:format(box.urls.nexmo), locations = LOCATIONS }
  end)

  local function in_flight(count)
    process.wait(count .. " calls in flight", 5, function()
      return server:ask "/status".in_flight == count
    end)
  end

  local function assert_unknown(told, message)
    assert.equal("ambiguous", told.outcome)
    assert.equal("cancelled", told.kind)
    assert.matches("^" .. message, told.message)
  end

  it("may have been sent where the driver does not answer", function()
    local told = server:ask("/unanswered?base=" .. box.urls.nexmo) -- after the time-out and 5 s
    assert_unknown(told, "the driver thread does not answer")
    assert.same({ 4, 5 }, told.free) -- its slot is left to the lease, which began with the call
  end)

  by_thread("may have been sent where the socket to the driver ends, sent or queued", function()
    server:ask("/narrow?base=" .. box.urls.nexmo)
    box:fault { operation = "send_sms", kind = "latency", seconds = 2, count = 1 }
    local sent = server:begin "/one?ref=sent"
    process.wait("the first", 5, function() return box:count() == 1 end)
    local queued = server:begin "/one?ref=queued"
    in_flight(2)
    server:ask "/cut"
    for _, connection in ipairs { sent, queued } do
      local _, body = nginx.answer(connection)
      assert_unknown(cjson.decode(body), "the socket to the driver thread ended: closed")
    end
    assert.equal(0, server:ask "/status".in_flight)
    -- Settled they would be free after 10 s; their lease is the time-out, 30 s, and 1 s longer.
    assert.same({ 3, 3, 5 }, server:ask "/free?at=0&at=12&at=42")

    assert.equal("next", server:ask "/one?ref=next".ref)
    assert.same({ 2, 3, 5 }, server:ask "/free?at=0&at=12&at=42")
    local refs = {}
    for i, arrival in ipairs(box:arrivals "send_sms") do refs[i] = arrival.ref end
    assert.same({ "sent", "queued", "next" }, refs)
    assert.equal("", server:log())
  end)

  by_thread("is none where the socket ends between calls", function()
    for i = 1, 3 do
      assert.equal("c" .. i, server:ask("/one?ref=c" .. i).ref)
      server:ask "/cut"
    end
    assert.equal(3, box:count())
    assert.equal("", server:log())
  end)
end)
