-- What goes wrong in a run of child.lua, and what may come of it:
--
--     local fault = faults.of "core"       memory of the C core, libcurl and what lies below them
--                                          "lua": Lua's own; "calls": a call of the system
--     for _, kind in ipairs(fault.kinds(place)) do
--       fault.arm(place, kind)             at its place-th chance from now on
--       local happened, how = fault.disarm()        words, and whether nobody may notice
--     end
--     fault.live()                         what must not become more: blocks, or descriptors

local faults = {}

local EVER = 2 ^ 40

-- What must not be told of any of them.
local WRONG_WORDS = { "larger than allowed", "credential is missing", "refuses", "failed$",
  "could not be parsed" }

-- Nor where memory ran out.
local OF_CONNECTIONS = { "[Cc]ould not connect", "Failed to connect", "resolve host", "No URL" }

local function first_in(text, lists)
  for _, list in ipairs(lists) do
    for _, words in ipairs(list) do
      if text:find(words) then return words end
    end
  end
end

local function memory(arm, disarm, of_lua)
  local heap = require "failing_heap"
  local jit = rawget(_G, "jit")
  -- The compiler of 2023 crashes without memory: its traces (issues 1034, 1247 of LuaJIT), and
  -- libgcc where it is told of a new one.
  if jit then jit.off() end
  local collects = of_lua and not jit -- Lua 5.4 does, and asks once more
  local kinds = { collects and 2 or 1, EVER }
  return {
    kinds = function() return kinds end,
    arm = arm,
    disarm = function() return (disarm()) end,
    live = heap.live,
    wrong = function(text) return first_in(text, { WRONG_WORDS, OF_CONNECTIONS }) end,
    -- Lua's own error where its memory is gone for good, where nothing has arrived, or out of a
    -- loop of many calls; and whoever makes a client has it raised in words.
    may_raise = function(operation, arrivals, kind, message)
      local is_luas = of_lua and message:find "^not enough memory" ~= nil
      return arrivals == 0 and (is_luas or message:find "no memory$" ~= nil)
        or is_luas and (kind == EVER or operation.is_loop)
    end,
    may_be_silent = of_lua, -- it was the loop's memory
    loses = function(operation) return of_lua and operation.loses end, -- lua-cjson does
  }
end

-- A call that was interrupted is made again, and who would have to wait for a socket waits.
local INTERRUPTED, WAITS = 4, 11 -- EINTR, EAGAIN
local SEEN = { close = true, getaddrinfo = true } -- the latter has numbers of its own
local OF_SOCKETS = { send = true, recv = true }

local function is_unseen(name, errno)
  return not SEEN[name] and (errno == INTERRUPTED or errno == WAITS and OF_SOCKETS[name])
end

local function calls(all)
  local failing = require "failing_calls"
  local every = { 0, 1, 2, 3, 4 }
  return {
    kinds = function(place) return all and every or { place } end,
    arm = failing.arm,
    disarm = function()
      local name, errno = failing.disarm()
      return name and ("%s fails with %d"):format(name, errno), is_unseen(name, errno)
    end,
    live = failing.descriptors,
    wrong = function(text) return first_in(text, { WRONG_WORDS }) end,
    may_raise = function(operation, arrivals) return operation.makes_client and arrivals == 0 end,
    loses = function() end,
  }
end

--- @param what string
--- @param all boolean? each kind at each place
function faults.of(what, all)
  if what == "calls" then return calls(all) end
  local name = what == "lua" and "failing_memory" or "failing_heap"
  local failing = require(name)
  return memory(failing.arm, failing.disarm, what == "lua")
end

return faults
