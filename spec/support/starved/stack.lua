-- Sends where the C stack is nearly full, at each depth up to its end, and looks at what is told
-- and what has arrived: in a process of its own.
--
-- Prints a line for each thing that is wrong, and at the end how many runs there were.

local core = require "sms.core"
local loops = require "spec.support.loops"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local wire = require "spec.support.wire"

local SHALLOWEST, DEEPEST = 170, 210 -- calls of C; Lua 5.4 has room for 200
local ITEMS = 3

local box = sandbox.start { tls = false }
local nexmo = wire.nexmo(box, { timeout = 20 })
local looped = wire.nexmo(box, { timeout = 20, runtime = loops["select"].runtime })

io.stdout:setvbuf "line"

local problems, runs, raised = 0, 0, 0
local where

local function report(...)
  problems = problems + 1
  print(where .. ": " .. table.concat({ ... }, " "))
end

local function params_of(text)
  return { from = "Acme", to = "447700900000", text = text, ["client-ref"] = text }
end

-- Calls a function so many calls of C deeper.
local function deep(depth, body)
  if depth == 0 then
    body()
  else
    string.gsub("x", "x", function() deep(depth - 1, body) end)
  end
end

local ways = {}

function ways.script(told)
  told.one = { nexmo:send_sms(params_of "one") }
end

ways["sms.all"] = function(told)
  local bodies = {}
  for i = 1, ITEMS do
    bodies[i] = function()
      told["text " .. i] = { nexmo:send_sms(params_of("text " .. i)) }
    end
  end
  sms.all(bodies)
end

local function send_all(client, told)
  local list = {}
  for i = 1, ITEMS do list[i] = params_of("item " .. i) end
  for item, result, err in client:send_all(list, { in_flight = 2 }) do
    if not item then error(err) end -- the run has ended
    told[item.text] = { result, err }
  end
end

function ways.send_all(told)
  send_all(nexmo, told)
end

ways["an event loop"] = function(told)
  local bodies = {}
  for i = 1, ITEMS do
    bodies[i] = function()
      told["text " .. i] = { looped:send_sms(params_of("text " .. i)) }
    end
  end
  loops["select"].run(bodies)
end

ways["send_all in an event loop"] = function(told)
  loops["select"].run { function() send_all(looped, told) end }
end

local function check(told, ok)
  local count = {}
  for _, arrival in ipairs(box:arrivals()) do
    count[arrival.ref] = (count[arrival.ref] or 0) + 1
  end
  for text, came in pairs(count) do
    if came > 1 then report(text, "arrived", came, "times") end
    if ok and not told[text] then report(text, "arrived, and nobody was told") end
  end
  for text, ended in pairs(told) do
    local result, err = ended[1], ended[2]
    if result and not count[text] then report(text, "is told as accepted, and never came") end
    if not result and count[text] and err.outcome == "not_sent" then report(text, tostring(err)) end
  end
end

for name, way in pairs(ways) do
  for depth = SHALLOWEST, DEEPEST do
    where = ("%s, %d calls deep"):format(name, depth)
    box:clear_arrivals()
    local told, began = {}, core.now()
    local ok, message = pcall(deep, depth, function() way(told) end)
    runs, raised = runs + 1, raised + (ok and 0 or 1)
    if not ok and not tostring(message):find "stack overflow" then report(tostring(message)) end
    if core.now() - began > 15 then report("took", core.now() - began) end
    if not ok then pcall(loops["select"].run, {}) end -- which may have been broken off
    check(told, ok)
    local before = box:count()
    local after = {}
    ways.send_all(after)
    for i = 1, ITEMS do
      if not after["item " .. i] or not after["item " .. i][1] then report("item", i, "is lost") end
    end
    if box:count() ~= before + ITEMS then report("what was given up was sent later") end
  end
end
box:stop()
print(("%d runs, %d raised, %d problems"):format(runs, raised, problems))
