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

-- The next pair. No two applications have the same one; after a reset the same pairs are given
-- again, since each takes long to make.
local function next_pair()
  local bits, control = settings.get().key_bits, ngx.shared.control
  local key = "pair/" .. bits .. "/" .. dict():incr("pairs/" .. bits, 1, 0)
  local text = control:get(key)
  if not text then
    local public, private = crypto.key_pair(bits)
    text = json.encode { public_key = public, private_key = private }
    control:safe_set(key, text) -- where there is no room, it is made again the next time
  end
  return json.decode(text)
end

-- What the caller sees once: the private key of a pair that was made here.
local function with_keys(application)
  if application.keys then return nil end
  local pair = next_pair()
  application.keys = { public_key = pair.public_key }
  return pair.private_key
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
