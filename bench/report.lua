--- The table of what bench/run measured.
---
---   lua report.lua <results>
---
--- A line of the results is one of
---   about <what> <text>
---   rate <cell> <program> <round> <calls> <seconds> <seconds on the CPU>
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
  local about, rates, cpu, instructions = {}, {}, {}, {}
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
      at(cpu, word[2], word[3])[tonumber(word[4])] = 1e6 * word[7] / word[5]
    else
      local runs = at(instructions, word[2], word[3])
      runs[#runs + 1] = { calls = tonumber(word[4]), total = tonumber(word[5]) }
    end
  end
  return about, rates, cpu, instructions
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

--- Each round's figure as a share of raw's in the same round.
local function ratios(list, raw)
  local shares = {}
  for round, value in ipairs(list) do
    shares[round] = value / raw[round]
  end
  return shares
end

local function per_call(runs)
  local short, long = runs[1], runs[2]
  return (long.total - short.total) / (long.calls - short.calls)
end

local HEAD = "%-30s%9s%7s  %-13s%8s%7s%15s%7s"
local ROW = "  %-28s%9s%7.2f  %-13s%8.1f%7.2f%15s%7.2f"

local function row(label, own, raw)
  local shares = sorted(ratios(own.rates, raw.rates))
  local spread = own == raw and "" or ("%.2f to %.2f"):format(shares[1], shares[#shares])
  local count = per_call(own.runs)
  print(ROW:format(label, grouped(median(own.rates)), median(shares), spread, median(own.cpu),
    median(ratios(own.cpu, raw.cpu)), grouped(count), count / per_call(raw.runs)))
end

local about, rates, cpu, instructions = read(arg[1])
print(("lua-sms %s, %s: Lua %s, LuaJIT %s, libcurl %s, nginx %s"):format(about["lua-sms"],
  about.date, about.Lua, about.LuaJIT, about.libcurl, about.nginx))
print(("cores: %s; medians of %s interleaved rounds"):format(about.cores, about.rounds))
for _, cell in ipairs(CELLS) do
  local name, title = cell[1], cell[2]
  local function figures(program)
    return { rates = rates[name][program], cpu = cpu[name][program],
      runs = instructions[name][program] }
  end
  local raw = figures "raw"
  print()
  print(HEAD:format(title, "calls/s", "ratio", "  spread", "CPU us", "ratio", "instructions",
    "ratio"))
  row(PROGRAMS[1][2], raw, raw)
  for i = 2, #PROGRAMS do
    local id, label = PROGRAMS[i][1], PROGRAMS[i][2]
    if rates[name][id] then
      row(label, figures(id), raw)
    end
  end
end
print "\nRatios are to libcurl alone, in the same round. CPU time and user instructions are"
print "the client's, for one call."
