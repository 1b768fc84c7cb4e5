--- The runs of a benchmark, one a line, in their order.
---
---   lua plan.lua <rounds> <url> <TLS url> <file of the CA> <cell> ...
---
--- A line is one of
---   rate <cell> <program> <round> <calls> <tries> <command>
---   instructions <cell> <program> - <calls> <tries> <command>
--- In each round every program of a cell runs once, another one first each time.

local cells = require "bench.cells"
local programs = require "bench.programs"

local rounds, url, tls_url, ca_file = tonumber(arg[1]), arg[2], arg[3], arg[4]

local places = { ["$BUILD"] = os.getenv "BUILD", ["$CA"] = ca_file }

local function filled_in(command)
  return (command:gsub("%$%u+", places))
end

local function succeeds(command)
  local first, _, status = os.execute("{ " .. filled_in(command) .. "; } >/dev/null 2>&1")
  return first == true and status == 0 or first == 0
end

local function installed()
  local list = {}
  for _, program in ipairs(programs) do
    if not program.probe or succeeds(program.probe) then
      list[#list + 1] = program
    else
      io.stderr:write(("bench: %s is not installed: left out\n"):format(program.title))
    end
  end
  return list
end

local function is_able(program, cell)
  local can = {}
  for _, skill in ipairs(program.can) do
    can[skill] = true
  end
  return (not program.cell or program.cell == cell[1])
    and can[cell.work] and (cell.in_flight == 1 or can["side by side"])
    and (not cell.tls or can.tls) and (not cell.http2 or can.http2)
end

local function able(list, cell)
  local chosen = {}
  for _, program in ipairs(list) do
    if is_able(program, cell) then
      chosen[#chosen + 1] = program
    end
  end
  return chosen
end

local function put(kind, cell, program, round, calls)
  local server = (cell.tls and tls_url or url) .. (program.below or "")
  print(kind, cell[1], program[1], round, calls, program.tries or 1, filled_in(program.command),
    cell.work, server, calls, cell.in_flight, cell.http2 and "2" or "1.1", ca_file)
end

local function plan(cell, chosen)
  for round = 1, rounds do
    for i = 1, #chosen do
      local program = chosen[(round + i - 2) % #chosen + 1]
      put("rate", cell, program, round, math.ceil(cell.calls * (program.share or 1)))
    end
  end
  for _, program in ipairs(chosen) do
    for _, calls in ipairs(program.counted and cell.counted or {}) do
      put("instructions", cell, program, "-", calls)
    end
  end
end

local list = installed()
local wanted = {}
for i = 5, #arg do
  wanted[arg[i]] = true
end
for _, cell in ipairs(cells) do
  if wanted[cell[1]] then
    plan(cell, able(list, cell))
  end
end
