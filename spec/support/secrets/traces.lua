-- A program whose secrets, number and text are canaries of the environment. It makes all calls
-- that there are, of a provider that says in its answers what it was sent, and writes what the
-- library says of it into files of FOLDER:
--
--   requests           what the provider has received
--   shown              tostring of all there is, errors with all fields but `result`, tracebacks
--   logs               events by both adapters, warnings, metrics, doctor
--   objects            every text that can be reached from a client, a run or a gateway
--   previews           what client:prepare gives
--   journal, slots/    the library's own
--
-- It ends by raising a client.

local echoes = require "spec.support.secrets.echoes"
local fields = require "spec.support.declared.fields"
local json = require "sms.base.json"
local raw_server = require "spec.support.servers.raw_server"
local sms = require "sms"
local steps = require "spec.support.declared.steps"

local env = os.getenv
local FOLDER = env "FOLDER"

local files = {}

local function write(place, text)
  files[place] = files[place] or assert(io.open(FOLDER .. "/" .. place, "w"))
  files[place]:write(text, "\n")
  files[place]:flush()
end

local server = raw_server.start()

local to_json = sms.adapters.json(function(line) write("logs", line) end)
local to_records = sms.adapters.opentelemetry(function(record)
  write("logs", json.encode_any(record))
end)

local function options(more)
  local all = { base_url = server.url, retry = { attempts = 2, base = 0, cap = 0 }, timeout = 2,
    rate_limit = { calls = 10000, period = 1, share = "machine" }, slots_path = FOLDER .. "/slots",
    on_event = function(event)
      to_json(event)
      to_records(event)
    end }
  for name, value in pairs(more) do all[name] = value end
  return all
end

local function nexmo(more)
  local all = options { api_key = "abcd1234", api_secret = env "SECRET" }
  for name, value in pairs(more or {}) do all[name] = value end
  return sms.nexmo(all)
end

local retarus = sms.retarus(options { username = "user", password = env "PASSWORD" })
local calling = { application_id = "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab",
  private_key = env "KEY" }

local signing = nexmo { auth = "signature", signature_secret = env "SIGNATURE" }

-- By what is added to the name of a declared operation: those that have it.
local CLIENTS = {
  [""] = { nexmo(), nexmo { auth = "params" }, signing, retarus },
  [" of version 1"] = { nexmo { api_version = 1, auth = "params" } },
  [" with an application"] = { nexmo(calling) },
}

--- What a provider may say of a call: what it was sent.
local function words_of(client, params)
  local more = {}
  if params.to or params.msisdn or params.messages then more[1] = env "NUMBER" end
  if params.text or params.messages then more[#more + 1] = env "TEXT" end
  if client == retarus then return echoes.words("user", { env "PASSWORD" }, more) end
  return echoes.words("abcd1234", { env "SECRET",
    client == signing and env "SIGNATURE" or nil }, more)
end

--- All that is said of a value, in words; of a failure's `result` nothing.
local function show(value)
  write("shown", tostring(value))
  if not sms.is_error(value) then return end
  for name, part in pairs(value) do
    if name == "problems" then
      for _, problem in ipairs(part) do write("shown", problem.path .. ": " .. problem.message) end
    elseif name ~= "result" then
      write("shown", name .. ": " .. tostring(part))
    end
  end
end

local seen = {}

--- All texts that can be reached from a value, in its functions, too.
local function write_objects(value)
  if type(value) == "string" then write("objects", value) end
  if seen[value] or type(value) ~= "table" and type(value) ~= "function" then return end
  seen[value] = true
  write_objects(getmetatable(value))
  if type(value) == "table" then
    for name, part in next, value do
      write_objects(name)
      write_objects(part)
    end
    return
  end
  for i = 1, 255 do
    local name, part = debug.getupvalue(value, i)
    if not name then return end
    write_objects(part)
  end
end

--- Params with a canary in the place of each number and text.
local function filled(value, name)
  if type(value) ~= "table" then
    local is_number = name == "to" or name == "dst" or name == "msisdn" or name == "number"
    return is_number and env "NUMBER" or name == "text" and env "TEXT" or value
  end
  local copy = {}
  for key, part in pairs(value) do copy[key] = filled(part, key) end
  return copy
end

local function call_all(calls)
  for _, each in ipairs(fields.declared()) do
    local name, variant = each.name:match "^(%S+)(.*)$"
    for _, client in ipairs(not each.is_item and CLIENTS[variant] or {}) do
      if client[name] then
        calls(client, name, filled(steps.smallest(each).usual(each.record)))
      end
    end
  end
end

-- Calls that are answered with what they have sent ------------------------------------------------

call_all(function(client, name, params)
  local request, err = client:prepare(name, params)
  write("previews", request and json.encode_any(request) or tostring(err))
end)

--- Makes a call as often as there are answers that say what it has sent.
local function answered(client, params, call)
  for _, reply in ipairs(echoes.replies(words_of(client, params))) do
    server:reply(reply)
    call()
  end
end

call_all(function(client, name, params)
  answered(client, params, function()
    local _, err = client[name](client, params)
    if err then show(err) end
  end)
end)
for _, clients in pairs(CLIENTS) do
  for _, client in ipairs(clients) do
    answered(client, {}, function()
      show(select(2, client:request { method = "GET", path = "/x", host = client == retarus
        and "send" or "rest" }))
      show(select(2, client:check()))
    end)
  end
end

-- Campaigns, gateways, webhooks -------------------------------------------------------------------

local ITEM = { from = "Acme", to = env "NUMBER", text = env "TEXT" }
local plain = CLIENTS[""][1]
local count = 0
answered(plain, ITEM, function()
  local item = filled(ITEM)
  count = count + 1
  item["client-ref"] = "r" .. count
  local run = plain:send_all({ item }, { journal = FOLDER .. "/journal", sync = true })
  show(run)
  for _, _, err in run do if err then show(err) end end
  local gateway = sms.gateway { plain }
  show(gateway)
  write_objects(gateway)
  show(select(2, gateway:send(filled(ITEM))))
end)
for _, body in ipairs { ("msisdn=%s&text=%s&sig=00&messageId=0A"):format(env "NUMBER", env "TEXT"),
  "{" .. env "TEXT", "a=" .. env "SIGNATURE" } do
  for _, form in ipairs { "application/json", "application/x-www-form-urlencoded" } do
    show(select(2, signing:read_webhook { method = "POST", query = "",
      headers = { ["Content-Type"] = form, Authorization = "Bearer " .. env "TEXT" },
      body = body }))
  end
end

-- Misuse, with its traceback ----------------------------------------------------------------------

local function raised(...)
  show((select(2, xpcall(..., debug.traceback))))
end

raised(function() nexmo { api_secret = { env "SECRET" } } end)
raised(function() nexmo { api_secret = env "SECRET" .. "\n" } end)
raised(function() nexmo { api_key = "a:" .. env "SECRET" } end)
raised(function() nexmo { api_key = "", api_secret = env "SECRET", [3] = env "SECRET" } end)
raised(function() nexmo { signature_secret = env "SIGNATURE", signature_method = "x" } end)
raised(function() nexmo { application_id = "a", private_key = "-----BEGIN " .. env "SECRET" } end)
raised(function() nexmo { application_id = env "SECRET", private_key = env "KEY" } end)
raised(function() nexmo { proxy = "http://u:" .. env "PASSWORD" .. "@[/" } end)
raised(function() nexmo { base_url = "ftp://u:" .. env "PASSWORD" .. "@127.0.0.1" } end)
raised(function() nexmo { base_url = "http://u:" .. env "PASSWORD" .. "@127.0.0.1:1" } end)
raised(function() plain:send_sms(filled(ITEM), { timeout = env "TEXT" }) end)
raised(function() plain:send_sms(env "TEXT") end)
raised(function() plain:send_sms { from = "Acme", to = env "NUMBER", [env "TEXT"] = 1 } end)
raised(function() plain:send_all(5, { journal = env "TEXT" }) end)
raised(function() error(plain) end)

-- What is told without being asked ----------------------------------------------------------------

for _, clients in pairs(CLIENTS) do
  for _, client in ipairs(clients) do
    for _, warning in ipairs(client:warnings()) do write("logs", warning.message) end
    show(client)
    show(client.credentials)
    write_objects(client)
  end
end
write("logs", sms.metrics "prometheus")
write("logs", json.encode_any(sms.metrics()))
write("logs", json.encode_any(sms.doctor()))
for _, request in ipairs(server:requests()) do write("requests", request.text) end
server:stop()
error(plain)
