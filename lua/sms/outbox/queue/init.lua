--- An outbox as the queue of a run of send_all (sms.bulk.work says what that asks): a worker.
---
---   line.lua    asks Redis, and keeps what cannot be written
---   held.lua    what is taken, and whose lease has to be renewed
---   taking.lua  what is at hand, and what is asked for
---   taken.lua   what Redis gives, as entries
---   ends.lua    how items end, or go back
---   muster.lua  what is told to a Redis that may have lost something
---
--- Leases are renewed from the run's loop, and not while its body runs. So a lease has to be longer
--- than the body takes.

local core = require "sms.core"
local ends = require "sms.outbox.queue.ends"
local held = require "sms.outbox.queue.held"
local line = require "sms.outbox.queue.line"
local muster = require "sms.outbox.queue.muster"
local taken = require "sms.outbox.queue.taken"
local taking = require "sms.outbox.queue.taking"
local unpack = require "sms.base.unpack"
local working = require "sms.outbox.scripts.working"

local queue = {}

local methods = {}
local Queue = { __name = "sms.outbox.queue", __index = methods }

local NAP = 0.1 -- seconds from one look for items to the next
local BEAT = 0.3 -- seconds after which Redis hears of a worker that lives
local SHARE = 3 -- of a lease, after which it is renewed
local A_SCRIPT = 100 -- items
local PATIENCE = 5 -- seconds for what could not be written when a run ends
local RETRY = 0.2 -- seconds

--- Makes the worker of a run; Redis is not asked yet.
---@param source table of sms.outbox.source
---@param run table as sms.bulk.work says
---@return table queue
function queue.open(source, run)
  local lease, self = source.lease, nil
  self = setmetatable({
    source = source,
    run = run,
    line = line.new(source.outbox, lease, run.warn, function()
      return muster.tell(self)
    end, function(...)
      ends.heard(self, ...)
    end),
    held = held.new(),
    past = muster.new(),
    at_hand = taking.new(),
    unjudged = {}, -- units whose refusal may be the account's
    rest = math.min(NAP, lease / SHARE),
    beats_after = math.min(BEAT, lease / SHARE),
    has_high = true,
  }, Queue)
  return self
end

methods.next = taking.next

-- Calls -------------------------------------------------------------------------------------

--- Asks for one part of a unit whether it may begin.
---@return number? latest the last moment for a first byte
---@return string? why
---@return string? kind
local function begin_part(self, unit, first, last)
  local words = { ends.words(unit.handles, first, last) }
  local answer, began, is_old = self.line:ask(working.begin, unpack(words))
  if is_old == "told" and answer[1] ~= "begun" then
    answer, began, is_old = self.line:ask(working.begin, unpack(words))
  end
  if is_old == "untold" and answer and answer[1] ~= "begun" then
    answer, began = nil, "Redis has not heard yet of what is held here"
  end
  if not answer then
    unit.is_kept = true
    return nil, began, "connection"
  elseif answer[1] ~= "begun" then
    unit.fates = {}
    for i = 2, #answer do
      unit.fates[first + i - 2] = answer[i]
    end
    return nil, "it may not begin any more", "cancelled"
  end
  for i = 3, #answer do
    local handle = unit.handles[first + i - 3]
    handle.begun, handle.is_open = answer[i] ~= "" and answer[i] or handle.begun, true
  end
  local latest = tonumber(answer[2])
  return began + math.min(self.source.lease, latest and latest / 1e6 or math.huge)
end

function methods:begin(unit)
  unit.is_kept, unit.fates = nil, nil
  if self.line.is_away or not self.line:allows() then
    unit.is_kept = true
    return nil, "Redis has given no answer", "connection"
  end
  local start_before, count = math.huge, #unit.handles
  for first = 1, count, A_SCRIPT do
    local latest, why, kind = begin_part(self, unit, first, math.min(count, first + A_SCRIPT - 1))
    if not latest then
      return nil, why, kind
    end
    start_before = math.min(start_before, latest)
  end
  unit.start_before = start_before
  return true
end

--- Nothing of a unit was sent, or nobody has it: its items may go back.
local function shut(unit)
  for _, handle in ipairs(unit.handles) do
    handle.is_open = false
  end
end

--- The items of a unit that could not begin: each has a fate of its own.
local function dissolve(self, unit)
  unit.stays_new = true
  local back = {}
  for i, handle in ipairs(unit.handles) do
    local fate = unit.fates and unit.fates[i]
    if unit.is_kept then
      taking.keep(self, { item = unit.items[i], handle = handle, is_high = unit.is_high })
    elseif fate == "late" then
      taking.keep(self, taken.late(unit.items[i], handle, self.run.failure))
    elseif fate == "lost" then
      self.held:release(handle)
    else
      back[#back + 1] = handle
    end
  end
  ends.put_back(self, back)
end

--- Says why items go back, once until others end again.
local function warn_of(self, err)
  if err.kind ~= "cancelled" and err.kind ~= self.warned_of then
    self.warned_of = err.kind
    self.run.warn("what could not be sent goes back for a while: " .. err.message)
  end
end

function methods:finish(unit, outcome)
  local err = unit.err
  if outcome == "not_sent" then
    shut(unit)
  end
  if outcome == "not_sent" and (unit.is_kept or unit.fates) then
    dissolve(self, unit)
  elseif unit.is_held then
    self.unjudged[unit] = true
  elseif unit.stays_new then
    ends.put_back(self, unit.handles)
  elseif ends.is_passing(err) then
    unit.stays_new = true
    warn_of(self, err)
    ends.put_back(self, unit.handles, err)
  else
    self.warned_of = nil
    ends.write(self, unit, outcome)
  end
end

-- Telling -----------------------------------------------------------------------------------

function methods.refuse() end -- it ends before it is told

function methods:renew(unit)
  self.unjudged[unit] = nil
  shut(unit)
  ends.put_back(self, unit.handles)
end

function methods:refused(fatal)
  self.line:tell(working.pause, tostring(fatal))
end

--- What was not sent, or whose refusal is its own, ends now.
function methods:before_told(unit)
  self.unjudged[unit] = nil
  if not unit.is_written and not unit.handles[1].is_telling then
    ends.write(self, unit, unit.err and unit.err.outcome or "accepted")
  end
end

function methods:told(unit, at)
  local handle = unit.handles[at]
  if handle.is_telling then
    self.held:release(handle)
    self.line:tell_one(working.told, handle.id)
  end
end

function methods.public(_, handle)
  return handle.public
end

-- From time to time ---------------------------------------------------------------------------

function methods:nap()
  return self.rest
end

--- Renews leases, and tells Redis that this worker lives, and what it has seen.
local function renew(self, now)
  repeat
    local due = self.held:due(now - self.source.lease / SHARE, A_SCRIPT)
    if not due[1] and now - self.line.answered_at < self.beats_after then
      return
    end
    for _, handle in ipairs(due) do -- others may have had it meanwhile
      handle.has_lapsed = handle.has_lapsed or now - handle.renewed > self.source.lease
    end
    local answer, began = self.line:ask(working.renew, ends.words(due, 1, #due))
    self.held:renewed(due, answer and began)
  until not answer or #due < A_SCRIPT
end

function methods:beat(now)
  if not (self.line.is_away and now < self.line.asks_at) and self.line:flush() then
    renew(self, now)
  end
end

function methods:close()
  for unit in pairs(self.unjudged) do
    ends.write(self, unit, unit.err.outcome)
  end
  self.unjudged = {}
  ends.leave(self)
  local gives_up = core.now() + PATIENCE
  while not self.line:flush() and core.now() < gives_up do
    self.run.sleep(RETRY)
  end
  if not self.line:is_written() then
    self.run.warn "Redis could not be told how the last messages ended: they become ambiguous"
  end
end

--- What is held is left to its leases: what was begun must not go back as if it were new.
function methods.abandon() end

return queue
