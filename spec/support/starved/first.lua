-- The first call of a process, from `require "sms"` on, while memory runs out anywhere in it: each
-- place in a child of its own, with failing_heap before the allocator.
--
--     first.lua WHAT STEP     WHAT: "core" or "lua", whose memory; each STEP-th place
--
-- Prints a line for each thing that is wrong, and at the end how many runs there were.

local faults = require "spec.support.starved.faults"
local processes = require "processes"
local sandbox = require "spec.support.servers.sandbox"

local what, step = arg[1], tonumber(arg[2])
local fault = faults.of(what)
local box = sandbox.start { tls = false }

local WENT, FAILED, WRONG = 0, 1, 2 -- how a child ends

io.stdout:setvbuf "line"
assert(not package.loaded["sms.core"])

local function first(ref)
  local client = require "sms".nexmo { api_key = "abcd1234", api_secret = "Secret0123456789",
    base_url = box.urls.nexmo, rate_limit = false, retry = false, timeout = 10 }
  local result, err = client:send_sms { from = "Acme", to = "447700900000", text = "Hello",
    ["client-ref"] = ref }
  client:close()
  return result, err
end

local function count_of(ref)
  local count = 0
  for _, arrival in ipairs(box:arrivals()) do
    count = count + (arrival.ref == ref and 1 or 0)
  end
  return count
end

local NEW_CLIENT = { makes_client = true }

-- Lua's own words where a module cannot be loaded; the next `require` loads it.
local BROKEN = "OpenSSL had no memory when it began" -- until the process ends
local OF_REQUIRE = { BROKEN,
  "^error loading module", "module '[%w_.]+' not found", "not enough memory$" }

local function is_of_require(message)
  for _, words in ipairs(OF_REQUIRE) do
    if message:find(words) then return not package.loaded.sms end
  end
end

-- What is wrong with what was told.
local function problem_of(kind, ok, result, err)
  local count = count_of "first"
  if not ok then
    local message = tostring(result)
    return not (fault.may_raise(NEW_CLIENT, count, kind, message)
      or count == 0 and is_of_require(message))
      and ("raises %s, with %d arrivals"):format(message, count)
  elseif result then
    return count ~= 1 and "accepted, with " .. count .. " arrivals"
  end
  local text = tostring(err)
  return not require "sms".is_error(err) and "no error of the library: " .. text
    or fault.wrong(text) and "told as " .. text
    or count > (err.outcome == "not_sent" and 0 or 1) and count .. " arrivals: " .. text
end

local function run(place, kind)
  fault.arm(place, kind)
  local ok, result, err = pcall(first, "first")
  local happened = fault.disarm()
  local problem = problem_of(kind, ok, result, err)
  local went, next_result, next_err = pcall(first, "next")
  local is_broken = not went and tostring(next_result):find(BROKEN) and not ok
  if not is_broken and (not (went and next_result) or count_of "next" ~= 1) then
    problem = (problem and problem .. "; " or "") .. "the next call: "
      .. tostring(went and next_err or next_result)
      .. "; after " .. tostring(result or err)
  end
  if problem then print(("place %d, %g times: %s"):format(place, kind, problem)) end
  return problem and WRONG or happened and FAILED or WENT
end

local runs, problems, place, is_over = 0, 0, 1, false
repeat
  for _, kind in ipairs(fault.kinds(place)) do
    box:clear_arrivals()
    if processes.fork() == 0 then os.exit(run(place, kind)) end
    local _, code = processes.ended(true)
    runs, is_over = runs + 1, code == WENT
    if code == WRONG then
      problems = problems + 1
    elseif code ~= WENT and code ~= FAILED then
      problems = problems + 1
      print(("place %d, %g times: ends with %d"):format(place, kind, code))
    end
  end
  place = place + step
until is_over
box:stop()
print(("%d runs, %d problems"):format(runs, problems))
