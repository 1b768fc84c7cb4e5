-- Applications as they are kept, in the form of version 2, in the order in which they were made.

local crypto = require "base.crypto"
local json = require "base.json"
local settings = require "settings"

local store = {}

local function dict()
  return ngx.shared.nexmo
end

local function new_id()
  local hex = ngx.md5(ngx.now() .. "/" .. math.random())
  return ("%s-%s-4%s-8%s-%s"):format(hex:sub(1, 8), hex:sub(9, 12), hex:sub(14, 16),
    hex:sub(18, 20), hex:sub(21, 32))
end

local function save(application)
  assert(dict():safe_set("application/" .. application.id, json.encode(application)))
end

-- What the caller sees once: the private key of a pair that was made here.
local function with_keys(application)
  if application.keys then return nil end
  local public, private = crypto.key_pair(settings.get().key_bits)
  application.keys = { public_key = public }
  return private
end

--- Keeps a new application; its private key if the pair was made here.
function store.add(application)
  application.id = new_id()
  local private = with_keys(application)
  application.number = dict():incr("applications", 1, 0)
  save(application)
  assert(dict():safe_set("application#" .. application.number, application.id))
  return private
end

--- An application, or nil.
function store.find(id)
  return json.decode(dict():get("application/" .. id) or "")
end

local BUILT_IN = "11111111-2222-4333-8444-555555555555"

--- The application that is there from the start, not listed, with its private key. Its pair is made
--- at the first use and outlives a reset.
function store.built_in()
  local control = ngx.shared.control
  local text = control:get "application"
  if not text then
    local public, private = crypto.key_pair(2048)
    local made = { id = BUILT_IN, keys = { public_key = public, private_key = private },
      capabilities = { voice = { webhooks = {
        event_url = { address = "https://example.com/event", http_method = "POST" } } } } }
    control:add("application", json.encode(made))
    text = control:get "application" -- another worker may have been first
  end
  return json.decode(text)
end

--- The same by its id, or nil.
function store.find_built_in(id)
  return id == BUILT_IN and store.built_in() or nil
end

--- Puts one in the place of another; the private key if a pair was made here.
function store.replace(old, application)
  application.id, application.number = old.id, old.number
  local private = with_keys(application)
  save(application)
  return private
end

--- Removes one.
function store.remove(application)
  dict():delete("application/" .. application.id)
  dict():delete("application#" .. application.number)
end

--- All of them.
function store.all()
  local all = {}
  for number = 1, dict():get "applications" or 0 do
    local id = dict():get("application#" .. number)
    all[#all + 1] = id and store.find(id)
  end
  return all
end

return store
