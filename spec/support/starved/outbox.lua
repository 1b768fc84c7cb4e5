-- A worker of an outbox, for operations.lua: what its run has not told, or could not, others do.

local outboxes = require "spec.support.outbox.outboxes"
local process = require "spec.support.process"
local redis_server = require "spec.support.servers.redis_server"

local LEASE, PATIENCE = 0.3, 30 -- seconds
local COUNT = 3

local outbox_of = {} -- the world's

local function make(world)
  local server = redis_server.start(outboxes.DURABLE)
  local stop = world.stop
  function world.stop()
    server:stop()
    stop()
  end
  return assert(outboxes.new(server))
end

--- What is done, and what is done around it.
return function(world)
  outbox_of[world] = outbox_of[world] or make(world)
  local outbox, told, run = outbox_of[world], nil, nil
  local function go()
    local first
    local source = outbox:source { worker = "one", lease = LEASE, block = 0 }
    local all = { world.nexmo:send_all(source, { in_flight = 2 }) }
    run = all[1]
    for item, _, err in (table.unpack or unpack)(all, 1, 4) do
      if item then told[item["client-ref"]] = err and err.outcome or "accepted" end
      first = first or err
    end
    if first then return nil, first end
    return told
  end
  local function is_empty()
    local status = outbox:status()
    return status and status.queued + status.delayed + status.taken + status.begun == 0
  end
  local function finish()
    if run then run:close() end -- LuaJIT's loops do not
    local sent, err = go()
    if not sent and err.outcome ~= "ambiguous" then
      return "the next run fails: " .. tostring(err)
    end
    process.wait("all to be sent", PATIENCE, function()
      go()
      return is_empty()
    end)
    go() -- what others left is told
    local arrived = {}
    for _, arrival in ipairs(world.box:arrivals "send_sms") do arrived[arrival.ref] = true end
    for i = 1, COUNT do
      local ref = "o" .. i
      if not arrived[ref] and told[ref] ~= "ambiguous" then
        return ref .. " is lost, told " .. tostring(told[ref])
      end
    end
  end
  local function prepare()
    told = {}
    for i = 1, COUNT do
      assert(outbox:add { from = "Acme", to = "447700900000", text = "Hello",
        ["client-ref"] = "o" .. i })
    end
  end
  return go, { prepare = prepare, finish = finish }
end
