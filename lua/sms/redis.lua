--- A rate limit for everybody who uses one Redis. For the client option `rate_limit`:
---
---   share = require("sms.redis").new { connect = f, release = g }
---
--- `connect()` gives a Redis client, any object with `eval`; `release(client, ok)` takes it
--- back. Where ok is false, it has to be closed: a late answer may still come. Give it
--- short time-outs: a call waits that long for a Redis that does not answer. In nginx:
---
---   local redis = require "nginx.redis"
---   local share = require("sms.redis").new {
---     connect = function()
---       local client = redis:new()
---       client:set_timeout(500)
---       local ok, err = client:connect("127.0.0.1", 6379)
---       if not ok then return nil, err end
---       return client
---     end,
---     release = function(client, ok)
---       if ok then client:set_keepalive(10000, 32) else client:close() end
---     end,
---   }
---
--- With lua-redis, whose calls raise, and one connection:
---
---   local redis, open = require "redis", nil
---   local share = require("sms.redis").new {
---     connect = function()
---       if not open then
---         open = redis.connect { host = "127.0.0.1", port = 6379, timeout = 0.5 }
---         open.network.socket:settimeout(0.5)
---       end
---       return open
---     end,
---     release = function(client, ok)
---       if not ok then client.network.socket:close() open = nil end
---     end,
---   }
---
--- A Redis that is away, slow or wrong gives no slot; what it may have taken frees itself.
--- Whenever leases may have been lost (Redis restarted, another server took over, a key was
--- evicted or flushed), nobody gets a slot for the longest lease (the time-out and 1 s)
--- and W. **The very first use of a limit waits as long**, since it looks the same:
--- 31 s + 60.05 s with the defaults. A month without a call forgets the limit; to delete
--- its keys is safe at any time.
---
--- Needed: Redis 5 or newer with `INFO` allowed; noeviction, so that nobody waits for a lost
--- key; a clock that runs steadily and is never set forward (set back, it stands still until
--- it is reached again); one master: two that both think they are it would both give slots
--- (`min-replicas-to-write`). The keys bear the user name or API key and the value of `per`,
--- never a secret.

require "sms" -- first: makes its providers

local limits = require "sms.limits.redis"
local messages = require "sms.incoming.messages"
local misuse = require "sms.base.misuse"
local outbox = require "sms.outbox"
local store = require "sms.outbox.kept.store"

local redis = {}

--- Where slots live that are shared through Redis: the value of `share` in `rate_limit`.
---@param given sms.redis_options
---@return sms.share share
function redis.new(given)
  misuse.check_dot(redis, given, "redis.new")
  return limits.new(given) -- a tail call: errors name the caller's line
end

--- One queue for many machines, which add to it and send from it; kept in a Redis that is set so
--- that it forgets nothing: `appendonly yes`, `appendfsync always`, `maxmemory-policy noeviction`.
---@param given sms.outbox_options
---@return sms.outbox? outbox
---@return sms.error? err Where Redis is away, or not set as needed.
function redis.outbox(given)
  misuse.check_dot(redis, given, "redis.outbox")
  return outbox.new(given, messages) -- a tail call: errors name the caller's line
end

--- Receipts, parts of inbound texts and nonces, for all machines that use one Redis: what
--- sms.stores has for one. The results of an outbox of the same name have the receipts that it
--- keeps.
---@param given sms.redis_store_options
---@return sms.store store
function redis.store(given)
  misuse.check_dot(redis, given, "redis.store")
  return store.new(given) -- a tail call: errors name the caller's line
end

return redis
