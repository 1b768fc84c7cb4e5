--- What nginx runs for one-time codes, as otp.conf says.

local sms = require "sms"

local ngx = ngx -- luacheck: ignore

local LIFE = 300 -- seconds of a code
local PAUSE = 30 -- seconds between two codes for one number
local TRIES = 5 -- wrong codes until none is right any more

-- Nobody waits long for a code: who is too busy, or cannot be reached, leaves it to the other.
local gateway = sms.gateway {
  sms.nexmo { connect_timeout = 3, max_wait = 0, retry = false },
  sms.retarus { max_wait = 3 },
  deadline = 10,
}

local otp = {}

--- Sends a text through Nexmo, or through Retarus.
local function send(to, text)
  local sent, err = gateway:send { from = "Acme", to = to, text = text }
  for _, failure in ipairs(sent and sent.attempts or {}) do
    ngx.log(ngx.WARN, tostring(failure))
  end
  return sent, err
end

--- Six digits that nobody can guess.
local function new_code()
  local source = assert(io.open("/dev/urandom", "rb"))
  local a, b, c, d = source:read(4):byte(1, 4)
  source:close()
  return ("%06d"):format((((a * 256 + b) * 256 + c) * 256 + d) % 1000000)
end

local function answer(status, text)
  ngx.status = status
  ngx.say(text)
end

--- The number and the code in the request's body; the number as digits alone.
local function given()
  ngx.req.read_body()
  local fields = ngx.req.get_post_args()
  local to = type(fields.to) == "string" and fields.to:gsub("%D", ""):gsub("^00", "")
  return to or "", type(fields.code) == "string" and fields.code or ""
end

--- POST /otp
function otp.send()
  local to, codes = given(), ngx.shared.codes
  if not codes:add("pause:" .. to, true, PAUSE) then
    return answer(429, "a code has just been sent")
  end
  local code = new_code()
  codes:set("code:" .. to, code, LIFE) -- before: it may arrive whatever is known here
  codes:set("tries:" .. to, 0, LIFE)
  local result, err = send(to, ("Your code is %s."):format(code))
  if result then
    return answer(200, "sent")
  end
  ngx.log(ngx.WARN, tostring(err))
  if err.outcome == "ambiguous" or err.outcome == "accepted" then
    return answer(202, "it may be on its way")
  end
  codes:delete("code:" .. to)
  codes:delete("pause:" .. to)
  return answer(err.kind == "invalid" and 400 or 502, "not sent")
end

--- POST /otp/check
function otp.check()
  local to, code = given()
  local codes = ngx.shared.codes
  local expected = codes:get("code:" .. to)
  if not expected or codes:incr("tries:" .. to, 1) > TRIES then
    return answer(403, "no")
  elseif code ~= expected then
    return answer(403, "no")
  end
  codes:delete("code:" .. to)
  return answer(200, "yes")
end

return otp
