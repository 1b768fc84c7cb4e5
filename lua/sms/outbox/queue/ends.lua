--- How the items of a worker end, or go back to others.

local asking = require "sms.outbox.asking"
local bare = require "sms.outbox.kept.bare"
local muster = require "sms.outbox.queue.muster"
local pack = require "sms.outbox.kept.pack"
local unpack = require "sms.base.unpack"
local working = require "sms.outbox.scripts.working"

local ends = {}

local A_SCRIPT = 100 -- items
local LONGEST = 64 * 1024 -- bytes of a result or an error
local PAUSE, PAUSE_MOST = 1, 60 -- seconds until an item is tried again, doubled each time
local ASKED_MOST = 300 -- seconds that a provider may ask for

--- What names items in scripts: id and token of each.
---@param handles table[]
---@param first integer
---@param last integer
---@return string ...
function ends.words(handles, first, last)
  local words = {}
  for i = first, last do
    words[#words + 1] = handles[i].id
    words[#words + 1] = handles[i].token
  end
  return unpack(words)
end

--- Calls back with so many items as go into one script.
local function in_parts(handles, tell)
  for first = 1, #handles, A_SCRIPT do
    tell(first, math.min(#handles, first + A_SCRIPT - 1))
  end
end

--- Whether an end is the world's fault for a moment: nothing was sent, and the item is in order.
---@param err table?
---@return boolean
function ends.is_passing(err)
  return err ~= nil and err.outcome == "not_sent" and err.kind ~= "invalid"
end

--- Lets items go back to their place, at once, or after a pause for what has hindered them.
---@param queue table
---@param handles table[]
---@param err table?
function ends.put_back(queue, handles, err)
  local pauses = err and err.kind ~= "cancelled"
  local asked = math.min(pauses and err.retry_after or 0, ASKED_MOST)
  for _, handle in ipairs(handles) do
    muster.remember(queue.past, handle, "queued")
  end
  in_parts(handles, function(first, last)
    queue.line:tell(working.put_back, asking.microseconds(pauses and PAUSE or 0),
      asking.microseconds(asked), asking.microseconds(math.max(PAUSE_MOST, asked)),
      ends.words(handles, first, last))
  end)
  for _, handle in ipairs(handles) do
    queue.held:release(handle)
  end
end

--- An error without what has no place in it.
local function packed_error(err, seal)
  local bytes = pack.encode(err, seal, LONGEST)
  if bytes then
    return bytes
  end
  local short = {}
  for _, name in ipairs { "kind", "outcome", "message", "provider", "operation", "status", "code",
    "retryable", "retry_after" } do
    short[name] = err[name]
  end
  return pack.encode(short, seal, LONGEST) or ""
end

--- Result and error of a unit as they are kept: without numbers and texts, where one of its items
--- is not to leave any.
local function packed_end(unit, seal)
  local result, err = unit.result, unit.err
  for _, handle in ipairs(unit.handles) do
    if handle.is_bare then
      result, err = bare.of(result, unit.items), bare.of(err, unit.items)
      break
    end
  end
  return result ~= nil and pack.encode(result, seal, LONGEST) or "",
    err and packed_error(err, seal) or ""
end

--- Writes how the items of a unit have ended. The loop has to be told of what is ambiguous.
---@param queue table
---@param unit table
---@param outcome string
function ends.write(queue, unit, outcome)
  local result, err = packed_end(unit, queue.source.outbox.seal)
  unit.is_written = true
  for _, handle in ipairs(unit.handles) do
    muster.remember(queue.past, handle, "ended", outcome, result, err)
    handle.is_telling = outcome == "ambiguous"
  end
  for _, handle in ipairs(unit.handles) do
    if not handle.is_telling then
      queue.held:release(handle)
    end
  end
  in_parts(unit.handles, function(first, last)
    queue.line:tell(working.finish, outcome, result, err, ends.words(unit.handles, first, last))
  end)
end

--- What was erased while it was sent has ended: nobody else knows whom its receipts are about.
---@param queue table
---@param answer string[]
---@param script string
---@param result string? packed, of working.finish
---@param err string? packed
function ends.heard(queue, answer, script, _, result, err)
  if script == working.finish and answer[2] == "1" then
    local why = asking.forget_receipts(queue.source.outbox, "finish", result, err)
    if why then
      queue.run.warn("whom the receipts of an erased message are about is still kept: " .. why)
    end
  end
end

--- A worker ends: what it has not sent goes back. What its loop has not been told of is left to its
--- lease: the loop may go on. So is what was begun, and whose end a Ctrl-C or want of memory has
--- kept from being written: it may have been sent.
---@param queue table
function ends.leave(queue)
  local back = {}
  for _, handle in ipairs(queue.held:all()) do
    if not handle.is_telling and not handle.is_open then
      back[#back + 1] = handle
    end
  end
  ends.put_back(queue, back)
end

return ends
