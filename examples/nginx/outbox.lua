--- What nginx runs for an outbox, as outbox.conf says: handlers add texts, and timers of the same
--- workers send them. What has been added is on Redis' disk: it is sent once, whatever ends.

local cjson = require "cjson.safe"
local found, redis = pcall(require, "resty.redis")
redis = found and redis or require "nginx.redis" -- of Debian
local sms = require "sms"
local sms_redis = require "sms.redis"

local ngx = ngx -- luacheck: ignore

local HOST, PORT = (os.getenv "SMS_REDIS" or "127.0.0.1:6379"):match "^(.*):(%d+)$"
local KEY_LONGEST = 1000 -- bytes, of an outbox
local TURN = 60 -- seconds: nginx frees what a timer has used when it ends
local PRIORITIES = { high = true, bulk = true }
local PAUSE = 1 -- seconds until the next one, where it cannot work

local given = {
  connect = function()
    local client = redis:new()
    client:set_timeout(500)
    local ok, err = client:connect(HOST, tonumber(PORT))
    if not ok then
      return nil, err
    end
    return client
  end,
  release = function(client, ok)
    if ok then
      client:set_keepalive(10000, 32)
    else
      client:close()
    end
  end,
}

-- Who sends, wherever it is, shares one limit.
local nexmo = sms.nexmo { rate_limit = { share = sms_redis.new(given) } }

local outbox = {}

local opened

--- The outbox; made at its first use, since nothing can be asked of Redis before there are workers.
local function texts()
  if not opened then
    local err
    opened, err = sms_redis.outbox { connect = given.connect, release = given.release,
      name = "texts", client = nexmo }
    if not opened then
      return nil, err
    end
  end
  return opened
end

--- Sends for a while; whether all went well.
local function send_for_a_while()
  local box, err = texts()
  if not box then
    ngx.log(ngx.WARN, tostring(err))
    return false
  end
  local ends = ngx.now() + TURN
  local run = nexmo:send_all(box:source { worker = "nginx", block = PAUSE })
  for item, _, failure, entry in run do
    if failure and (item or failure.kind ~= "cancelled") then -- that is nginx' end
      ngx.log(ngx.WARN, entry and entry.id or "all", ": ", tostring(failure))
    end
    if not item then -- an account that is refused pauses the outbox: `sms outbox resume`
      return false
    elseif ngx.now() >= ends then
      run:close() -- the loop goes on with what is in flight
    end
  end
  return true
end

local function work(is_ending)
  if is_ending or ngx.worker.exiting() then
    return
  end
  local ok, went_well = pcall(send_for_a_while)
  if not ok then
    ngx.log(ngx.ERR, tostring(went_well))
  end
  ngx.timer.at(ok and went_well and 0 or PAUSE, work)
end

--- Begins to send, in each worker.
function outbox.start()
  ngx.timer.at(0, work)
end

local function answer(status, value)
  ngx.status = status
  ngx.say(cjson.encode(value))
end

--- POST: adds a text, and does not wait for a provider.
local function add(box)
  ngx.req.read_body()
  local text = cjson.decode(ngx.req.get_body_data() or "")
  if type(text) ~= "table" or not PRIORITIES[text.priority or "bulk"] then
    return answer(400, { problem = "JSON with to and text was expected; priority: high or bulk" })
  end
  -- A key that cannot be one raises an error where it is given as such: it is from outside.
  local function key()
    return text.key
  end
  local added, err = box:add({ from = "Acme", to = text.to, text = text.text },
    { key = key, priority = text.priority })
  if added then
    return answer(202, { id = added.id, is_new = added.is_new })
  end
  ngx.log(ngx.WARN, tostring(err))
  return answer(err.kind == "invalid" and 400 or 503, { problem = err.message })
end

--- GET: tells what became of it.
local function tell(box)
  local id = ngx.unescape_uri(ngx.var.arg_id or "")
  if id == "" or #id > KEY_LONGEST then
    return answer(400, { problem = "id: that of a text, or its key, was expected" })
  end
  local result, err = box:result(id)
  if not result then
    return answer(err.kind == "not_found" and 404 or 503, { problem = err.message })
  end
  return answer(200, { state = result.state, outcome = result.outcome })
end

local METHODS = { GET = tell, POST = add }

function outbox.handle()
  local method = METHODS[ngx.req.get_method()]
  if not method then
    return answer(405, { problem = "POST adds a text, GET tells what became of it" })
  end
  local box, err = texts()
  if not box then
    ngx.log(ngx.WARN, tostring(err))
    return answer(503, { problem = err.message })
  end
  return method(box)
end

return outbox
