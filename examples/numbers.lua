--- Lists the numbers of a Nexmo account, and some that could be bought in a country.
---
---   export NEXMO_API_KEY=… NEXMO_API_SECRET=…
---   lua5.4 examples/numbers.lua GB 4477
---
--- With SMS_SANDBOX=DIR, the folder of a sandbox that runs, nothing is sent to anybody.

local sms = require "sms"

local country, pattern = arg[1], arg[2]
if not country then
  io.stderr:write "usage: lua5.4 examples/numbers.lua COUNTRY [FIRST_DIGITS]\n"
  os.exit(2)
end

local function stop(err)
  io.stderr:write(tostring(err), "\n")
  os.exit(1)
end

local function show(number)
  print(("  %s  %-15s  %-18s  %s"):format(number.country, number.msisdn, number.type,
    table.concat(number.features or {}, " ")))
end

local nexmo = sms.nexmo()

-- `each` asks for page after page; after an error the loop runs once more, with false.
print "owned:"
for number, err in nexmo:each "list_owned_numbers" do
  if err then
    stop(err)
  end
  show(number)
end

local found, err = nexmo:list_inbound_numbers {
  country = country, pattern = pattern, search_pattern = "starts", features = "SMS", size = 5,
}
if not found then
  stop(err)
end
print(("available in %s: %d, the first %d:"):format(country, found.count or 0, #found.numbers))
for _, number in ipairs(found.numbers) do
  show(number)
end
