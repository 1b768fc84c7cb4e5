-- Does some things in a process of its own, on a host that lacks something, and prints what it is
-- told: a line for each call, "THING accepted" or "THING OUTCOME MESSAGE".
--
--     host_child.lua FOLDER THING...       THING: one of the functions below
--
-- The environment has NEXMO_BASE_URL, and SECURE_URL and CA_FILE for TLS.

local sms = require "sms"

local folder = arg[1]

local TEXT = { from = "Acme", to = "447700900000", text = "Hello" }
local EACH, ITEMS, LIMITED = 6, 20, 3

local thing, clients -- that is done, and what it made

local function client(more)
  local options = { api_key = "abcd1234", api_secret = "Secret0123456789", rate_limit = false,
    retry = false, timeout = 10 }
  for option, value in pairs(more or {}) do options[option] = value end
  clients[#clients + 1] = sms.nexmo(options)
  return clients[#clients]
end

local function tell(result, err)
  print(thing, result and "accepted" or err.outcome .. " " .. tostring(err))
end

local function sends(made, count)
  local bodies = {}
  for i = 1, count do bodies[i] = function() tell(made:send_sms(TEXT)) end end
  return bodies
end

local things = {}

function things.send()
  sends(client(), 1)[1]()
end

function things.secure()
  sends(client { base_url = os.getenv "SECURE_URL", ca_file = os.getenv "CA_FILE" }, 1)[1]()
end

function things.unknown()
  sends(client { base_url = "https://sms.invalid" }, 1)[1]()
end

function things.limited()
  local limit = { calls = 10000, period = 60, share = "machine" }
  for _, send in ipairs(sends(client { rate_limit = limit, max_wait = 5 }, LIMITED)) do send() end
end

function things.all()
  sms.all(sends(client(), EACH))
end

function things.loop()
  local loop = require "spec.support.loops"["select"]
  loop.run(sends(client { runtime = loop.runtime }, EACH))
end

function things.bulk()
  local list = {}
  for i = 1, ITEMS do
    list[i] = { from = "Acme", to = "447700900000", text = "Hello", ["client-ref"] = "r" .. i }
  end
  local options = { in_flight = 8, journal = folder .. "/journal" }
  for item, result, err in client():send_all(list, options) do
    thing = item == false and "end of bulk" or "bulk"
    tell(result, err)
  end
end

function things.doctor()
  client { base_url = os.getenv "SECURE_URL" }
  for _, check in ipairs(sms.doctor()) do
    if not check.ok then print(thing, check.name .. " " .. check.message) end
  end
end

function things.play()
  local ok, box = pcall(require "sms.testing".start)
  print(thing, ok and "plays" or box)
  if ok then box:stop() end
end

for i = 2, #arg do
  thing, clients = arg[i], {}
  things[arg[i]]()
  for _, made in ipairs(clients) do made:close() end
end
