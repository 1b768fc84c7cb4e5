--- What an outbox needs of its Redis so that nothing is lost or sent twice, and what may happen
--- with less.
---
---   local guard = needs.new(link, "sms:{outbox:codes}:state", risk)
---   local ok, why = guard:look()             when the outbox is made
---   local ok, why = guard:allows(server)     before anything is added, taken or begun
---
--- It is looked at again when another server answers than the one that was looked at. Where that
--- one has less, nothing is added or begun until it has what is needed; what was begun before is
--- still written down as ended. So a run waits, and goes on by itself once the setting is right.

local core = require "sms.core"
local errors = require "sms.base.errors"
local unpack = require "sms.base.unpack"

local needs = {}

local Guard = { __name = "sms.outbox.needs" }
local methods = {}
Guard.__index = methods

local PAUSE = 1 -- seconds from one look at a server that has less to the next

local OLDEST = 7 -- the first Redis whose scripts say what they may do without memory

-- A setting, its value, and when Redis forgets what without it.
local NEEDED = {
  { "appendonly", "yes", "when it ends, Redis forgets all since its last snapshot" },
  { "appendfsync", "always", "when its machine fails, Redis forgets the last second or more" },
  { "no-appendfsync-on-rewrite", "no",
    "when its machine fails while Redis rewrites its file, it forgets all since then" },
  { "maxmemory-policy", "noeviction", "when its memory is full, Redis throws any of it away" },
}
local FORGOTTEN = "What was added then is lost, and what was sent is sent again"

-- Runs in every Redis, also in one that is too old for the other scripts.
local SCRIPT = [=[
local info = redis.call('INFO', 'server') .. redis.call('INFO', 'persistence')
  .. redis.call('INFO', 'memory')
local answer = {ARGV[1]}
for i = 2, #ARGV do
  answer[i] = info:match('%f[a-z]' .. ARGV[i] .. ':([^\r\n]*)') or ''
end
return answer
]=]
local ASKED = { "run_id", "redis_version", "valkey_version", "aof_enabled", "maxmemory_policy" }
local APPENDONLY = { ["0"] = "no", ["1"] = "yes" } -- as `aof_enabled` has it

--- A setting by the client's own `config`: a list as Redis answers, or a table by name.
---@return string? value
---@return string? why it cannot be seen
local function setting_of(client, name)
  local answered, answer, err = pcall(function()
    if not client.config then
      return nil, "the client has no `config`"
    end
    return client:config("GET", name)
  end)
  if answered and type(answer) == "table" then
    local value = answer[name] or answer[1] == name and answer[2]
    if type(value) == "string" then
      return value
    end
    err = "CONFIG GET does not tell"
  end
  return nil, errors.safe_text(tostring(not answered and answer or err))
end

--- Adds what only CONFIG tells to what is known.
---@return string? why something cannot be seen
local function add_settings(link, known)
  local ok, client, why = pcall(link.connect)
  if not ok or not client then
    return errors.safe_text(tostring(ok and why or client))
  end
  local unseen
  for _, need in ipairs(NEEDED) do
    local name = need[1]
    if not unseen and not known[name] then
      known[name], unseen = setting_of(client, name)
    end
  end
  pcall(link.release, client, not unseen)
  return unseen
end

--- What is wrong with the versions, or nil.
local function age_of(known)
  local major = tonumber(known.redis_version:match "^%d+")
  if known.valkey_version == "" and (not major or major < OLDEST) then
    return ("an outbox needs Redis %d or newer, or Valkey; this is Redis %s"):format(OLDEST,
      errors.safe_text(known.redis_version))
  end
end

--- Asks a server what it has.
---@return table? known settings by name
---@return string? why Redis gave no answer
local function ask(link, key)
  local answer, why = link:ask(SCRIPT, { key }, unpack(ASKED))
  if not answer then
    return nil, why
  end
  local known = {}
  for i, name in ipairs(ASKED) do
    known[name] = tostring(answer[i + 1] or "")
  end
  known.appendonly = APPENDONLY[known.aof_enabled]
  known["maxmemory-policy"] = known.maxmemory_policy:match "%S+"
  return known
end

--- What is missing, in words; nil: nothing.
local function missing(known, unseen)
  local parts = {}
  for _, need in ipairs(NEEDED) do
    local name, value, without = need[1], need[2], need[3]
    local there = known[name]
    if there ~= value then
      local is = there and "is " .. errors.safe_text(there)
        or ("cannot be seen (%s)"):format(unseen)
      parts[#parts + 1] = ("%s %s, not %s: %s"):format(name, is, value, without)
    end
  end
  if parts[1] then
    return ('%s. %s (risk = "accepted" takes that)'):format(table.concat(parts, "; "), FORGOTTEN)
  end
end

--- The part of a server's identity that changes whenever it starts.
local function run_id_of(server)
  return server:match "^[^:]*"
end

--- Looks at the server that answers now.
---@return boolean? ok
---@return string? why
function methods:look()
  self.looks_at = core.now() + PAUSE
  local known, why = ask(self.link, self.key)
  if not known then
    return nil, why
  end
  why = age_of(known)
  if not why and not self.is_accepted then
    local unseen = add_settings(self.link, known)
    why = missing(known, unseen)
  end
  if why then
    self.why, self.weak = why, known.run_id
    return nil, why
  end
  self.run_id, self.why = known.run_id, nil
  return true
end

--- Whether something may be added, taken or begun at the server that answered last.
---@param server string? its identity: run id and replication id; nil: none has answered
---@return boolean? ok
---@return string? why
function methods:allows(server)
  if server == nil or run_id_of(server) == self.run_id then
    return true
  elseif self.why and run_id_of(server) == self.weak and core.now() < self.looks_at then
    return nil, self.why
  end
  return self:look()
end

--- What watches over the server of an outbox; nothing is looked at yet.
---@param link table of sms.limits.redis_link
---@param key string of the outbox
---@param risk string? "accepted": less is enough
---@return table
function needs.new(link, key, risk)
  return setmetatable({ link = link, key = key, is_accepted = risk == "accepted", looks_at = 0 },
    Guard)
end

return needs
