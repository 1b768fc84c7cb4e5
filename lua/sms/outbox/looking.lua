--- What an outbox tells of its items: `result`, `wait`, `status`, `ambiguous`.

local asking = require "sms.outbox.asking"
local core = require "sms.core"
local errors = require "sms.base.errors"
local keys = require "sms.outbox.keys"
local runtime = require "sms.runtime"
local scripts = require "sms.outbox.scripts.people"

local looking = {}

local methods = {}
looking.methods = methods

local NAP, LONGEST_NAP = 0.02, 0.5 -- seconds between two looks of wait

--- What became of an item, of what the script says, and of what receipts say.
local function result_of(self, operation, answer)
  local read = { state = answer[3], outcome = answer[4] ~= "" and answer[4] or nil }
  for i, name in ipairs { "result", "err" } do
    local value, err = asking.unpacked(self, operation, answer[4 + i])
    if err then
      return nil, err
    end
    read[name] = value
  end
  read.err = read.err and errors.new(read.err)
  local why
  read.receipt, why = self.messages.of(self.store, read.result or read.err and read.err.result)
  if why then
    return nil, asking.failure(operation, "internal", why)
  end
  return read
end

--- How far an item is, and how it ended.
---@param which string|integer its id, or its key
---@return { state: string, outcome: string?, result: table?, err: table?, receipt: table? }? read
---@return table? err
function methods:result(which)
  local answer, err = asking.about(self, "result", scripts.result, which)
  if not answer then
    return nil, err
  end
  return result_of(self, "result", answer)
end

--- Waits until an item has ended, but no longer than so many seconds: then its state is as it is.
---@param which string|integer its id, or its key
---@param seconds number
---@return table? read as of `result`
---@return table? err
function methods:wait(which, seconds)
  if type(seconds) ~= "number" or seconds < 0 or seconds ~= seconds then
    error("wait: a number of seconds was expected", 2)
  end
  local here = self.client and self.client.settings.runtime or runtime.here()
  local why = here.cannot_wait and here.cannot_wait()
  if why then
    return nil, asking.failure("wait", "invalid", why)
  end
  local ends_at, nap = core.now() + seconds, NAP
  while true do
    local answer, err = asking.about(self, "wait", scripts.result, which)
    local left = ends_at - core.now()
    if answer and (answer[3] == "ended" or left <= 0) then
      return result_of(self, "wait", answer)
    elseif not answer and (err.kind ~= "internal" or left <= 0) then
      return nil, err
    end
    here.sleep(math.min(nap, left))
    nap = math.min(nap * 1.5, LONGEST_NAP)
  end
end

--- How much there is to do.
---@return { queued: integer, delayed: integer, taken: integer, begun: integer, ambiguous: integer,
---  oldest: number?, paused: string? }? status
---@return table? err
function methods:status()
  local answer, why = asking.ask(self, scripts.status)
  if not answer then
    return nil, asking.failure("status", "internal", why)
  end
  asking.note_time(self, answer[9])
  local status = { paused = answer[7] == "1" and answer[8] or nil }
  for i, name in ipairs { "queued", "delayed", "taken", "begun", "ambiguous" } do
    status[name] = keys.whole(answer[i])
  end
  if answer[6] ~= "" then
    status.oldest = keys.whole(answer[6]) / 1e6
  end
  return status
end

local FIELDS = 7 -- of each in the answer

--- One of the list. What cannot be read of it hides none of the others.
local function ambiguous_of(self, answer, at)
  local one = { id = answer[at], priority = answer[at + 3] ~= "" and answer[at + 3] or "bulk",
    added = keys.seconds(answer[at]), ended = keys.seconds(answer[at + 4]),
    worker = answer[at + 5] ~= "" and answer[at + 5] or nil }
  local unread
  for name, place in pairs { key = 1, item = 2, err = 6 } do
    local value, err = asking.unpacked(self, "ambiguous", answer[at + place])
    one[name], unread = value, err or unread
  end
  one.err = unread or one.err and errors.new(one.err)
  return one
end

--- Those of which nobody knows whether they were sent: the provider may tell.
---@return table[]? list of `{ id, key, item, priority, added, ended, worker, err }`, oldest first
---@return table? err
function methods:ambiguous()
  local list, behind = {}, "0"
  repeat
    local answer, why = asking.ask(self, scripts.ambiguous, behind)
    if not answer then
      return nil, asking.failure("ambiguous", "internal", why)
    end
    for at = 1, #answer, FIELDS do
      local one = ambiguous_of(self, answer, at)
      list[#list + 1], behind = one, one.id
    end
  until not answer[1]
  return list
end

return looking
