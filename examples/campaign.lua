--- Sends a campaign through Nexmo: everybody in a CSV file, a text each. Counts the parts
--- first and asks, shows how far it is, and writes what became of each into another file.
--- Ctrl-C ends it cleanly; run again, it goes on where it was, also after a crash.
---
---   export NEXMO_API_KEY=… NEXMO_API_SECRET=…
---   lua5.4 examples/campaign.lua people.csv Acme          (--yes: without asking)
---
--- people.csv has the heading `number,text` and a record a line; a field with commas stands
--- in quotes, and a quote in it is doubled. Beside it lie people.csv.journal, which knows
--- what was sent, and people.csv.result.csv. NEXMO_BASE_URL, where it is set, takes the
--- place of the provider's hosts.

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

--- The fields of a line.
local function fields_of(line)
  local fields, rest = {}, line:gsub("\r$", "") .. ","
  while rest ~= "" do
    local quoted, after = rest:match '^"(.-)",(.*)$'
    while quoted and select(2, quoted:gsub('"', "")) % 2 == 1 do -- it was a comma inside
      local more, further = after:match '^(.-)",(.*)$'
      quoted, after = more and quoted .. '",' .. more, further
    end
    if not quoted then
      quoted, after = rest:match "^([^,]*),(.*)$"
    end
    fields[#fields + 1], rest = quoted:gsub('""', '"'), after
  end
  return fields
end

--- Reads the file, one line at a time: the next message each time, nil at the end.
local function messages()
  local file, why = io.open(path)
  if not file then
    give_up("%s", why)
  elseif (file:read() or ""):gsub("^\239\187\191", ""):gsub("\r$", "") ~= "number,text" then
    give_up("%s: the first line must be: number,text", path)
  end
  local line = 1
  return function()
    local text
    repeat
      text, line = file:read(), line + 1
    until not text or text:find "[^\r]"
    local fields = text and fields_of(text)
    return fields and { from = sender, to = fields[1], text = fields[2] or "",
      ["client-ref"] = "line " .. line }
  end
end

--- Counts what there is, and asks.
local count, parts = 0, 0
for message in messages() do
  local measured, why = sms.measure(message.text)
  if not measured then
    give_up("%s: %s: %s", path, message["client-ref"], why)
  end
  count, parts = count + 1, parts + measured.parts
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

local results = assert(io.open(path .. ".result.csv", "a"))
local nexmo = sms.nexmo { base_url = os.getenv "NEXMO_BASE_URL" }
local run = nexmo:send_all(messages(), { total = count, journal = path .. ".journal",
  on_progress = show })

--- Writes down what becomes of each; the error of the whole, if there is one.
local function tell()
  for message, result, err in run do
    if not message then
      return err
    end
    local what = result and result.messages[1]["message-id"] or err.message
    results:write(("%s,%s,%s,\"%s\"\n"):format(message["client-ref"], message.to,
      err and err.outcome or "accepted", (what:gsub('"', '""'))))
    results:flush()
  end
end

local ok, failure = pcall(tell)
if not ok then -- Ctrl-C: what is in flight ends, and is written down
  run:close()
  tell()
  results:close()
  io.stderr:write(tostring(failure), "\nRun it again to go on.\n")
  os.exit(130)
end
results:close()
io.stderr:write(last and is_terminal == true and "\n" or "")
if failure then
  give_up("%s", tostring(failure))
end
io.write(("%d accepted, %d refused, %d ambiguous: %s.result.csv\n"):format(last.accepted,
  last.refused, last.ambiguous, path))
os.exit(last.accepted == count and 0 or 1)
