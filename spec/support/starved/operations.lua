-- What a process does while something goes wrong in it: each operation, and what stands on top of
-- them (on_top.lua). `start(world)` (worlds.lua) gives a function that does it once, and gives what
-- it was told: result, err; and what is done around it: prepare(), and finish() -> what is wrong.
-- `loses`: its reply is read by lua-cjson, which loses its buffer where Lua's memory runs out.
--
--     for _, operation in ipairs(operations) do print(operation.name, operation.start(world)()) end

local on_top = require "spec.support.starved.on_top"
local outbox = require "spec.support.starved.outbox"

local operations = {}

local TEXT = { from = "Acme", to = "447700900000", text = "Hello, and 5 €", ["client-ref"] = "r1" }
local CALL = { to = "447700900000", from = "447700900001", text = "Hello" }
local JOB = { options = { src = "Acme", statusRequested = true, customerRef = "r1" },
  messages = { { text = "Hello", recipients = { "+491760000001", { dst = "+491760000002" } } } } }
local HOOK = "https://example.com/a"
local APPLICATION = { name = "App", capabilities = {},
  keys = { public_key = "-----BEGIN PUBLIC KEY-----\nMFwwDQ\n-----END PUBLIC KEY-----\n" } }

local function add(name, start, more)
  local operation = { name = name, start = start, client = name:match "^%a+",
    loses = name:find "application" ~= nil }
  for field, value in pairs(more or {}) do operation[field] = value end
  operations[#operations + 1] = operation
end

local function call(client, name, params)
  add(client .. ":" .. name, function(world)
    local given = type(params) == "function" and params(world) or params
    return function() return world[client][name](world[client], given) end
  end)
end

-- One that is bought, and given back, each time anew.
local function number_to(world, name, before)
  local found = assert(world.nexmo:list_inbound_numbers { country = "GB" }).numbers[1]
  local number = { country = found.country, msisdn = found.msisdn }
  return function() return world.nexmo[name](world.nexmo, number) end,
    { prepare = function() world.nexmo[before](world.nexmo, number) end }
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
add("nexmo:delete_application", function(world)
  local id
  return function() return world.nexmo:delete_application { application_id = id } end,
    { prepare = function() id = assert(world.nexmo:create_application(APPLICATION)).id end }
end)
add("nexmo:buy_number", function(world) return number_to(world, "buy_number", "cancel_number") end)
add("nexmo:cancel_number", function(world)
  return number_to(world, "cancel_number", "buy_number")
end)
call("retarus", "send_job", JOB)
call("retarus", "get_job", job_of)
call("retarus", "list_recipients", job_of)
call("retarus", "list_jobs", { fromTs = "2030-01-01T00:00Z", toTs = "2030-01-02T00:00Z" })
call("retarus", "get_version")
call("repeating", "send_sms", TEXT)
call("secure", "send_sms", TEXT)

add("outbox", outbox, { client = "nexmo", is_loop = true })

for _, operation in ipairs(on_top) do add(operation.name, operation.start, operation) end

return operations
