--- What send_all knows of its items from its journal, and writes there: each is begun just
--- before it is sent, and its end is noted. An item is known by its ordinal and its hash.

local canonical = require "sms.bulk.canonical"
local core = require "sms.core"

local ledger = {}

local Ledger = { __name = "sms.bulk.items.ledger" }
local methods = {}
Ledger.__index = methods

local NAP = 0.001 -- seconds between two looks whether the disk has it

-- Why an item has no hash, by what OpenSSL may lack.
local UNHASHED = {
  ["no memory"] = "there is not enough memory for its hash",
  failed = "OpenSSL refuses SHA-256, by which its journal knows it",
}

--- What is done with an item of a state: "send", "tell" as ambiguous, or nil.
local function todo_of(again)
  return {
    new = "send",
    open = again.ambiguous and "send" or "tell",
    ambiguous = again.ambiguous and "send" or nil,
    rejected = again.rejected and "send" or nil,
  }
end

--- Opens a journal.
---@param path string
---@param sync boolean? what is begun is on the disk before it is sent
---@param again { ambiguous: boolean?, rejected: boolean? } what is sent again, by its state
---@return table? ledger
---@return string? why
function ledger.open(path, sync, again)
  local journal, why = core.journal(path, sync or false)
  if not journal then
    return nil, why
  end
  return setmetatable({ journal = journal, sync = sync, known = journal:highest(),
    todo = todo_of(again), position = 0 }, Ledger)
end

--- What was wrong with the journal's end, or nil.
function methods:warning()
  return self.journal:warning()
end

--- Looks an item up.
---@param entry { item: table, handle: integer }
---@return string? state
---@return string? todo "send", "tell" or nil: nothing
---@return string? why there is no state
function methods:look(entry)
  local hash, why = core.sha256(canonical.text(entry.item))
  if not hash then
    return nil, nil, ("item %d: %s"):format(entry.handle, UNHASHED[why])
  end
  entry.hash = hash
  local state
  state, why = self.journal:look(entry.handle, hash)
  if not state then
    return nil, nil, why
  end
  return state, self.todo[state]
end

--- Waits until all that was written is on the disk; others go on, and write more.
---@param sleep fun(seconds: number)
---@return boolean? ok
---@return string? why
function methods:wait(sleep)
  local position = self.position
  while self.sync do
    local durable, why = self.journal:is_durable(position)
    if durable then
      break
    elseif durable == nil then
      return nil, why
    end
    sleep(NAP)
  end
  return true
end

--- Notes that a unit is about to be sent, once.
---@param unit table
---@param sleep fun(seconds: number)
---@return boolean? ok
---@return string? why
function methods:begin(unit, sleep)
  if unit.is_begun then
    return true
  end
  local position, why = self.journal:begin(unit.handles, unit.hashes)
  if not position then
    return nil, why
  end
  if unit.handles[2] then
    unit.hashes:drop()
  end
  unit.is_begun, unit.hashes, self.position = true, nil, position
  return self:wait(sleep)
end

--- Notes how items have ended.
---@param ordinals integer[]
---@param outcome string
---@return boolean? ok
---@return string? why
function methods:finish(ordinals, outcome)
  local position, why = self.journal:finish(ordinals, outcome)
  if not position then
    return nil, why
  end
  self.position = position
  return true
end

--- Closes it: all that was written is on the disk, and in the file that was opened, or why not.
---@param sleep fun(seconds: number)
---@return boolean? ok
---@return string? why
function methods:close(sleep)
  local ok, why = self:wait(sleep)
  if ok then
    ok, why = self.journal:check()
  end
  self.journal:close()
  return ok, why
end

return ledger
