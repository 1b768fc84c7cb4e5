--- Sends a campaign through Nexmo: everybody in a CSV file, a text each. Counts the parts
--- first and asks, shows how far it is, and writes what became of each into another file.
--- Ctrl-C ends it cleanly; run again, it goes on where it was, also after a crash.
---
---   export NEXMO_API_KEY=… NEXMO_API_SECRET=…
---   lua5.4 examples/campaign.lua people.csv Acme          (--yes: without asking)
---
--- people.csv has the heading `number,text` and a record for each. Beside it lie people.csv.journal, which knows what was sent, and people.csv.result.csv, which says what
--- became of each. NEXMO_BASE_URL, where it is set, takes the place of the provider's hosts.

local people = require "sms_command.campaign.rows"
local results = require "sms_command.campaign.results"
local sms = require "sms"

local path, sender, yes = arg[1], arg[2], arg[3] == "--yes"
if not sender then
  io.stderr:write "usage: lua5.4 examples/campaign.lua FILE SENDER [--yes]\n"
  os.exit(2)
end

local function give_up(...)
  io.stderr:write(string.format(...), "\n")
  os.exit(1)
end

local function messages()
  return people.messages(path, sender, give_up)
end

--- Counts what there is, and asks.
local count, parts = 0, 0
for _, of_this in messages() do
  count, parts = count + 1, parts + of_this
end
io.write(("%d messages, %d parts\n"):format(count, parts))
if not yes then
  io.write "Send them? [y/N] "
  io.flush()
  if not (io.read() or ""):find "^[yY]" then
    os.exit(1)
  end
end

local is_terminal = os.execute "test -t 2" -- true in Lua 5.4, 0 in LuaJIT
local last -- what was told last

local function show(progress)
  last = progress
  if is_terminal == true or is_terminal == 0 then
    local bar = ("#"):rep(math.floor(30 * progress.done / math.max(count, 1)))
    io.stderr:write(("\r[%-30s] %d of %d, %.0f/s, %.0f s left \27[K"):format(bar, progress.done,
      count, progress.rate, progress.time_left))
  end
end

local told, why = results.open(path .. ".result.csv")
if not told then
  give_up("%s", why)
end
local nexmo = sms.nexmo { base_url = os.getenv "NEXMO_BASE_URL" }
local run = nexmo:send_all(messages(), { total = count, journal = path .. ".journal",
  on_progress = show })

local row -- of the message that was told last

--- Writes down what becomes of each; the error of the whole, if there is one.
local function tell()
  if row then -- Ctrl-C may have come while it was written
    told:add(row)
  end
  for message, result, err in run do
    if not message then
      return err
    end
    row = { message["client-ref"], message.to, err and err.outcome or "accepted",
      result and result.messages[1]["message-id"] or err.message }
    told:add(row)
  end
end

local ok, failure = pcall(tell)
if not ok then -- Ctrl-C: what is in flight ends, and is written down
  run:close()
  tell()
  told:close()
  io.stderr:write(tostring(failure), "\nRun it again to go on.\n")
  os.exit(130)
end
local counts = told:close(not failure and messages() or nil)
io.stderr:write(last and is_terminal == true and "\n" or "")
if failure then
  give_up("%s", tostring(failure))
end
local words = {}
for i, name in ipairs { "accepted", "rejected", "not_sent", "ambiguous", "unknown" } do
  words[i] = (i < 5 or counts[name]) and ("%d %s"):format(counts[name] or 0, (name:gsub("_", " ")))
    or nil
end
io.write(("%s: %s.result.csv\n"):format(table.concat(words, ", "), path))
os.exit(counts.accepted == count and 0 or 1)
