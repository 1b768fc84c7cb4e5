-- One of many processes that make attempts under a limit in Redis: until a time of core.now()
-- it takes a slot, "sends" a little later, unless its lease is over, and writes down when.
--
--     redis_child.lua PORT CALLS PERIOD LEASE UNTIL FILE

local core = require "sms.core"
local redis = require "sms.redis"
local redis_client = require "spec.support.redis_client"
local socket = require "socket"

local port, calls, period, lease, ends = tonumber(arg[1]), tonumber(arg[2]), tonumber(arg[3]),
  tonumber(arg[4]), tonumber(arg[5])
local file = assert(io.open(arg[6], "a"))
file:setvbuf "no"

local slots = redis.new(redis_client.options(port, 0.2)):open("nexmo:processes", calls, period)

while core.now() < ends do
  local now = core.now()
  local index, claim = slots:acquire(now, lease)
  if index then
    socket.sleep(core.random() * 0.03)
    local arrival = core.now()
    if arrival < now + lease then
      file:write(("%.6f\n"):format(arrival))
      socket.sleep(core.random() * 0.03)
      slots:finish(index, claim, core.now())
    else
      slots:refund(index, claim, core.now())
    end
  else
    socket.sleep(math.min(claim or 0.02, 0.05))
  end
end
