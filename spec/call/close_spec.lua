-- Calls whose client is closed before they are sent, or sent once more.

local core = require "sms.core"
local raw_server = require "spec.support.servers.raw_server"
local sms = require "sms"
local tasks = require "sms.runtime.tasks"
local usual = require "spec.support.usual"

local TEXT, taken = usual.TEXT, usual.taken

describe("A call whose client is closed", function()
  local server

  setup(function() server = raw_server.start() end)
  teardown(function() server:stop() end)
  before_each(function()
    server:reply(taken())
    server:forget()
  end)

  -- How calls of a client end, side by side, when it is closed a moment later.
  local function ends_of(client, ...)
    local bodies = { ... }
    bodies[#bodies + 1] = function()
      tasks.sleep(0.2)
      client:close()
    end
    local began = core.now()
    local results = sms.all(bodies)
    assert.is_true(core.now() - began < 5)
    return results
  end

  it("while it waits for a slot is cancelled, and was not sent", function()
    local client = usual.client_of(server, { rate_limit = { calls = 1, period = 30 } })
    local function send() return client:send_sms(TEXT) end
    local results = ends_of(client, send, send)
    assert(results[1][1])
    local err = results[2][2]
    assert.same({ "cancelled", "not_sent" }, { err.kind, err.outcome })
    assert.matches("the client was closed", err.message, 1, true)
    assert.equal(1, #server:requests())
  end)

  for status, outcome in pairs { [429] = "not_sent", [503] = "ambiguous" } do
    it(("before it is repeated is not made again: after %d"):format(status), function()
      server:reply(raw_server.http(status, "", "Retry-After: 20\r\n"))
      local client = usual.client_of(server, { rate_limit = false, retry = {} })
      local err = ends_of(client, function() return client:list_owned_numbers() end)[1][2]
      assert.same({ "cancelled", outcome }, { err.kind, err.outcome })
      assert.equal(1, #server:requests())
    end)
  end

  it("once it is sent gets its answer", function()
    server:reply { { sleep = 0.4 }, taken() }
    local client = usual.client_of(server, { timeout = 5 })
    local sent = ends_of(client, function() return client:send_sms(TEXT) end)[1]
    assert(sent[1], sent[2])
  end)
end)
