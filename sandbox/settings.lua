-- What can be set about the sandbox while it runs. Kept in shared memory; each worker holds a
-- decoded copy by version.

local json = require "base.json"
local loopback = require "base.loopback"

local settings = {}

settings.defaults = {
  -- both
  record = true,              -- keep arrivals
  arrival_body = 4096,        -- bytes of a request body kept with its arrival
  magic = true,               -- number endings 08NN and 09NN provoke statuses
  strict = false,             -- refuse what is not documented, or not so, but clients send
  clock_offset = 0,           -- seconds added to the provider's clock
  -- Retarus
  retarus_username = "user",
  retarus_password = "pass",
  retarus_limit = 0,          -- calls per 60 s, 0: none
  send_store = "alternate",   -- where the high-availability host puts a job
  send_status = 201,
  visible_after = 0,          -- seconds until a job can be read
  job_open = 0.2,             -- seconds a recipient stays OPEN
  job_running = 0.5,          -- seconds it then stays RUNNING at most
  duplicate_scope = "shared", -- or "store": duplicate detection per data centre
  duplicate_window = 600,     -- seconds
  missing_recipients = "404", -- GET /sms for an unknown job: "404" or "empty"
  version_needs_auth = false,
  list_order = "oldest",      -- or "newest" first
  null_fields = false,        -- write null where a field is otherwise left out
  account_status_requested = false,
  account_invalid_characters = "REPLACE",
  -- Nexmo
  nexmo_key = "abcd1234",
  nexmo_secret = "Secret0123456789",
  nexmo_signature_secret = "SIGSECRETforTests0123456789abcdef",
  nexmo_signature_method = "any",
  key_bits = 2048,            -- of an application's key pair; each takes up to 0.3 s, once
  nexmo_basic_error = "401",  -- wrong Basic on SMS: "401", or "status" for status 4 in 200
  nexmo_limit = 0,            -- calls per second, 0: none
  voice_limit = 0,            -- new calls of the Voice API per second, 0: none
  call_step = 0.2,            -- seconds in which such a call moves on: ringing, answered, ended
  balance = 100000,           -- EUR
  price = 0.0333,             -- EUR a part
  message_id = "hex",         -- or "uuid"
  north_america_sender = false, -- a word as sender to a +1 number is status 15
  tts_spelling = "underscore", -- or "hyphen"
  tts_status = "string",      -- or "number"
  address_country = "",       -- its numbers cannot be bought: an address is needed
  empty_numbers = "count",    -- no match: {"count":0}; or "bare": {}
  put_without_keys = "new",   -- a PUT without keys makes a new pair; or "keep"
  -- What Nexmo calls back
  webhook_url = "",           -- the account's own; a loopback address
  webhook_form = "form",      -- POST; or "query": GET; or "json": POST-JSON
  webhook_signature = "none", -- or a method, or "jwt"
  webhook_delay = 0,          -- seconds until it is sent
  webhook_spread = 0,         -- seconds more, at random: what shuffles
  webhook_copies = 1,         -- how often each is sent
  webhook_resign = true,      -- each copy and repeat is signed anew
  webhook_retries = 8,        -- after 429, 5xx or no answer
  webhook_retry_after = 0.05, -- seconds before the first of them, doubling; 5 in life
  receipt_statuses = "delivered", -- of each part, in order: "accepted,buffered,delivered"
}

local choices = {
  send_store = { alternate = true, random = true, de1 = true, de2 = true },
  duplicate_scope = { shared = true, store = true },
  missing_recipients = { ["404"] = true, empty = true },
  list_order = { oldest = true, newest = true },
  account_invalid_characters =
    { REFUSE = true, REPLACE = true, TO_UTF16 = true, TRANSLITERATE = true },
  nexmo_signature_method =
    { any = true, md5hash = true, md5 = true, sha1 = true, sha256 = true, sha512 = true },
  nexmo_basic_error = { ["401"] = true, status = true },
  message_id = { hex = true, uuid = true },
  tts_spelling = { underscore = true, hyphen = true },
  tts_status = { string = true, number = true },
  empty_numbers = { count = true, bare = true },
  put_without_keys = { new = true, keep = true },
  webhook_form = { form = true, query = true, json = true },
  webhook_signature = { none = true, md5hash = true, md5 = true, sha1 = true, sha256 = true,
    sha512 = true, jwt = true },
}

local current, current_version = settings.defaults, nil

local function merged(changes)
  local all = {}
  for name, value in pairs(settings.defaults) do all[name] = value end
  for name, value in pairs(changes) do all[name] = value end
  return all
end

--- Takes over what has been changed by any worker. Called at the start of each request.
function settings.load()
  local control = ngx.shared.control
  local version = control:get "settings_version" or 0
  if version ~= current_version then
    current = merged(json.decode(control:get "settings" or "{}") or {})
    current_version = version
  end
end

--- All settings as one table, not to be changed.
function settings.get()
  return current
end

--- What is wrong with a setting, or nil.
function settings.problem(name, value)
  local default = settings.defaults[name]
  if default == nil then return "unknown setting: " .. tostring(name) end
  if type(value) ~= type(default) then return name .. ": must be a " .. type(default) end
  if choices[name] and not choices[name][value] then return name .. ": not one of its values" end
  if name == "webhook_url" and value ~= "" and not loopback.read(value) then
    return name .. ": not a loopback address"
  end
  return nil
end

--- Takes a table of changes; nil, or the message of the first wrong one, and then nothing is
--- changed.
function settings.change(changes)
  for name, value in pairs(changes) do
    local message = settings.problem(name, value)
    if message then return message end
  end
  local control = ngx.shared.control
  local all = json.decode(control:get "settings" or "{}") or {}
  for name, value in pairs(changes) do all[name] = value end
  control:set("settings", json.encode(all))
  control:incr("settings_version", 1, 0)
  return nil
end

--- Back to the defaults.
function settings.reset()
  ngx.shared.control:set("settings", "{}")
  ngx.shared.control:incr("settings_version", 1, 0)
end

return settings
