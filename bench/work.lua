--- What the programs in Lua send, the same as raw_work.c, and the clock they are measured by.
---
---   work.run { sms = function(message) … end, … }
---
--- runs the function of the work that the arguments name, as programs.lua says.

local core = require "sms.core" -- for its clock

local work = {}

local MESSAGES = 1000
local RECIPIENTS = 3000

--- Calls before the clock starts.
local WARM_UP = { sms = 100, tables = 5, strings = 5, report = 5 }

work.name, work.url = arg[1], arg[2]
work.calls, work.in_flight = tonumber(arg[3]), tonumber(arg[4])
work.http_version, work.ca_file = arg[5], arg[6]

work.user, work.password = "bench", "secret"
work.basic = "Basic YmVuY2g6c2VjcmV0" -- the two in base64
work.job_id = "J.20220928-125820.022-0l8likueyRB3CT8FTG"
work.report_path = "/rest/v1/sms?jobId=" .. work.job_id -- without what must be escaped

local messages = {}
for i = 0, MESSAGES - 1 do
  messages[i] = {
    to = ("447700%06d"):format(i),
    text = ("Hello Ann, your parcel %d arrives tomorrow between 9 and 12. "
      .. "Reply STOP for no more of these."):format(i),
    reference = ("order-%d"):format(i),
  }
end

local recipients = {} -- only where they are sent: what lies about is the collector's work
for i = 1, (work.name == "strings" or work.name == "tables") and RECIPIENTS or 0 do
  local number = ("447700%06d"):format(i - 1)
  recipients[i] = work.name == "strings" and number or { dst = number }
end

--- A job of 3,000 recipients, as Retarus takes it.
---@param message table whose text it has
function work.job(message)
  return {
    options = { customerRef = message.reference },
    messages = { {
      text = message.text,
      recipients = recipients,
    } },
  }
end

--- Ends the program unless this holds.
---@param good any
---@param why any
function work.check(good, why)
  if not good then
    error(why and tostring(why) or "not accepted", 0)
  end
end

--- Whether this is the report of all recipients.
function work.is_report(result)
  return #result == RECIPIENTS and result[RECIPIENTS].finishedTs
end

--- Runs one after the other all functions of a list, which is the only way of a program
--- that cannot do more.
local function in_turn(functions)
  for _, run in ipairs(functions) do
    run()
  end
end

--- Makes the calls and prints the seconds they took, and of those on the CPU.
---@param send table functions of a message, by the names of works
---@param side_by_side function? runs all functions of a list side by side
function work.run(send, side_by_side)
  local call = send[work.name] or error("cannot do " .. work.name, 0)
  local function measure(count)
    local started, workers = 0, {}
    local function worker()
      while started < count do
        started = started + 1
        call(messages[started % MESSAGES])
      end
    end
    for i = 1, work.in_flight do
      workers[i] = worker
    end
    local all = work.in_flight == 1 and in_turn or side_by_side
    local began, cpu = core.now(), os.clock()
    all(workers)
    return core.now() - began, os.clock() - cpu
  end
  measure(WARM_UP[work.name])
  print(("%.6f %.6f"):format(measure(work.calls)))
end

return work
