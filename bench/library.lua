--- The same work as raw.c by the whole library: checks, limits, authentication, outcome,
--- decoding.
---
---   lua library.lua <url> <calls> <in flight>
---
--- prints the seconds it took, and of those on the CPU.

local core = require "sms.core"
local sms = require "sms"

local WARM_UP = 100 -- calls before the clock starts, as in raw.c
local MESSAGES = 1000

local url, calls, in_flight = arg[1], tonumber(arg[2]), tonumber(arg[3])

-- Two limits, as the provider has by default, too large to wait for: waiting would be an
-- error, since max_wait is 0.
local nexmo = sms.nexmo {
  api_key = "bench",
  api_secret = "secret",
  base_url = url,
  rate_limit = { { calls = 100000, period = 1 }, { calls = 100000, period = 0.5 } },
  max_wait = 0,
}

-- The same messages as in raw.c, written before the clock starts.
local messages = {}
for i = 0, MESSAGES - 1 do
  messages[i] = {
    to = ("447700%06d"):format(i),
    text = ("Hello Ann, your parcel %d arrives tomorrow between 9 and 12. "
      .. "Reply STOP for no more of these."):format(i),
    reference = ("order-%d"):format(i),
  }
end

local function send(number)
  local message = messages[number % MESSAGES]
  local result, err = nexmo:send_sms {
    from = "Acme",
    to = message.to,
    text = message.text,
    ["client-ref"] = message.reference,
  }
  if not result or result.messages[1].status ~= "0" then
    error(err and tostring(err) or "not accepted", 0)
  end
end

local function send_in_turn(count)
  for number = 1, count do
    send(number)
  end
end

local function send_side_by_side(count)
  local started = 0
  local function worker()
    while started < count do
      started = started + 1
      send(started)
    end
  end
  local workers = {}
  for i = 1, in_flight do
    workers[i] = worker
  end
  sms.all(workers)
end

local send_all = in_flight == 1 and send_in_turn or send_side_by_side
send_all(WARM_UP)
local begin, cpu = core.now(), os.clock()
send_all(calls)
print(("%.6f %.6f"):format(core.now() - begin, os.clock() - cpu))
nexmo:close()
