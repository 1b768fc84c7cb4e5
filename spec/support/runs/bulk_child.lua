-- Sends a campaign of numbered items by send_all, until its end or until it is killed.
--
--     bulk_child.lua PROVIDER URL ITEMS IN_FLIGHT TOLD [JOURNAL [sync]]
--
-- TOLD gets a line for each item that was not accepted, "17 ambiguous", as soon as it is told,
-- and at the end "done" with the number of items accepted and the peak of memory in kilobytes.

local items = require "spec.support.runs.bulk_items"
local sms = require "sms"

local provider, url, count, in_flight = arg[1], arg[2], tonumber(arg[3]), tonumber(arg[4])
local told_path, journal = arg[5], arg[6]

local told = assert(io.open(told_path, "a"))
told:setvbuf "no"

local function client()
  local common = { base_url = url, rate_limit = false, retry = false }
  if provider == "nexmo" then
    common.api_key, common.api_secret = "abcd1234", "Secret0123456789"
  else
    common.username, common.password = "user", "pass"
  end
  return sms[provider](common)
end

local read = 0
local function source()
  read = read + 1
  return read <= count and items[provider](read) or nil
end

local function peak_of_memory()
  local file = assert(io.open "/proc/self/status")
  local text = file:read "*a"
  file:close()
  return text:match "VmHWM:%s*(%d+)"
end

local accepted = 0
local options = { in_flight = in_flight, journal = journal,
  sync = journal and arg[7] == "sync" or nil }
for item, _, err in client():send_all(source, options) do
  if item == false then
    told:write("failed " .. tostring(err) .. "\n")
    os.exit(1)
  elseif err then
    told:write((item["client-ref"] or item.customerRef) .. " " .. err.outcome .. "\n") -- one write
  else
    accepted = accepted + 1
  end
end
told:write("done " .. accepted .. " " .. peak_of_memory() .. "\n")
