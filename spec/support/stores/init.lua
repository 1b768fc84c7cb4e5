-- The stores of receipts, parts and nonces, for specs that run over all of them:
--
--     for name, kind in pairs(stores) do
--       describe(("The %s store"):format(name), function()
--         kind.around()                 Redis runs as long as this describe
--         local store = kind.make()     with options, such as seconds
--         kind.at(kind.now + 10)        ten seconds later for all stores of the kind
--         kind.is_empty(store)
--
-- Time stands still in a table and in a dictionary; in Redis it runs, too.

local busted = require "busted"
local core = require "sms.core"
local dictionary = require "spec.support.dictionary"
local redis_client = require "spec.support.servers.redis_client"
local redis_server = require "spec.support.servers.redis_server"
local sms = require "sms"

local START = 1700000000

local function nothing() end

local function with(options, more)
  local copy = {}
  for _, list in ipairs { options or {}, more } do
    for name, value in pairs(list) do copy[name] = value end
  end
  return copy
end

local in_table = { days = 4, now = START, around = nothing }

function in_table.at(moment) in_table.now = moment end

function in_table.make(options)
  return sms.stores.table(with(options, { clock = function() return in_table.now end }))
end

function in_table.is_empty(store) return next(store.records) == nil end

local shared = { days = 4, now = START, around = nothing }

function shared.at(moment) shared.now = moment end

function shared.make(options, most)
  return sms.stores.shared(dictionary.new(function() return shared.now end, most), options)
end

function shared.is_empty(store) return next(store.dictionary.entries) == nil end

local redis = { days = 8, now = START }
local server, client

function redis.around()
  busted.setup(function()
    server = redis_server.start()
    client = redis_client.connect(server.port)
  end)
  busted.teardown(function()
    client:close()
    server:stop()
  end)
end

--- Takes from what is left of the time of each key, as if so much had passed.
function redis.at(moment)
  local passed = (moment - redis.now) * 1000
  redis.now = moment
  if passed <= 0 then return end
  for _, key in ipairs(client:keys "*") do
    local left = client:pttl(key)
    client:pexpire(key, ("%.0f"):format(math.max(0, left - passed)))
  end
end

function redis.make(options)
  local name = ("s%.0f"):format(core.random() * 2 ^ 32)
  return require("sms.redis").store(with(with(options, redis_client.options(server.port)),
    { name = name }))
end

function redis.is_empty(store) return #client:keys(store.prefix .. "*") == 0 end

return { table = in_table, shared = shared, redis = redis }
