-- Random values, as programs give them that do not use the library as it is meant: wrong types,
-- NaN, bytes that are no text, tables in a circle, metamethods that throw, hooks that throw or
-- yield. What they throw says THROWN, so that it can be told from what the library raises.

local values = { THROWN = "thrown by the program" }

local random = math.random

local function any_of(list)
  return list[random(#list)]
end

local function throw()
  error(values.THROWN, 0)
end

-- What hooks do; `ends`: the process ends in one of them, with lua_close.
values.ends = false

local function hook(...)
  if values.ends and random(20) == 1 then
    io.stdout:flush()
    os.exit(7, true)
  end
  local way = random(6)
  if way == 1 then throw() end
  if way == 2 then return coroutine.yield(...) end
  if way == 3 then return values.any(1) end
  if way == 4 then return ... end
  if way == 5 then collectgarbage "step" end
end

local NUMBERS = { 0, -1, 1, 2, 0.5, -0.5, 0 / 0, math.huge, -math.huge, 2 ^ 31, 2 ^ 53, 2 ^ 63,
  -2 ^ 63, 1e308, 1e-308, 3, 7, 100, 65535 }
local STRINGS = { "", "a", "\0", "\255\254", "\237\160\128", "Hello", "Acme", "447700900000",
  "+49 176", "nexmo", "send_sms", "prometheus", "api", "GET", "/x", "nan", "1e999", "\r\n", "{}",
  ("x"):rep(70000), "%s%n", "process", "../..", "2030-01-01", "text", "key" }
local NAMES = { "api_key", "api_secret", "username", "password", "timeout", "deadline", "max_wait",
  "retry", "extra", "attempts", "base", "cap", "calls", "period", "share", "per", "on_event",
  "runtime", "perform", "sleep", "watch", "suspend", "resume", "spawn", "is_inside", "connect",
  "release", "name", "seal", "seconds", "clock", "lease", "window", "in_flight", "journal",
  "on_progress", "stop", "not_after", "total", "use", "order", "from", "to", "text", "ref", "type",
  "dst", "messages", "recipients", "options", "jobId", "country", "msisdn", "method", "path",
  "query", "headers", "body", "json", "form", "host", "tolerance", "nonce_store", "interval",
  "tolerate", "get", "update", "add", "eval", "status", "message-id", "messageId", "msg-id",
  "safe_add", "outboxes", "parts", "fields", "complete", "client", "n", 1, 2, 3, 1.5 }
local THROWERS = { "__index", "__newindex", "__tostring", "__len", "__pairs", "__call", "__eq",
  "__lt", "__le", "__concat", "__unm", "__close", "__ipairs", "__name" }

local makers = {}

local function fill(made, depth)
  for _ = 1, random(0, 4) do
    made[any_of(NAMES)] = values.any(depth - 1)
  end
  return made
end

makers[1] = function() return any_of(NUMBERS) end
makers[2] = function() return any_of(STRINGS) end
makers[3] = function() return random(2) == 1 end
makers[4] = function(depth) return depth > 0 and fill({}, depth) or {} end
makers[5] = function() return hook end
makers[6] = function(depth)
  local meta = {}
  for _ = 1, random(3) do
    local name = any_of(THROWERS) -- what __pairs and __tostring give is Lua's own to complain of
    local is_free = not name:find "pairs" and not name:find "tostring"
    meta[name] = random(3) == 1 and is_free and hook or throw
  end
  return setmetatable(depth > 0 and fill({}, depth) or {}, meta)
end
makers[7] = function()
  local circle = { text = "a" }
  circle.text, circle[1], circle.extra = circle, circle, circle
  return circle
end
makers[8] = function()
  return any_of { coroutine.create(hook), io.stdout, throw, function() end }
end
makers[9] = function() return #values.objects > 0 and any_of(values.objects) or nil end
makers[10] = function() return nil end

--- What there is of the library to be given to itself.
values.objects = {}

---@param depth integer of tables in tables, at most
function values.any(depth)
  return makers[random(#makers)](depth)
end

--- One that is right, but in places: each of its fields may be another one, or more are there.
---@param right table?
function values.nearly(right)
  if type(right) ~= "table" or random(4) == 1 then
    return values.any(3)
  end
  local made = {}
  for name, value in pairs(right) do
    local way = random(8)
    if way == 1 then
      value = values.any(2)
    elseif way < 4 and type(value) == "table" and not getmetatable(value) then
      value = values.nearly(value)
    end
    made[name] = value
  end
  if random(4) == 1 then made[any_of(NAMES)] = values.any(2) end
  return made
end

values.hook = hook

return values
