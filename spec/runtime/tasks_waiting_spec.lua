-- sms.all: what each of the calls waits for by itself.

local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local socket = require "socket"
local tasks = require "sms.runtime.tasks"

describe("Of calls side by side, each", function()
  local box = sandbox.for_specs { workers = 2 }
  local client

  before_each(function()
    client = retarus.client(box, { base_url = box.urls.retarus })
  end)

  local function send(reference)
    local job = retarus.job "+491760000001"
    job.options = { customerRef = reference }
    return client:send_job(job)
  end

  it("lets the others go on while it waits for its turn or its repeat", function()
    box:fault { kind = "throttle", retry_after = 1, operation = "send_job", count = 1 }
    local ended = {}
    local results = sms.all {
      function()
        local sent = send "again"
        ended[#ended + 1] = "send"
        return sent
      end,
      function()
        for _ = 1, 20 do assert(client:get_version()) end
        ended[#ended + 1] = "reads"
      end,
    }
    assert.is_string(results[1][1].jobId)
    assert.same({ "reads", "send" }, ended)
    assert.equal(2, #box:arrivals "send_job")
  end)

  it("waits for the slots of a limit in order, together", function()
    local limited = retarus.client(box, { base_url = box.urls.retarus,
      rate_limit = { calls = 4, period = 0.5 } })
    local calls, ended = {}, {}
    for i = 1, 12 do
      calls[i] = function()
        assert(limited:get_version())
        ended[#ended + 1] = i
      end
    end
    local began = socket.gettime()
    sms.all(calls)
    local seconds = socket.gettime() - began
    assert.is_true(seconds >= 1 and seconds < 11 * 0.5, "one after the other")
    for i, number in ipairs(ended) do
      assert.equal(math.ceil(i / 4), math.ceil(number / 4))
    end
  end)

  it("knows who has his turn, wherever others that one drives were broken off", function()
    local broken, others = 0, {}
    for steps = 1, 150 do
      sms.all { function()
        local generator = coroutine.wrap(function()
          debug.sethook(function()
            debug.sethook()
            error("interrupted!", 0)
          end, "", steps)
          sms.all { function() coroutine.yield() end }
          debug.sethook()
        end)
        broken = broken + (pcall(generator) and 0 or 1)
        others[steps] = tasks.is_inside()
      end }
    end
    assert.is_true(broken > 20)
    for steps = 1, 150 do assert.is_true(others[steps], steps) end
  end)

  it("ends calls that time out, each by itself", function()
    local server = raw_server.start { { sleep = 30 } }
    finally(function() server:stop() end)
    local slow = retarus.client_of(server.url, { retry = false })
    local results = sms.all {
      function() return slow:get_version({}, { timeout = 0.05 }) end,
      function() return slow:send_job(retarus.job "+491760000001", { timeout = 0.1 }) end,
      function() return client:get_version() end,
    }
    assert.same({ "timeout", "timeout", "ambiguous" },
      { results[1][2].kind, results[2][2].kind, results[2][2].outcome })
    assert.equal("OK", results[3][1].message)
  end)
end)
