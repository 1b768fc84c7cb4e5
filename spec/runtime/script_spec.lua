-- How a plain script waits.

local core = require "sms.core"
local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"
local script = require "sms.runtime.script"

local GRACE = 0.25 -- seconds a deadline may be missed by

describe("A script", function()
  it("sleeps as long as it is told, not shorter", function()
    for _, seconds in ipairs { 0.02, 0.1, 0, -1 } do
      local began = core.now()
      script.sleep(seconds)
      local slept = core.now() - began
      assert.is_true(slept >= seconds and slept < math.max(seconds, 0) + GRACE)
    end
  end)

  it("drives its own call to the end, in a coroutine of its own too", function()
    local server = raw_server.start()
    finally(function() server:stop() end)
    local client = retarus.client_of(server.url)
    assert(client:get_version())
    local thread = coroutine.create(function() return client:get_version() end)
    local ok, result = coroutine.resume(thread)
    assert.is_true(ok)
    assert.same({}, result)
    assert.equal("dead", coroutine.status(thread))
    assert.equal(2, #server:requests())
  end)

  it("without memory for its engine sends nothing and says so, and the next call works", function()
    local server = raw_server.start()
    finally(function() server:stop() end)
    local client = retarus.client_of(server.url)
    local engine = core.engine
    core.engine = function() return nil, "no memory" end
    script.renew()
    local _, err = client:get_version()
    local in_all = require "sms".all { function() return client:get_version() end }[1][2]
    core.engine = engine
    for _, each in ipairs { err, in_all } do
      assert.same({ "internal", "not_sent" }, { each.kind, each.outcome })
      assert.equal("there is not enough memory for the request", each.message)
    end
    assert(client:get_version())
    assert.equal(1, #server:requests())
  end)

  it("without memory for its engine waits all the same", function()
    local engine = core.engine
    finally(function() core.engine = engine end)
    core.engine = function() return nil, "no memory" end
    script.renew()
    local began = core.now()
    script.sleep(0.03)
    require "sms".all { function() require("sms.runtime.tasks").sleep(0.03) end }
    local slept = core.now() - began
    assert.is_true(slept >= 0.06 and slept < 0.06 + 2 * GRACE, slept)
  end)

  it("keeps its connection from call to call", function()
    local server = raw_server.start()
    finally(function() server:stop() end)
    local client = retarus.client_of(server.url)
    for _ = 1, 10 do assert(client:get_version()) end
    local requests = server:requests()
    assert.equal(10, #requests)
    assert.equal(requests[1].connection, requests[10].connection)
  end)

  it("opens a new connection where the provider closed the kept one meanwhile", function()
    local server = raw_server.start { raw_server.http(200, "{}"), { close = true } }
    finally(function() server:stop() end)
    local client = retarus.client_of(server.url, { retry = false })
    for _ = 1, 5 do
      assert(client:get_version())
      script.sleep(0.02)
    end
    assert.equal(5, #server:requests())
  end)
end)
