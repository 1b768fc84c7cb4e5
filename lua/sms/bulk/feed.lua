--- Turns the items of send_all into units, each of which is a call: checks them one by one,
--- and packs them where a call takes many.
---
--- A provider declares `bulk = { operation, most, options }`: what its calls are, how many items
--- one takes, and what send_all may be told beside what all may be told. Where a call takes many:
--- `item`, the record of one; `sample(given)`, params with one item, by which a wrong option is
--- found before anything is sent; `context(sent, given, settings)`, what is asked by the rules of
--- an item; `new_job(operation, context, extra)`, which packs.
---
--- A unit is { items, handles, hashes, sent, warnings, body }, or { items, handles, err } for what
--- is told and not sent. A queue knows its items by the handles. Hashes and bodies are texts, long
--- ones of core.long_text.

local core = require "sms.core"
local endpoint = require "sms.call.endpoint"
local json = require "sms.base.json"
local params = require "sms.wire.params"
local schema = require "sms.schema"
local writer = require "sms.schema.writer"

local feed = {}

local Feed = { __name = "sms.bulk.feed" }
local methods = {}
Feed.__index = methods

--- Makes a feed.
---@param self table the client
---@param given table options of send_all
---@param chosen table of sms.call.options
---@return table? feed
---@return table? err where the options of the jobs are wrong
function feed.new(self, given, chosen)
  local bulk = self.provider.bulk
  local made = { client = self, bulk = bulk, chosen = chosen,
    operation = self.operations[bulk.operation] }
  if bulk.item then
    local sent, err = params.check(self, made.operation, bulk.sample(given))
    if not sent then
      return nil, err
    end
    made.context = bulk.context(sent, given, self.settings)
  end
  return setmetatable(made, Feed)
end

--- An item as it is sent; nil, err; warnings; its body, or what it is of that of a job.
local function check(self, item)
  local record = self.bulk.item
  if not record then
    local body = endpoint.body(endpoint.of(self.client, self.operation), item, self.chosen)
    if body then
      return item, nil, nil, body
    end
    return params.check(self.client, self.operation, item, self.chosen)
  end
  local recipient = writer.body(record, item, self.context)
  if recipient then
    return item, nil, nil, recipient
  end
  local sent, problems, warnings = schema.check(record, item, self.context)
  if problems[1] then
    return nil, params.invalid(self.client, self.operation, problems)
  end
  return sent, nil, warnings, json.encode(record, sent)
end

local function new_unit(self, entry)
  local unit = { items = { entry.item }, handles = { entry.handle }, hashes = entry.hash,
    at = 0, warnings = {}, is_high = entry.is_high }
  if self.bulk.new_job then
    unit.job = self.bulk.new_job(self.operation, self.context, self.chosen.extra)
    unit.sent = unit.job.params
  end
  return unit
end

local function add_warnings(unit, warnings)
  for _, warning in ipairs(warnings) do
    if not unit.warnings[warning] then
      unit.warnings[warning] = true
      table.insert(unit.warnings, warning)
    end
  end
end

--- Adds another entry to a unit.
local function extend(unit, entry)
  local count = #unit.items + 1
  unit.items[count], unit.handles[count] = entry.item, entry.handle
  unit.is_high = unit.is_high or entry.is_high
  if count == 2 and entry.hash then
    unit.hashes = core.long_text(unit.hashes)
  end
  if entry.hash then
    unit.hashes:add(entry.hash)
  end
end

--- A unit that nothing is added to any more.
local function complete(unit)
  if unit.job then
    unit.body = unit.job:body()
    unit.sent.body = unit.body -- its repeats are known by it
  end
  return unit
end

--- What is wrong with an item, or nil.
---@param item table
---@return table? err
function methods:problem(item)
  local sent, err = check(self, item)
  return not sent and err or nil
end

--- Adds an entry that is to be sent.
---@param entry table of a queue
---@return table? unit where one is complete, or is told and not sent
function methods:add(entry)
  local sent, err, warnings, body = check(self, entry.item)
  local unit = self.packing
  if not sent then
    return feed.told(entry, err)
  elseif not unit then
    unit = new_unit(self, entry)
  else
    extend(unit, entry)
  end
  add_warnings(unit, warnings or {})
  if unit.job then
    unit.job:add(sent, body)
  else
    unit.sent, unit.body = sent, body
  end
  if #unit.items < self.bulk.most then
    self.packing = unit
    return nil
  end
  self.packing = nil
  return complete(unit)
end

--- What has been packed so far, though it is not full.
---@return table? unit
function methods:flush()
  local unit = self.packing
  self.packing = nil
  return unit and complete(unit)
end

--- A unit that is told and not sent.
function feed.told(entry, err)
  return { items = { entry.item }, handles = { entry.handle }, hashes = entry.hash, at = 0,
    err = err, is_told = true }
end

return feed
