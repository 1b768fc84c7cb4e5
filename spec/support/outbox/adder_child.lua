-- Adds items with the keys "k1", "k2", … to an outbox, at a time of core.now() that others wait
-- for, too; prints the id of each, and whether it is new.
--
--     adder_child.lua OUTBOX PORT KEYS AT

local core = require "sms.core"
local redis = require "sms.redis"
local redis_client = require "spec.support.servers.redis_client"
local socket = require "socket"

local options = redis_client.options(tonumber(arg[2]), 5)
local outbox = assert(redis.outbox { connect = options.connect, release = options.release,
  name = arg[1] })

socket.sleep(math.max(0, tonumber(arg[4]) - core.now()))
for i = 1, tonumber(arg[3]) do
  local added = assert(outbox:add({ from = "Acme", to = "447700900000", text = "Hello",
    ["client-ref"] = tostring(i) }, { key = "k" .. i }))
  io.write(added.id, " ", tostring(added.is_new), "\n")
end
