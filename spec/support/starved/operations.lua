-- What a process does while memory runs out in it: each operation, and what stands on top of them.
-- `start(world)` gives a function that does it once, and gives what it was told: result, err.
-- `loses`: its reply is read by lua-cjson, which loses its buffer where Lua's memory runs out.
--
--     for _, operation in ipairs(operations) do print(operation.name, operation.start(world)()) end
--
-- The world has clients of a sandbox: nexmo, signed (by signatures), caller (Voice API), retarus,
-- secure (TLS), looped (in an event loop); new_client() makes one more; `box` is the sandbox.

local loops = require "spec.support.loops"
local sms = require "sms"

local operations = {}

local TEXT = { from = "Acme", to = "447700900000", text = "Hello, and 5 €", ["client-ref"] = "r1" }
local CALL = { to = "447700900000", from = "447700900001", text = "Hello" }
local JOB = { options = { src = "Acme", statusRequested = true, customerRef = "r1" },
  messages = { { text = "Hello", recipients = { "+491760000001", { dst = "+491760000002" } } } } }
local HOOK = "https://example.com/a"
local APPLICATION = { name = "App", capabilities = {},
  keys = { public_key = "-----BEGIN PUBLIC KEY-----\nMFwwDQ\n-----END PUBLIC KEY-----\n" } }

-- Where one of several raises, others have arrived.
local MANY = { each = true, ["sms.all"] = true, driver = true, ["new client"] = true }

local function add(name, start)
  operations[#operations + 1] = { name = name, start = start, client = name:match "^%a+",
    is_loop = MANY[name], loses = name:find "application" ~= nil }
end

local function call(client, name, params)
  add(client .. ":" .. name, function(world)
    local given = type(params) == "function" and params(world) or params
    return function() return world[client][name](world[client], given) end
  end)
end

local function number_of(world)
  local owned = assert(world.nexmo:list_owned_numbers()).numbers[1]
  return { country = owned.country, msisdn = owned.msisdn, moHttpUrl = HOOK }
end

local function job_of(world)
  return { jobId = assert(world.retarus:send_job(JOB)).jobId }
end

local function application_of(more)
  return function(world)
    local made = assert(world.nexmo:create_application(APPLICATION))
    local params = { application_id = made.id }
    for name, value in pairs(more or {}) do params[name] = value end
    return params
  end
end

call("nexmo", "send_sms", TEXT)
call("signed", "send_sms", TEXT)
call("nexmo", "send_voice", CALL)
call("caller", "send_voice", CALL)
call("nexmo", "list_inbound_numbers", { country = "GB", pattern = "447" })
call("nexmo", "list_owned_numbers", { pattern = "447", size = 7, index = 1 })
call("nexmo", "get_balance")
call("nexmo", "update_number", number_of)
call("nexmo", "create_application", APPLICATION)
call("nexmo", "get_application", application_of())
call("nexmo", "list_applications", { page_size = 5 })
call("nexmo", "update_application", application_of(APPLICATION))
call("retarus", "send_job", JOB)
call("retarus", "get_job", job_of)
call("retarus", "list_recipients", job_of)
call("retarus", "list_jobs", { fromTs = "2030-01-01T00:00Z", toTs = "2030-01-02T00:00Z" })
call("retarus", "get_version")
call("secure", "send_sms", TEXT)

-- Pages, as long as there are items.
add("each", function(world)
  return function()
    local count = 0
    for item, err in world.nexmo:each("list_owned_numbers", { pattern = "447", size = 2 }) do
      if not item then return nil, err end
      count = count + 1
    end
    return { count = count }
  end
end)

-- The first that failed of several.
local function first_of(ended)
  for _, one in ipairs(ended) do
    if not one[1] then return nil, one[2] end
  end
  return ended
end

add("sms.all", function(world)
  local function send() return world.nexmo:send_sms(TEXT) end
  return function() return first_of(sms.all { send, send, send }) end
end)

-- A driver's thread, and a loop that polls its mailbox. Where the loop itself has no memory, it is
-- run again: nil, nil where no call has ended.
add("driver", function(world)
  local loop, looped, ended = loops["select"], world.looped, {}
  local function body(place)
    local one = {}
    ended[place] = one
    return function() one.ok, one.result, one.err = pcall(looped.send_sms, looped, TEXT) end
  end
  local bodies, nobody = { body(1), body(2) }, {}
  return function()
    for _, one in ipairs(ended) do one.ok, one.result, one.err = nil, nil, nil end
    local went, tries = pcall(loop.run, bodies), 0
    while not went and tries < 100 do
      went, tries = pcall(loop.run, nobody), tries + 1
    end
    for _, one in ipairs(ended) do
      if one.ok == false then error(one.result, 0) end
      if not one.result then return nil, one.err end
    end
    return ended
  end
end)

add("new client", function(world)
  return function()
    local made = world.new_client()
    local result, err = made:send_sms(TEXT)
    made:close()
    return result, err
  end
end)

return operations
