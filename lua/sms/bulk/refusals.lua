--- Refusals of the account among the calls of send_all. They are not the fault of the items that
--- met them: the run ends, and these items stay new.
---
--- A 403 that does not say whose it is may come from a firewall that dislikes one text. It is held
--- back until another answer comes: three in a row are the account's, fewer are their items' own,
--- so that one item cannot end every run. Pure.

local errors = require "sms.base.errors"

local refusals = {}

local Refusals = { __name = "sms.bulk.refusals" }
local methods = {}
Refusals.__index = methods

local UNCLEAR = 403
local IN_A_ROW = 3

local NOT_TAKEN = { rejected = true, not_sent = true }

--- Makes the book of a run's refusals.
---@param told table[] list of the units that are told next, to which those are added that were held
---@return table
function refusals.new(told)
  return setmetatable({
    held = {}, -- units whose refusal is nobody's yet
    is_refused = false, -- the account
    told = told,
  }, Refusals)
end

--- Lets go of those that are held; where they stay new they are not told.
---@return table[] units
local function let_go(self, stays_new)
  local units = self.held
  self.held = {}
  for _, unit in ipairs(units) do
    unit.is_held, unit.stays_new = false, stays_new
    if unit.is_aside and not stays_new then
      table.insert(self.told, unit)
    end
  end
  return units
end

--- The error that ends a run after one of an item.
local function fatal_of(err, kind, message)
  return errors.new {
    kind = kind, outcome = "rejected", message = message, account = true, status = err.status,
    code = err.code, result = err.result, provider = err.provider, operation = err.operation,
  }
end

--- The account was refused: what was held was so for the same reason.
local function refuse(self, err)
  self.is_refused = true
  return err, let_go(self, true)
end

local function unclear_fatal(err)
  return fatal_of(err, err.kind, ("the last calls were all answered with HTTP status %d: %s")
    :format(UNCLEAR, err.message))
end

local function judge_unclear(self, unit)
  local err, held = unit.err, self.held
  if not self.is_refused and #held + 1 < IN_A_ROW then
    unit.is_held = true
    held[#held + 1] = unit
    return nil
  end
  unit.stays_new = true
  return refuse(self, unclear_fatal(err))
end

--- Judges how the call of a unit has ended.
---@param unit table whose `stays_new` is set where its items are as if they had never been begun
---@return table? err that ends the run
---@return table[]? units that were refused before and stay new, too
function methods:judge(unit)
  local err = unit.err
  if err and err.account then
    if err.kind == "partial" or not NOT_TAKEN[err.outcome] then
      return refuse(self, fatal_of(err, "rejected", err.message))
    end
    unit.stays_new = true
    return refuse(self, err)
  elseif err and err.status == UNCLEAR and err.outcome == "rejected" then
    return judge_unclear(self, unit)
  elseif self.held[1] and not (err and not err.status) then -- what got no answer tells nothing
    let_go(self)
  end
end

--- Whether a unit that has ended is not told: never, or not yet.
---@return boolean?
function refusals.keeps(unit)
  unit.is_aside = unit.is_held
  return unit.stays_new or unit.is_held
end

--- Nothing more comes, and what is held is the items' own; but not that of jobs with many items,
--- where nothing says that anybody else is let through.
---@return boolean whether there was any
---@return table? err that ends the run
---@return table[]? units that stay new
function methods:release()
  local items, last = 0, nil
  for _, unit in ipairs(self.held) do
    items, last = items + #unit.items, unit
  end
  if items >= IN_A_ROW then
    return true, refuse(self, unclear_fatal(last.err))
  end
  return #let_go(self) > 0
end

return refusals
