--- What nginx runs to take lists of texts, as intake.conf says. A list that has been taken
--- lives in the worker: `nginx -s quit` and `reload` let it be sent, a power cut does not.

local cjson = require "cjson.safe"
local sms = require "sms"

local ngx = ngx -- luacheck: ignore

local AT_ONCE = 50 -- calls of one list in flight
local LONGEST = 1000 -- texts in a list

local nexmo = sms.nexmo()
local counts = ngx.shared.counts

local intake = {}

-- How long a text waits for the rate limit does not matter here.
local PATIENCE = { deadline = 3600 }

local function answer(status, value)
  ngx.status = status
  ngx.say(cjson.encode(value))
end

--- Sends one text and counts what became of it.
local function send(params)
  local result, err = nexmo:send_sms(params, PATIENCE)
  if err then
    ngx.log(ngx.WARN, tostring(err))
  end
  counts:incr(result and "sent" or err.outcome, 1, 0)
  counts:incr("waiting", -1)
end

local function send_all(list)
  for first = 1, #list, AT_ONCE do
    local calls = {}
    for i = first, math.min(first + AT_ONCE - 1, #list) do
      calls[#calls + 1] = function()
        send(list[i])
      end
    end
    sms.all(calls)
  end
end

--- What is wrong with a list, by the number of the text; nothing is sent for that.
local function problems_of(list)
  if type(list) ~= "table" or #list == 0 or #list > LONGEST then
    return { ("a list of 1 to %d texts was expected"):format(LONGEST) }
  end
  local problems = {}
  for i, item in ipairs(list) do
    local params = type(item) == "table" and item or {}
    params.from = params.from or "Acme"
    local _, err = nexmo:prepare("send_sms", params)
    problems[#problems + 1] = err and ("%d: %s"):format(i, err.message)
  end
  return problems
end

local function take()
  ngx.req.read_body()
  local list = cjson.decode(ngx.req.get_body_data() or "")
  local problems = problems_of(list)
  if problems[1] then
    return answer(400, { problems = problems })
  end
  counts:incr("waiting", #list, 0)
  local ok, err = sms.later(function()
    send_all(list)
  end)
  if not ok then
    counts:incr("waiting", -#list)
    ngx.log(ngx.ERR, tostring(err))
    return answer(503, { problems = { "try again later" } })
  end
  return answer(202, { taken = #list })
end

--- POST takes a list, GET tells how many were sent, are waiting, or ended otherwise.
function intake.handle()
  if ngx.req.get_method() == "POST" then
    return take()
  end
  local told = { sent = 0, waiting = 0 }
  for _, name in ipairs(counts:get_keys()) do
    told[name] = counts:get(name)
  end
  return answer(200, told)
end

return intake
