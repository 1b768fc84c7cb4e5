-- Calls side by side, for on_top.lua: in sms.all, and in an event loop with a driver's thread. Each
-- sends another text: what memory broke off goes on, and may arrive during a later run; once, and
-- not where it was told as not sent.

local loops = require "spec.support.loops"
local sms = require "sms"

local side_by_side = {}

local MOST = 12 -- calls in a run and the one after it, with those that are left of the one before

-- The first that failed of several.
local function first_of(ended)
  for _, one in ipairs(ended) do
    if not one[1] then return nil, one[2] end
  end
  return ended
end

-- What sends another text each time, and what is done around a run.
local function told_apart(world)
  local begun, params, told, arrived, looked, problem = 0, {}, {}, {}, 0, nil
  local function look()
    local list = world.box:arrivals()
    for i = looked + 1, #list do
      local ref = list[i].ref or ""
      local what = told[ref] -- nil: of another operation
      if what and arrived[ref] then problem = ref .. " has arrived twice" end
      if what == "not_sent" then problem = ref .. " has arrived, told as not sent" end
      arrived[ref] = what
    end
    looked = #list
  end
  local function send(client)
    begun = begun + 1
    local text = params[begun]
    local result, err = client:send_sms(text)
    told[text["client-ref"]] = result and "accepted" or err.outcome
    return result, err
  end
  local function prepare()
    look()
    looked = 0 -- they are cleared now
    for i = begun + 1, begun + MOST do
      local ref = "t" .. i
      told[ref] = "unknown"
      params[i] = { from = "Acme", to = "447700900000", text = "Hello", ["client-ref"] = ref }
    end
  end
  local function finish()
    look()
    for ref, what in pairs(told) do
      if what == "accepted" and not arrived[ref] then problem = ref .. " has not arrived" end
    end
    local found = problem
    problem = nil
    return found
  end
  return send, { prepare = prepare, finish = finish }
end

function side_by_side.all(world)
  local send, around = told_apart(world)
  local function call() return send(world.nexmo) end
  return function() return first_of(sms.all { call, call, call }) end, around
end

-- A driver's thread, and a loop that polls its mailbox. Where the loop itself has no memory, it is
-- run again: nil, nil where no call has ended.
function side_by_side.driver(world)
  local loop, ended, bodies, nobody = loops["select"], nil, nil, {}
  local send, around = told_apart(world)
  local function body()
    local one = {}
    ended[#ended + 1] = one
    return function() one.ok, one.result, one.err = pcall(send, world.looped) end
  end
  local prepare = around.prepare
  function around.prepare()
    prepare()
    ended = {} -- whoever is left of the run before has its own
    bodies = { body(), body() }
  end
  return function()
    local went, tries = pcall(loop.run, bodies), 0
    while not went and tries < 100 do
      went, tries = pcall(loop.run, nobody), tries + 1
    end
    for _, one in ipairs(ended) do
      if one.ok == false then error(one.result, 0) end
      if not one.result then return nil, one.err end
    end
    return ended
  end, around
end

return side_by_side
