--- The tables of what bench/run measured, as Markdown.
---
---   lua report.lua <results>
---
--- A line of the results is one of
---   about <what> <text>
---   rate <cell> <program> <round> <calls> <seconds> <seconds on the CPU>
---   instructions <cell> <program> <calls> <instructions of the whole run>

local cells = require "bench.cells"
local programs = require "bench.programs"

--- By cell and program: rates and CPU time by round, lengths and instructions of the runs.
local function read(path)
  local about, figures = {}, {}
  local function at(cell, program)
    figures[cell] = figures[cell] or {}
    figures[cell][program] = figures[cell][program] or { rates = {}, cpu = {}, runs = {} }
    return figures[cell][program]
  end
  for line in io.lines(path) do
    local word = {}
    for part in line:gmatch "%S+" do
      word[#word + 1] = part
    end
    if word[1] == "about" then
      about[word[2]] = line:match "^about %S+ (.*)$"
    elseif word[1] == "rate" then
      local own, round = at(word[2], word[3]), tonumber(word[4])
      own.rates[round] = word[5] / word[6]
      own.cpu[round] = 1e6 * word[7] / word[5]
    else
      local runs = at(word[2], word[3]).runs
      runs[#runs + 1] = { calls = tonumber(word[4]), total = tonumber(word[5]) }
    end
  end
  return about, figures
end

local function sorted(list)
  local copy = {}
  for i, value in ipairs(list) do
    copy[i] = value
  end
  table.sort(copy)
  return copy
end

local function median(list)
  local values, middle = sorted(list), (#list + 1) / 2
  return (values[math.floor(middle)] + values[math.ceil(middle)]) / 2
end

--- 31204 as "31,204".
local function grouped(number)
  local text = ("%.0f"):format(number)
  return (text:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", ""))
end

--- Each round's figure as a share of the yardstick's in the same round, in order.
local function ratios(list, yardstick)
  local shares = {}
  for round, value in ipairs(list) do
    shares[round] = value / yardstick[round]
  end
  return sorted(shares)
end

--- Instructions of one call; nil where they were not counted.
local function per_call(own)
  local short, long = own.runs[1], own.runs[2]
  return short and (long.total - short.total) / (long.calls - short.calls)
end

-- ---- One table over all cells -----------------------------------------------------------

--- What a program's row says of a cell: the yardstick's own figure, or a ratio to it.
local columns = {
  rates = function(own, raw)
    return own == raw and grouped(median(raw.rates))
      or ("%.2f"):format(median(ratios(own.rates, raw.rates)))
  end,
  instructions = function(own, raw)
    local count = per_call(own)
    return own == raw and grouped(count) or count and ("%.2f"):format(count / per_call(raw))
  end,
}

local function put_overview(heading, what, figures, chosen)
  print(("\n%s\n"):format(heading))
  local head, line = "|", "|---"
  for _, cell in ipairs(chosen) do
    head, line = head .. " | " .. cell.head, line .. "|---"
  end
  print(head .. " |\n" .. line .. "|")
  for _, program in ipairs(programs) do
    local row, filled = "| " .. program.title, false
    for _, cell in ipairs(chosen) do
      local own = figures[cell[1]][program[1]]
      local text = own and columns[what](own, figures[cell[1]].raw)
      row, filled = row .. " | " .. (text or ""), filled or text
    end
    if filled then
      print(row .. " |")
    end
  end
end

-- ---- Beside another commit ----------------------------------------------------------------

local function beside(own, other)
  return ("%.2f, %.2f, %.2f"):format(median(ratios(own.rates, other.rates)),
    median(ratios(own.cpu, other.cpu)), per_call(own) / per_call(other))
end

local function put_beside(figures, chosen)
  print "\nThe library as ratios to that commit: calls a second, CPU time, instructions:\n"
  print "| | Lua 5.4 | LuaJIT |\n|---|---|---|"
  for _, cell in ipairs(chosen) do
    local own = figures[cell[1]]
    print(("| %s | %s | %s |"):format(cell.title, beside(own.lua, own.lua_beside),
      beside(own.luajit, own.luajit_beside)))
  end
end

-- ---- A table for each cell --------------------------------------------------------------

local HEAD = "    %-30s%9s%7s  %-13s%9s%7s%15s%7s"
local ROW = "      %-28s%9s%7.2f  %-13s%9.1f%7.2f%15s%7s"

local function put_row(title, own, raw)
  local shares = ratios(own.rates, raw.rates)
  local spread = own == raw and "" or ("%.2f to %.2f"):format(shares[1], shares[#shares])
  local count = per_call(own)
  print((ROW:format(title, grouped(median(own.rates)), median(shares), spread, median(own.cpu),
    median(ratios(own.cpu, raw.cpu)), count and grouped(count) or "",
    count and ("%.2f"):format(count / per_call(raw)) or ""):gsub(" +$", "")))
end

local function put_details(cell, own)
  print()
  print(HEAD:format(cell.title, "calls/s", "ratio", "  spread", "CPU us", "ratio",
    "instructions", "ratio"))
  for _, program in ipairs(programs) do
    if own[program[1]] then
      put_row(program.title, own[program[1]], own.raw)
    end
  end
end

-- ---- All of it --------------------------------------------------------------------------

local about, figures = read(arg[1])
local chosen = {}
for _, cell in ipairs(cells) do
  if figures[cell[1]] then
    chosen[#chosen + 1] = cell
  end
end
print(("%s: lua-sms %s, Lua %s, LuaJIT %s, libcurl %s, nginx %s.\nCores: %s. "
  .. "Medians of %s interleaved rounds."):format(about.date, about["lua-sms"], about.Lua,
  about.LuaJIT, about.libcurl, about.nginx, about.cores, about.rounds))
put_overview("Calls a second, as ratios to libcurl alone:", "rates", figures, chosen)
put_overview("User instructions of the client a call, as ratios to libcurl alone:",
  "instructions", figures, chosen)
if os.getenv "BESIDE" then
  put_beside(figures, chosen)
end
print "\nEach cell by itself; CPU time and instructions are the client's, for one call:"
for _, cell in ipairs(chosen) do
  put_details(cell, figures[cell[1]])
end
