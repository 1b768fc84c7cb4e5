--- Which outbox is meant, in which Redis: `--outbox`, and `--redis` or SMS_REDIS.
---
---   place.declare(parser)                             the options
---   local at = place.of(given, session)               misuse where that is not clear
---   local outbox, err = place.open(at, session, { risk = "accepted" })
---   place.words(at)                                   "the outbox codes at 127.0.0.1:6379"
---   place.sentence(err)                               what is wrong, for who sits at a terminal

local outcome = require "sms_command.outcome"
local output = require "sms_command.output"
local redis = require "sms.redis"
local redis_client = require "sms_command.outbox.redis_client"

local place = {}

local DEFAULT_PORT = 6379
local TIMEOUT = 1 -- seconds of each step with Redis

-- Options of the command by those of the library that they are called otherwise.
local OPTIONS = { name = "outbox", worker = "label" }

local WHERE = "HOST:PORT or unix:PATH"
local SECRET = ("takes %s alone: a password comes from SMS_REDIS_PASSWORD (and a user's "
  .. "name from SMS_REDIS_USERNAME) in the environment or in ~/.config/sms/credentials")
  :format(WHERE)

--- Reads where Redis is; nil and what is wrong.
---@param text string
---@return { host: string?, port: integer?, path: string? }?
---@return string? why
function place.read(text)
  local path = text:match "^unix:(.+)$"
  if path then
    return { path = (path:gsub("^//", "")) }
  elseif text:find "[@/]" then
    return nil, SECRET
  end
  local host, port = text:match "^%[([%x:.]+)%]:(%d+)$"
  if not host then
    host, port = text:match "^([^:%s]+):(%d+)$"
  end
  host = host or text:match "^[^:%s]+$"
  port = port and tonumber(port) or DEFAULT_PORT
  if not host or port < 1 or port > 65535 then
    return nil, ("'%s' is not %s, such as 127.0.0.1:6379"):format(text, WHERE)
  end
  return { host = host, port = port }
end

--- Adds the options.
---@param parser table of argparse
function place.declare(parser)
  parser:option "--outbox" :argname "NAME" :description "The outbox's name. Required."
  parser:option "--redis" :argname(WHERE:gsub(" or ", "|"))
    :description "Where Redis is; left out: SMS_REDIS."
end

--- The address in words.
local function address_of(server)
  if server.path then
    return "unix:" .. server.path
  end
  return (server.host:find ":" and "[%s]:%d" or "%s:%d"):format(server.host, server.port)
end

--- One connection for all that is asked, opened when it is needed.
local function connections(server)
  local open
  return function()
    local why, is_final
    if not open then
      open, why, is_final = redis_client.connect(server, TIMEOUT)
    end
    return open, why and ("%s: %s"):format(address_of(server), why), is_final
  end, function(client, ok)
    if not ok then
      client:close()
      open = nil
    end
  end
end

--- How to get to Redis.
---@param given table arguments
---@param session table
---@return { address: string, connect: function, release: function }
function place.server(given, session)
  local missing = redis_client.missing()
  if missing then
    session.misuse("%s", missing)
  end
  local text = given.redis or session.value "SMS_REDIS"
  if not text then
    session.misuse("say where Redis is: --redis %s, or SMS_REDIS in the environment or in "
      .. "~/.config/sms/credentials", WHERE)
  end
  local server, why = place.read(text)
  if not server then
    session.misuse("%s: %s", given.redis and "--redis" or "SMS_REDIS", why)
  end
  server.username, server.password = session.value "SMS_REDIS_USERNAME",
    session.value "SMS_REDIS_PASSWORD"
  local made = { address = address_of(server) }
  made.connect, made.release = connections(server)
  return made
end

--- Which outbox is meant, and how to get there.
---@param given table arguments
---@param session table
---@return { name: string, address: string, connect: function, release: function, seal: any }
function place.of(given, session)
  if not given.outbox or given.outbox == "" then
    session.misuse "say which outbox: --outbox NAME"
  end
  local made = place.server(given, session)
  local new, old = session.value "SMS_OUTBOX_SEAL", session.value "SMS_OUTBOX_SEAL_OLD"
  made.name, made.seal = given.outbox, old and { new, old } or new
  return made
end

--- The place in words.
---@param at table
---@return string
function place.words(at)
  return ("the outbox %s at %s"):format(output.shown(at.name), at.address)
end

--- What an error says, with options of the command where it names those of the library.
---@param err table
---@return string
function place.sentence(err)
  local text = err.message:gsub('risk = "accepted"', "--accept-risk")
  local lacks = text:find "NOAUTH" or text:find "WRONGPASS"
  return lacks and text .. "; its password comes from SMS_REDIS_PASSWORD" or text
end

--- Whether Redis is there; why not, and whether it will not come by itself.
---@param at table of place.of
---@return boolean? ok
---@return string? why
---@return boolean? is_final
function place.reach(at)
  local client, why, is_final = at.connect()
  if not client then
    return nil, why, is_final
  end
  local answer
  answer, why = client:command "PING"
  at.release(client, answer ~= nil)
  if answer then
    return true
  end
  why = tostring(why)
  return nil, ("%s: %s"):format(at.address, why), why:find "^NOAUTH" ~= nil
end

--- Calls a function of the library with what options of the command say; what that misuses is
--- misuse of the command.
---@param session table
---@param body function
---@return any what it returns, two values
function place.tried(session, body, ...)
  local ok, value, err = pcall(body, ...)
  if ok then
    return value, err
  elseif type(value) ~= "string" or outcome.is_interrupt(value) then
    error(value, 0)
  end
  local option, rest = value:match "([%w_]+): ([^:]*)$"
  if not option then
    error(value, 0)
  end
  session.misuse("--%s: %s", OPTIONS[option] or (option:gsub("_", "-")), rest)
end

--- Opens the outbox.
---@param at table of place.of
---@param session table
---@param more table? further options of sms.redis.outbox
---@return table? outbox
---@return table? err
function place.open(at, session, more)
  local options = { connect = at.connect, release = at.release, name = at.name, seal = at.seal }
  for name, value in pairs(more or {}) do
    options[name] = value
  end
  return place.tried(session, redis.outbox, options)
end

--- Slots of rate limits that live in the same Redis.
---@param at table of place.of or place.server
---@return table share
function place.share(at)
  return redis.new { connect = at.connect, release = at.release }
end

return place
