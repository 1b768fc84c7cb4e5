--- The queue of a list or an iterator, for send_all: its items in their order, and the journal
--- that knows them, where one is named. What that knows to be done is left out.
---
--- Nothing comes before all items that the journal knows were read and found to be the same:
--- a source that has changed is recognised before anything is sent. Of an iterator, so many
--- are held back at most.

local abandoned = require "sms.bulk.items.abandoned"
local errors = require "sms.base.errors"
local ledgers = require "sms.bulk.items.ledger"

local items = {}

local Items = { __name = "sms.bulk.items" }
local methods = {}
Items.__index = methods

local HELD_AT_MOST = 10000

-- What a sandbox has taken was not sent: a rehearsal has a journal of its own beside the real one.
local OF_REHEARSALS = ".sandbox"

local function open_ledger(run)
  local given, client = run.given, run.client
  local is_rehearsal = client.rehearses[run.operation.hosts[1]]
  local ledger, why = ledgers.open(given.journal .. (is_rehearsal and OF_REHEARSALS or ""),
    given.sync, { ambiguous = given.resend_ambiguous, rejected = given.resend_refused })
  if not ledger then
    return nil, run.failure("internal", why)
  end
  local warning = ledger:warning()
  if warning then
    run.warn(warning)
  end
  return ledger
end

--- Opens the queue of a source.
---@param source table of sms.bulk.items.source
---@param run table as sms.bulk.work says
---@return table? queue
---@return table? err
function items.open(source, run)
  local ledger, err
  if run.given.journal then
    ledger, err = open_ledger(run)
    if not ledger then
      return nil, err
    end
  end
  return setmetatable({
    source = source,
    run = run,
    abandoned = abandoned,
    ledger = ledger,
    first = 1, last = 0, held = {},
    most = source.list and math.huge or HELD_AT_MOST,
    is_verified = not ledger or ledger.known == 0,
  }, Items)
end

-- Reading -----------------------------------------------------------------------------------

local function invalid(text, ...)
  return errors.new { kind = "invalid", outcome = "not_sent", message = text:format(...) }
end

local function take_held(self)
  local entry = self.held[self.first]
  if entry then
    self.held[self.first] = nil
    self.first = self.first + 1
  end
  return entry
end

local function hold(self, entry)
  local last = self.last + 1
  self.held[last] = entry -- before it counts: there may be no memory for it
  self.last = last
  if self.last - self.first + 1 >= self.most then
    self.is_verified = true
  end
end

--- Of an item that was begun in an earlier run, whose end nobody knows.
local function unknown_end(self)
  local err = self.run.failure("connection",
    "it was begun in an earlier run, and how it ended is not known")
  err.outcome = "ambiguous"
  return err
end

--- Asks the journal; the entry, if anything is to be done with it.
local function look_up(self, entry)
  local state, todo, why = self.ledger:look(entry)
  if not state then
    return nil, errors.new { kind = "internal", outcome = "not_sent", message = why }
  elseif state == "changed" then
    return nil, invalid("item %d of the source is not the one that the journal has", entry.handle)
  elseif not todo then
    self.run.skip(state)
    return nil
  elseif todo == "tell" then
    entry.err = unknown_end(self)
  end
  return entry
end

--- Reads one item.
---@return boolean more
---@return table? entry where it is to be sent or told
---@return table? err
local function read(self)
  local item, err = self.source:next()
  local ledger = self.ledger
  if not item then
    if not err and not self.is_verified then
      err = invalid("the source ends after %d items, and the journal has %d", self.source.count,
        ledger.known)
    end
    return false, nil, err
  end
  local entry = { item = item, handle = self.source.count }
  if ledger then
    entry, err = look_up(self, entry)
  end
  return not err, entry, err
end

--- The next entry; nil at the end, or where there is none yet.
function methods:next()
  local entry = self.is_verified and take_held(self)
  if entry then
    return entry
  end
  local more, err
  more, entry, err = read(self)
  if not more then
    return nil, err
  end
  if entry and not self.is_verified then
    hold(self, entry)
    entry = nil
  end
  if not self.is_verified and self.source.count >= self.ledger.known then
    self.is_verified = true
  end
  return entry, nil, "at once"
end

-- Writing -----------------------------------------------------------------------------------

--- Ends the run where the journal cannot be written.
local function checked(self, ok, why)
  if not ok then
    self.run.fail(self.run.failure("internal", why))
  end
  return ok, why
end

--- Writes how items have ended.
---@param waits boolean? until the disk has it, where the journal is synced
---@return boolean? ok
---@return string? why
local function note(self, ordinals, outcome, waits)
  local ok, why = self.ledger:finish(ordinals, outcome)
  if ok and waits then
    ok, why = self.ledger:wait(self.run.sleep)
  end
  return checked(self, ok, why)
end

function methods:begin(unit)
  if not self.ledger then
    return true
  end
  return checked(self, self.ledger:begin(unit, self.run.sleep))
end

--- Where that cannot be written, the next run will tell it as ambiguous, and so does this one; but
--- what was not sent is told as that. That it is ambiguous is written down once the caller has been
--- told: if he never is, he will be the next time.
function methods:finish(unit, outcome)
  if not unit.is_begun or outcome == "ambiguous" then
    return
  end
  local ok, why = note(self, unit.handles, outcome, true)
  if not ok and outcome ~= "not_sent" then
    local err = self.run.failure("internal",
      ("it was %s, and its journal could not note that: %s"):format(outcome, why))
    err.outcome, err.result = "ambiguous", unit.result or unit.err.result
    unit.result, unit.err = nil, err
  end
end

--- An item that is refused before it is sent: its journal knows it, too, where the begin was
--- written, also if that is not on the disk.
function methods:refuse(unit)
  self:begin(unit)
  if unit.is_begun then
    note(self, unit.handles, "rejected")
  end
end

function methods:renew(unit)
  if self.ledger then
    note(self, unit.handles, "not_sent")
  end
end

function methods:told(unit, at)
  if self.ledger and unit.err and unit.err.outcome == "ambiguous" then
    note(self, { unit.handles[at] }, "ambiguous")
  end
end

--- What was written is on the disk from now on.
function methods:close()
  if self.ledger then
    checked(self, self.ledger:close(self.run.sleep))
    self.ledger = nil
  end
end

--- The next run can open the journal, and tells as ambiguous what is still in flight.
function methods:abandon()
  if self.ledger then
    self.ledger.journal:close()
    self.ledger = nil
  end
end

-- What concerns queues that others share alone.
function methods.beat() end
function methods.nap() end
function methods.refused() end
function methods.before_told() end
function methods.public() end

return items
