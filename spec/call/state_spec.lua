-- A call that has ended serves again: nothing of the one before is left in it.

local core = require "sms.core"
local letters = require "sms.runtime.letters"
local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"
local script = require "sms.runtime.script"

local NOT_BEGUN = "no memory"

describe("A call that serves again", function()
  local client, ends

  -- Each attempt ends by the next of `ends`: a status, with a job as its body, or what the runtime
  -- says instead.
  before_each(function()
    local runtime = { sleep = script.sleep, claims = {} }
    function runtime.perform(_, _, _, _, _, _, claims)
      local ending = table.remove(ends, 1)
      table.insert(runtime.claims, claims)
      if ending == NOT_BEGUN then return nil, nil, ending end
      if type(ending) == "table" then return nil, ending end
      claims:settle(true, core.now())
      return ending, ending == 200 and '{"jobId":"J.1"}' or ""
    end
    client = retarus.client_of("http://127.0.0.1:" .. raw_server.closed_port(), { runtime = runtime,
      hosts = { de1 = "http://localhost:1" }, rate_limit = { calls = 50, period = 3600 } })
  end)
  after_each(function() client:close() end)

  local function first_that_answers(hosts, ask)
    local result = ask(hosts[1])
    if result then return result end
    return ask(hosts[2])
  end

  -- Sends jobs as if that were a read of two hosts.
  local function send(more)
    ends = more
    return client:send_job(retarus.job "+491760000001")
  end

  before_each(function()
    client.operations.send_job = setmetatable({ safe = true, hosts = { "de2", "de1" },
      ask = first_that_answers }, { __index = client.operations.send_job })
  end)

  it("is repeated, though one of the hosts could not be asked the time before", function()
    assert(send { NOT_BEGUN, 200 })
    assert(send { 503, 503, 200 })
    assert.same({}, ends)
  end)

  it("takes other slots where it is not known how the last attempt ended", function()
    assert(send { letters.unknown "nobody answers", 200 })
    local claims = client.settings.runtime.claims
    assert.equal(2, #claims)
    assert.are_not.equal(claims[1], claims[2])
  end)
end)
