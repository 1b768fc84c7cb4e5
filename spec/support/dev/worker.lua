-- A program that is at work while the library is updated: it sends ten texts with a journal.
--
--   lua5.4 worker.lua JOURNAL UNTIL [WAIT]
--
-- After UNTIL of them it ends. With WAIT it makes the file WAIT.half after the third, and goes on
-- when there is WAIT.

local sms = require "sms"

local journal, last, wait = arg[1], tonumber(arg[2]), arg[3]

local function exists(path)
  local file = io.open(path)
  return file ~= nil and file:close() ~= nil
end

local items = {}
for i = 1, 10 do
  items[i] = { from = "Acme", to = "44770090000" .. i % 10, text = "Hello",
    ["client-ref"] = "ref-" .. i }
end

local count = 0
local client = sms.nexmo { rate_limit = false }
for _, result, err in client:send_all(items, { journal = journal, in_flight = 1 }) do
  assert(result, tostring(err))
  count = count + 1
  if wait and count == 3 then
    assert(io.open(wait .. ".half", "w")):close()
    for _ = 1, 12000 do -- ten minutes: whoever would have made it may be gone
      if exists(wait) then
        break
      end
      os.execute "sleep 0.05"
    end
  end
  if count == last then
    break
  end
end
print(sms.version, count)
