--- How long it takes to make an error of a page of 1 MiB: secrets, texts of messages and numbers
--- are taken out of what is shown of it.

local core = require "sms.core"
local nexmo = require "sms.providers.nexmo"
local outcome = require "sms.wire.outcome"

local SIZE = 2 ^ 20 -- bytes
local ROUNDS = 20
local SECRET, TEXT = "Secret0123456789", "Hello from a campaign"

local send_sms
for _, operation in ipairs(nexmo.operations) do
  send_sms = operation[1] == "send_sms" and operation or send_sms
end
local credentials = assert(core.credentials({ identity = "abcd1234", password = SECRET },
  nexmo.auth_parameters))

local function page_of(part)
  return part:rep(math.ceil(SIZE / #part)):sub(1, SIZE)
end

print "An error of a page of 1 MiB: milliseconds of the CPU, median"
for _, case in ipairs {
  { "HTML", page_of "<p>The server is not available.</p>\n" },
  { "secrets alone", page_of(SECRET) },
  { "what nearly are secrets", page_of(SECRET:sub(1, -2)) },
  { "percent-encoded bytes", page_of "%53%65%63" },
  { "texts of messages", page_of(TEXT) },
  { "numbers with blanks", page_of "+44 7700 900123, " },
  { "digits and blanks", page_of "4 " },
} do
  local times = {}
  for i = 1, ROUNDS do
    local began = os.clock()
    outcome.read(nexmo, send_sms, 502, case[2], { text = TEXT }, credentials)
    times[i] = (os.clock() - began) * 1000
  end
  table.sort(times)
  print(("  %-26s %6.2f"):format(case[1], times[ROUNDS / 2]))
end
