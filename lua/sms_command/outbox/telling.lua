--- What a worker says: how each message ended, and at its end how many did.

local delivery = require "sms_command.delivery"
local outcome = require "sms_command.outcome"
local output = require "sms_command.output"

local telling = {}

local methods = {}
local Telling = { __name = "sms_command.telling", __index = methods }

local COLOURS = { accepted = "yellow", ambiguous = "yellow" }
local OUTCOMES = { "accepted", "partial", "rejected", "not_sent", "ambiguous" }

--- What is printed is not worth more than what is sent: where nobody reads it any more, the worker
--- goes on all the same.
local function say(self, stream, method, value)
  if not self.is_unread then
    local ok, raised = pcall(stream[method], stream, value)
    if not ok and outcome.is_interrupt(raised) then
      error(raised, 0)
    end
    self.is_unread = not ok
  end
end

--- Makes one.
---@param session table
---@return table
function telling.new(session)
  return setmetatable({ session = session, rate = 0 }, Telling)
end

local function as_json(self, result, err, entry)
  local session = self.session
  return say(self, session.out, "json", { id = entry.id, key = entry.key, priority = entry.priority,
    added = entry.added, worker = entry.worker, outcome = err and err.outcome or "accepted",
    result = result or err and err.result, error = err and session.error_fields(err) or nil })
end

local function as_text(self, result, err, entry)
  local session = self.session
  local name = output.shown(entry.key and ("%s  %s"):format(entry.id, entry.key) or entry.id)
  if not err then
    return say(self, session.out, "line", ("%s  %s  %s"):format(name,
      session.out:paint("green", "accepted"), delivery.ids_of(result)))
  end
  local word = err.kind == "partial" and "taken in part" or err.outcome:gsub("_", " ")
  return say(self, session.err, "line", ("sms: %s: %s: %s"):format(name,
    session.err:paint(COLOURS[err.outcome] or "red", word), err.message))
end

--- How far it is, below what was told.
local function show_progress(self)
  local ended, counts = 0, self.session.tally.counts
  for _, count in pairs(counts) do
    ended = ended + count
  end
  self.session.err:progress(("%d ended, %d accepted, %.0f/s"):format(ended, counts.accepted,
    self.rate))
end

--- Tells of one that has ended.
---@param result table?
---@param err table?
---@param entry table of the outbox
function methods:tell(result, err, entry)
  self.session.tally:add(err);
  (self.session.json and as_json or as_text)(self, result, err, entry)
  show_progress(self)
end

--- How many ended how, in words.
---@return string
function methods:counts()
  local list = {}
  for _, name in ipairs(OUTCOMES) do
    local count = self.session.tally.counts[name]
    if count > 0 then
      list[#list + 1] = ("%d %s"):format(count, (name:gsub("_", " ")))
    end
  end
  return list[1] and table.concat(list, ", ") or "nothing was sent"
end

--- Remembers how fast it goes.
---@param progress table of send_all
function methods:reach(progress)
  self.rate = progress.rate
end

--- Says why it ends.
---@param why string
function methods:ended(why)
  local session = self.session
  session.err:clear()
  say(self, session.err, "line", ("sms: %s: %s"):format(why, self:counts()))
end

return telling
