--- What Redis has given a worker, as entries of send_all.

local errors = require "sms.base.errors"
local pack = require "sms.outbox.kept.pack"
local unpack = require "sms.base.unpack"

local taken = {}

local FIELDS = 11 -- of an item, in an answer of scripts.taking

local function ambiguous(failure, err)
  if type(err) == "table" and type(err.message) == "string" then
    return errors.new(err)
  end
  err = failure("connection",
    "it was begun by a worker that was gone before it said how it ended")
  err.outcome = "ambiguous"
  return err
end

local function late(failure)
  return failure("timeout", "the last moment at which it might be sent (not_after) was over")
end

local function unreadable(failure, why)
  return failure("invalid", "what the outbox has of it cannot be read: " .. why)
end

--- What is told of an item instead of sending it, or nil.
local function err_of(todo, failure, why, err)
  if todo == "tell" then
    return ambiguous(failure, err)
  elseif todo == "late" then
    return late(failure)
  end
  return why and unreadable(failure, why)
end

--- One item of an answer.
local function entry_of(answer, at, source, failure)
  local todo, id, token, priority, texts, name, key, params, not_after, label, err =
    unpack(answer, at, at + FIELDS - 1)
  local seal = source.outbox.seal
  local item, why, is_locked = pack.decode(params, seal)
  if type(item) ~= "table" then
    item, why = {}, why or "it is no table"
  end
  label = todo == "tell" and label or source.worker
  local public = { id = id, key = name ~= "" and pack.decode(name, seal) or nil,
    priority = priority, added = tonumber(id) / 1e6, worker = label ~= "" and label or nil }
  local handle = { id = id, token = token, name = name, key = key, params = params,
    not_after = not_after, is_telling = todo == "tell", is_bare = texts == "0", public = public }
  return { item = item, handle = handle, is_high = priority == "high",
    locked = todo == "send" and is_locked and why or nil,
    err = err_of(todo, failure, why, err ~= "" and pack.decode(err, seal) or nil) }
end

--- The items of an answer. `locked` says of one in words that its secret is missing here.
---@param answer string[] of scripts.taking
---@param source table
---@param failure fun(kind: string, message: string): table
---@return table[] entries
function taken.entries(answer, source, failure)
  local entries = {}
  for at = 3, #answer - FIELDS + 1, FIELDS do
    entries[#entries + 1] = entry_of(answer, at, source, failure)
  end
  return entries
end

--- An entry of an item whose last moment came before its call could begin.
---@return table entry
function taken.late(item, handle, failure)
  return { item = item, handle = handle, err = late(failure) }
end

return taken
