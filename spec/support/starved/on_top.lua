-- What stands on top of operations: see operations.lua.

local side_by_side = require "spec.support.starved.side_by_side"
local sms = require "sms"
local webhooks = require "spec.support.servers.webhooks"

local on_top = {}

local TEXT = { from = "Acme", to = "447700900000", text = "Hello, and 5 €", ["client-ref"] = "r1" }

-- `more`: `is_loop`, where one of several raises, others have arrived; `makes_client`, which may
-- raise what it lacks; `repeats`: it asks as often as it takes; `chooses`: one way of several;
-- `skips`: not done with these faults.
local function add(name, more, start)
  local operation = { name = name, client = "nexmo", start = start }
  for field, value in pairs(more) do operation[field] = value end
  on_top[#on_top + 1] = operation
end

-- Pages, as long as there are items.
add("each", { is_loop = true }, function(world)
  return function()
    local count = 0
    for item, err in world.nexmo:each("list_owned_numbers", { pattern = "447", size = 2 }) do
      if not item then return nil, err end
      count = count + 1
    end
    return { count = count }
  end
end)

add("sms.all", { is_loop = true, repeats = true }, side_by_side.all)
add("driver", { is_loop = true, repeats = true }, side_by_side.driver)

-- Sends that fail. Of a lost answer: what the socket takes at its second try has been sent as well.
for name, case in pairs { ["lost answer"] = { "ambiguous", kind = "lost_answer" },
  ["error of the server"] = { "ambiguous", kind = "status", status = 500 },
  refusal = { "rejected", kind = "nexmo_status", code = 9 } } do
  add(name, { repeats = true }, function(world)
    return function()
      local result, err = world.nexmo:send_sms(TEXT)
      return result or err.outcome == case[1], err
    end, { prepare = function()
      world.box:clear_faults()
      world.box:fault { operation = "send_sms", kind = case.kind, status = case.status,
        code = case.code, count = 1 }
    end, finish = function() world.box:clear_faults() end }
  end)
end

-- Of a question, on a connection that was kept. The sixth time libcurl says so in other words.
-- The sandbox is asked between, which needs memory.
add("lost answer to a question", { repeats = true, skips = { core = true, lua = true } },
function(world)
  local function arrivals() return #world.box:arrivals "list_owned_numbers" end
  return function()
    for _ = 1, 6 do
      world.nexmo:get_balance()
      local before = arrivals()
      local _, err = world.nexmo:list_owned_numbers()
      if err and err.outcome == "not_sent" and arrivals() > before then
        return nil, "it has arrived: " .. tostring(err)
      end
    end
    return true
  end, { prepare = function()
    world.box:clear_faults()
    world.box:fault { operation = "list_owned_numbers", kind = "lost_answer" }
  end, finish = function() world.box:clear_faults() end }
end)

local function with_client(world, options, prepare)
  return function()
    local made = world.new_client(options)
    local result, err = made:send_sms(TEXT)
    made:close()
    return result, err
  end, { prepare = prepare }
end

add("new client", { is_loop = true, makes_client = true }, function(world)
  return with_client(world)
end)

-- A limit of the machine, in a file that is there, and in one that is made.
local function machine(world, prepare)
  return with_client(world, { slots_path = world.folder, rate_limit = { calls = 100000, period = 1,
    share = "machine" } }, prepare)
end

add("slots file", { is_loop = true, makes_client = true }, machine)

add("new slots file", { is_loop = true, makes_client = true }, function(world)
  return machine(world, function() os.execute("rm -f '" .. world.folder .. "'/*") end)
end)

-- A journal on the disk. What a run has not told of its items, the next one does, but for ends that
-- the journal has: those of a loop that raised are as those of a process that was killed.
local function campaign(world)
  local path, items = world.folder .. "/journal", {}
  for i = 1, 3 do
    items[i] = { from = "Acme", to = "447700900000", text = "Hello", ["client-ref"] = "c" .. i }
  end
  local told, broke_off, run
  local function go()
    local first
    broke_off = true
    local all = { world.nexmo:send_all(items, { journal = path, sync = true }) }
    run = all[1]
    for item, _, err in (table.unpack or unpack)(all, 1, 4) do
      if item then told[item["client-ref"]] = err and err.outcome or "accepted" end
      first = first or err
    end
    broke_off = false
    if first then return nil, first end
    return items
  end
  local function arrivals()
    local by_ref = {}
    for _, arrival in ipairs(world.box:arrivals()) do by_ref[arrival.ref] = true end
    return by_ref
  end
  local function finish()
    local raised = broke_off
    if run then run:close() end -- LuaJIT's loops do not
    local sent, err = go()
    if not sent and err.outcome ~= "ambiguous" then
      return "the next run fails: " .. tostring(err)
    end
    local arrived = arrivals()
    for i = 1, 3 do
      local ref = "c" .. i
      if not arrived[ref] and told[ref] ~= "ambiguous" then
        return ref .. " is lost, told " .. tostring(told[ref])
      elseif not told[ref] and not raised then
        return ref .. " is never told"
      end
    end
  end
  local function prepare()
    os.remove(path)
    told = {}
  end
  return go, { prepare = prepare, finish = finish }
end

add("send_all", { is_loop = true }, campaign)

add("send_all without a journal", { is_loop = true }, function(world)
  local items = {}
  for i = 1, 3 do
    items[i] = { from = "Acme", to = "447700900000", text = "Hello", ["client-ref"] = "d" .. i }
  end
  return function()
    local told, first = 0, nil
    for item, _, err in world.nexmo:send_all(items, { in_flight = 2 }) do
      told = told + (item and 1 or 0)
      first = first or err
    end
    if first then return nil, first end
    return told == #items and items or nil, told .. " are told"
  end
end)

local RECEIPT = { msisdn = "447700900000", to = "Acme",
  ["message-timestamp"] = "2030-01-01 00:00:00", messageId = "0A0000000123ABCD",
  text = "Hello", type = "text", timestamp = "1893456000",
  nonce = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab" }

add("webhook", {}, function()
  local client = webhooks.client "sha256"
  local request = webhooks.request("form", webhooks.signed(RECEIPT, "sha256"))
  return function() return client:read_webhook(request, { tolerance = false }) end
end)

add("webhook by a token", { loses = true }, function()
  local client = webhooks.client "sha256"
  local request = webhooks.by_token(webhooks.json(RECEIPT))
  return function() return client:read_webhook(request, { tolerance = false }) end
end)

add("gateway", { is_loop = true, chooses = true }, function(world)
  local gateway = sms.gateway { world.nexmo, world.retarus }
  return function() return gateway:send { from = "Acme", to = "447700900000", text = "Hello" } end
end)

add("follow", { is_loop = true, repeats = true }, function(world)
  world.box:settings { job_open = 0, job_running = 0 }
  local id = assert(world.retarus:send_job { options = { statusRequested = true },
    messages = { { text = "Hello", recipients = { "+4917600000000" } } } }).jobId
  local options = { interval = { first = 0.01, longest = 0.01 }, timeout = 0.5 }
  return function()
    local last
    for recipient, err in world.retarus:follow(id, options) do
      if not recipient then return nil, err end
      last = recipient
    end
    return last
  end
end)

return on_top
