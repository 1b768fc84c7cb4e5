-- The functions of sms.core, and the methods of what they make, with any arguments in any order:
-- they answer or raise. What is in files goes to a folder of this run, nothing is sent anywhere,
-- and nobody waits.

local core = require "sms.core"
local values = require "spec.fuzz.values"

local MOST_CALLS, MOST_OBJECTS = 24, 32
local NOWHERE = "http://127.0.0.1:1/"

local WORDS = { "kind", "format", "first", "count", "name", "head", "needed", "added", "least",
  "most", "min", "max", "or_value", "shorthand", "empty", "multiline", "reference", "json", "exact",
  "text", "type", "misfit", "without", "method", "url", "content", "auth", "GET", "POST", "none",
  "form", "basic", "query", "bearer", "signed", "identity", "password", "signature", "secret",
  "md5hash", "sha256", "sha512", "accepted", "rejected", "not_sent", "ambiguous", "spread", "hold",
  "proxy", "max_response", "user_agent", "min_tls", "http2", "{\"text\":\"a\"}", "[1,2.5]",
  ("h"):rep(32), "447700900000", "a" }

-- Would wait, end the process's own ways with signals, or make threads for each input.
local LEFT_OUT = { catch_signals = true, mailbox = true, clean_sockets = true }

local function in_folder(path)
  local is_name = type(path) == "string" or type(path) == "number"
  return is_name and FUZZ_FOLDER .. tostring(path):gsub("[^%w]", "_"):sub(1, 8) or path
end

-- What is called in the place of a function, or of a method by its name.
local instead = {
  journal = function(path, ...) return core.journal(in_folder(path), ...) end,
  rate_limit_file = function(path, mode, key, calls, period, start)
    return core.rate_limit_file(in_folder(path) or FUZZ_FOLDER .. "none", mode, key, calls, period,
      start)
  end,
  pause = function(seconds)
    local number = tonumber(seconds)
    return core.pause(number and number > 0 and 0 or seconds)
  end,
  request_head = function(head, ...)
    if type(head) == "table" and rawget(head, "url") then
      rawset(head, "url", NOWHERE)
    end
    return core.request_head(head, ...)
  end,
}
local method_instead = {
  step = function(engine) return engine:step(0) end,
}
local METHODS = { "acquire", "add", "apply", "available", "begin", "check", "close", "cold",
  "delay", "drop", "fingerprint", "finish", "finished", "held", "highest", "hold", "is_durable",
  "look", "mask", "open", "refund", "renew_token", "settle", "step", "sweep", "text", "verify",
  "verify_hash", "verify_token", "warning", "withdraw" }

local names = {}
for name, value in pairs(core) do
  if type(value) == "function" and not LEFT_OUT[name] then
    names[#names + 1] = name
  end
end
table.sort(names)

--- The function that the next bytes name, and what it is a method of.
local function choose(from, pool)
  local which = from.byte()
  local object = which >= 128 and pool[which % #pool + 1]
  if type(object) == "function" then
    return object
  elseif object then
    local name = METHODS[from.byte() % #METHODS + 1]
    return method_instead[name] or object[name], object
  end
  local name = names[which % #names + 1]
  return instead[name] or core[name]
end

local function close_all(pool)
  for i = #pool, 1, -1 do
    local object = pool[i]
    if type(object) == "userdata" then
      pcall(function() object:close() end)
    end
    pool[i] = nil
  end
end

local function keep(pool, ok, ...)
  for i = 1, ok and select("#", ...) or 0 do
    local value = select(i, ...)
    local is_object = type(value) == "userdata" or type(value) == "function"
    if is_object and #pool < MOST_OBJECTS then
      pool[#pool + 1] = value
    end
  end
end

return function(bytes)
  local pool = { core.long_text "a" }
  local from = values.reader(bytes, { words = WORDS, pool = pool })
  for _ = 1, MOST_CALLS do
    if not from.left() then break end
    local called, object = choose(from, pool)
    local arguments, count = {}, from.byte() % 8
    for i = 1, count do arguments[i] = from.value() end
    if object then
      keep(pool, pcall(called, object, table.unpack(arguments, 1, count)))
    elseif called then
      keep(pool, pcall(called, table.unpack(arguments, 1, count)))
    end
  end
  close_all(pool)
end
