-- Over HTTP/2 a request that ends without an answer may still arrive where others go on with its
-- connection: its slot is left to its lease. By the provider's arrivals and what is free.

local core = require "sms.core"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local tasks = require "sms.runtime.tasks"
local wire = require "spec.support.wire"

local CALLS, PERIOD = 5, 10
local LATER = PERIOD + 2 -- seconds: what has ended by now is free; a lease lasts for 31 more

-- Slots in Lua, which are not settled in C; they note what they are told.
local function noted(told)
  local slots = { acquire = function() return 1, 2 end, delay = function() return 0 end,
    hold = function() end, close = function() end }
  for _, name in ipairs { "finish", "refund" } do
    slots[name] = function() told[name] = (told[name] or 0) + 1 end
  end
  return { open = function() return slots end }
end

describe("A request over HTTP/2 that ends without an answer", function()
  local box = sandbox.for_specs { tls = true, http2 = true }

  local function client(share, calls)
    local made = wire.nexmo(box, { base_url = box.urls.nexmo_tls, ca_file = box.urls.ca_file,
      http_version = "2", rate_limit = { calls = calls, period = PERIOD, share = share } })
    assert(made:list_owned_numbers()) -- makes the connection
    return made
  end

  local function send(made, ref)
    return function()
      return made:send_sms { from = "Acme", to = "447700900000", text = "Hi", ["client-ref"] = ref }
    end
  end

  local function free_in(seconds, made)
    return made.limits:free(core.now() + seconds)[1].slots
  end

  -- Closes one client while both wait for their answer on one connection, if there are two.
  local function close_while_waiting(closed, other)
    box:clear_arrivals()
    box:fault { operation = "send_sms", kind = "latency", seconds = 1 }
    local bodies = { send(closed, "closed"), function()
      while box:count() < (other and 2 or 1) do tasks.sleep(0.01) end
      closed:close()
    end, other and send(other, "other") }
    local results = sms.all(bodies)
    local err = results[1][2]
    assert.same({ "cancelled", "ambiguous" }, { err.kind, err.outcome })
    if other then assert(results[3][1]) end
    local arrivals = box:arrivals "send_sms"
    assert.equal(other and 2 or 1, #arrivals)
    assert.equal(arrivals[1].connection, arrivals[#arrivals].connection)
  end

  it("keeps its slot for the lease where others are on its connection", function()
    local closed, other = client("process", CALLS), client("process", CALLS + 1)
    local limits = closed.limits
    close_while_waiting(closed, other)
    assert.equal(CALLS - 1, free_in(LATER, { limits = limits }))
    assert.equal(CALLS, free_in(LATER + 31, { limits = limits }))
    assert.equal(CALLS, free_in(LATER, other)) -- each took a slot of both
    assert.equal(CALLS + 1, free_in(LATER + 31, other))
    other:close()
  end)

  it("keeps it in a store outside of C, too", function()
    local told_closed, told_other = {}, {}
    local closed, other = client(noted(told_closed), CALLS), client(noted(told_other), CALLS)
    close_while_waiting(closed, other)
    assert.same({ finish = 1 }, told_closed) -- of the read before
    assert.same({ finish = 2 }, told_other)
    other:close()
  end)

  it("settles it where the connection ends with it", function()
    local alone = client("process", CALLS + 2)
    local limits = alone.limits
    close_while_waiting(alone)
    assert.equal(CALLS + 2, free_in(LATER, { limits = limits }))
  end)
end)
