--- What the nginx under measurement runs, as bench/outbox/run says.

local cjson = require "cjson"
local client = require "nginx.redis"
local redis = require "sms.redis"

local ngx = ngx -- luacheck: ignore

local handlers = {}

local given, outbox = nil, nil
local TEXT = ("Your parcel is on its way. "):rep(4)
local XADD = "return redis.call('XADD', KEYS[1], '*', 'params', ARGV[1])"

--- Names the Redis; it is asked by the first request.
function handlers.open(port)
  given = {
    connect = function()
      local opened = client:new()
      opened:set_timeout(2000)
      local ok, err = opened:connect("127.0.0.1", port)
      if not ok then
        return nil, err
      end
      return opened
    end,
    release = function(opened, ok)
      if ok then
        opened:set_keepalive(10000, 256)
      else
        opened:close()
      end
    end,
  }
end

local function item()
  return { from = "Acme", to = "447700900000", text = TEXT, ["client-ref"] = ngx.var.request_id }
end

local function answer(ok, err)
  ngx.status = ok and 200 or 500
  ngx.say(tostring(err))
end

function handlers.xadd()
  local opened = assert(given.connect())
  local added, err = opened:eval(XADD, 1, "bare", cjson.encode(item()))
  given.release(opened, added)
  answer(added, err)
end

function handlers.add()
  outbox = outbox or assert(redis.outbox { connect = given.connect, release = given.release,
    name = "nginx", risk = "accepted" })
  local params = item()
  local added, err = outbox:add(params, { key = params["client-ref"] })
  answer(added, err)
end

return handlers
