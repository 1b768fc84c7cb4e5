-- Calls that are not declared, and changes of numbers, from nginx's handlers.

local cjson = require "cjson"
local nginx = require "spec.support.servers.nginx"
local sandbox = require "spec.support.servers.sandbox"

local INIT = [[
  handlers = require "spec.support.nginx.handlers"
  handlers.open("%s", { retry = { base = 0 } })
  function told(result, err)
    handlers.say { result = result, kind = err and err.kind, outcome = err and err.outcome }
  end
  READ = { method = "GET", path = "/account/numbers", query = { country = "GB", size = 1 } }
  BUY = { method = "POST", path = "/number/buy", body = { country = "GB",
    msisdn = "447700900100" } }
]]

local LOCATIONS = [[
  location /read { content_by_lua_block { told(handlers.nexmo:request(READ)) } }
  location /buy { content_by_lua_block { told(handlers.nexmo:request(BUY)) } }
  location /declared { content_by_lua_block { told(handlers.nexmo:buy_number(BUY.body)) } }
]]

describe("A request in nginx", function()
  local box, server

  setup(function()
    box = sandbox.start()
    server = nginx.start { init = INIT:format(box.urls.nexmo), locations = LOCATIONS }
  end)
  teardown(function()
    server:stop()
    box:stop()
  end)
  before_each(function() box:reset() end)

  local function ask(path)
    local status, body = server:get(path)
    assert.equal(200, status, body)
    return cjson.decode(body)
  end

  it("is answered, many at a time", function()
    local connections = {}
    for i = 1, 20 do connections[i] = server:begin "/read" end
    for _, connection in ipairs(connections) do
      local status, body = nginx.answer(connection)
      assert.equal(200, status, body)
      assert.equal(20, cjson.decode(body).result.count)
    end
    assert.equal(20, box:count())
  end)

  it("buys once, and says what became of a lost answer", function()
    assert.equal("200", ask("/buy").result["error-code"])
    assert.same({ kind = "rejected", outcome = "rejected" }, ask "/declared")
    for _, path in ipairs { "/buy", "/declared" } do
      box:reset()
      box:fault { operation = "buy_number", kind = "lost_answer" }
      assert.same({ kind = "connection", outcome = "ambiguous" }, ask(path))
      assert.equal(1, box:count())
    end
  end)

  it("reads again where an answer was lost", function()
    box:fault { operation = "list_owned_numbers", kind = "lost_answer", count = 2 }
    assert.equal(20, ask("/read").result.count)
    assert.equal(3, box:count())
  end)
end)
