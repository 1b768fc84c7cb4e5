-- Declared fields walked through, in whatever their values are made of (Lua tables, JSON text):
-- a maker has
--   usual(field)         a value that is in order
--   also(field)          whether a record has it though it may be left out
--   record(parts)        a record of a list of { name, value }
--   list(values)
--
--     fields.walk(operation, "send_job", maker, function(path, field, with) … end)
--
-- visits "send_job", "send_job.messages", "send_job.messages[1].text" and so on; with(value) is the
-- whole, in which value stands there and all else is as it must be.

local fields = {}

fields.NONE = setmetatable({}, { __tostring = function() return "nothing" end })

--- A record that is in order, with one of its fields changed, added or left out.
---@param name string? of that field
---@param value any? NONE: without it
function fields.record(record, maker, name, value)
  local parts = {}
  for _, part in ipairs(record.fields) do
    local given = fields.NONE
    if part[1] == name then
      given = value
    elseif part.required or maker.also(part) then
      given = maker.usual(part)
    end
    if given ~= fields.NONE then
      parts[#parts + 1] = { part[1], given }
    end
  end
  return maker.record(parts)
end

--- Visits a field, and all that is in it.
---@param maker table
---@param visit fun(path: string, field: table, with: fun(value: any): any)
---@param with (fun(value: any): any)? the whole, with this value of the field
function fields.walk(field, path, maker, visit, with)
  with = with or function(value) return value end
  visit(path, field, with)
  for _, part in ipairs(field.type ~= "any" and field.fields or {}) do
    fields.walk(part, path .. "." .. part[1], maker, visit, function(value)
      return with(fields.record(field, maker, part[1], value))
    end)
  end
  if field.type == "array" then
    local usual = maker.usual(field.items)
    fields.walk(field.items, path .. "[1]", maker, visit, function(value)
      return with(maker.list(value == fields.NONE and {} or { value }))
    end)
    fields.walk(field.items, path .. "[2]", maker, visit, function(value)
      return with(maker.list(value == fields.NONE and { usual } or { usual, value, usual }))
    end)
  end
end

--- What the providers declare to be sent, and to be answered: every operation as every client
--- has it, and the items of send_all.
---@return { name: string, record: table, returns: table?, is_item: boolean? }[]
function fields.declared()
  local list, seen = {}, {}
  local function add(name, record, is_item)
    if not seen[record] then
      seen[record] = true
      list[#list + 1] = { name = name, record = record, returns = record.returns,
        is_item = is_item }
    end
  end
  local folders = io.popen "ls lua/sms/providers"
  for folder in folders:lines() do
    local provider = require("sms.providers." .. folder)
    for _, operation in ipairs(provider.operations) do
      add(operation[1], operation)
      for version = 1, provider.select and 2 or 0 do
        local options = { api_version = version }
        add(operation[1] .. " of version " .. version, provider.select(operation, options, false))
        add(operation[1] .. " with an application", provider.select(operation, options, true))
      end
    end
    if provider.bulk.item then
      add("an item of " .. folder, provider.bulk.item, true)
    end
  end
  folders:close()
  return list
end

return fields
