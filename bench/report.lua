--- The table of what bench/run measured.
---
---   lua report.lua <results>
---
--- A line of the results is one of
---   about <what> <text>
---   rate <cell> <program> <round> <calls> <seconds>
---   instructions <cell> <program> <calls> <instructions of the whole run>

local CELLS = {
  { "one", "One SMS, one call in flight" },
  { "many", "One SMS, 64 calls in flight" },
}
local PROGRAMS = {
  { "raw", "libcurl alone, in C" },
  { "lua", "lua-sms, Lua 5.4" },
  { "luajit", "lua-sms, LuaJIT" },
}

local function read(path)
  local about, rates, instructions = {}, {}, {}
  local function at(list, cell, program)
    list[cell] = list[cell] or {}
    list[cell][program] = list[cell][program] or {}
    return list[cell][program]
  end
  for line in io.lines(path) do
    local word = {}
    for part in line:gmatch "%S+" do
      word[#word + 1] = part
    end
    if word[1] == "about" then
      about[word[2]] = line:match "^about %S+ (.*)$"
    elseif word[1] == "rate" then
      at(rates, word[2], word[3])[tonumber(word[4])] = word[5] / word[6]
    else
      local runs = at(instructions, word[2], word[3])
      runs[#runs + 1] = { calls = tonumber(word[4]), total = tonumber(word[5]) }
    end
  end
  return about, rates, instructions
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

--- Each round's rate as a share of raw's in the same round.
local function ratios(rates, raw)
  local list = {}
  for round, rate in ipairs(rates) do
    list[round] = rate / raw[round]
  end
  return list
end

local function per_call(runs)
  local short, long = runs[1], runs[2]
  return (long.total - short.total) / (long.calls - short.calls)
end

local function row(label, rates, runs, raw_rates, raw_runs)
  local shares = sorted(ratios(rates, raw_rates))
  local spread = rates == raw_rates and "" or ("%.2f–%.2f"):format(shares[1], shares[#shares])
  print(("  %-22s%10s%8.2f   %-9s%16s%8.2f"):format(label, grouped(median(rates)), median(shares),
    -- An en dash has three bytes and one column.
    spread == "" and spread or spread .. "  ", grouped(per_call(runs)),
    per_call(runs) / per_call(raw_runs)))
end

local about, rates, instructions = read(arg[1])
print(("lua-sms %s, %s: Lua %s, LuaJIT %s, libcurl %s, nginx %s"):format(about["lua-sms"],
  about.date, about.Lua, about.LuaJIT, about.libcurl, about.nginx))
print(("cores: %s; medians of %s interleaved rounds"):format(about.cores, about.rounds))
for _, cell in ipairs(CELLS) do
  local name, measured = cell[1], rates[cell[1]]
  if measured then
    print(("\n%-24s%10s%8s   %-9s%14s%8s"):format(cell[2], "calls/s", "ratio", "spread",
      "instructions", "ratio"))
    for _, program in ipairs(PROGRAMS) do
      local id = program[1]
      if measured[id] then
        row(program[2], measured[id], instructions[name][id], measured.raw,
          instructions[name].raw)
      end
    end
  end
end
print("\nRatios are to libcurl alone: higher is better for calls, lower for instructions.")
