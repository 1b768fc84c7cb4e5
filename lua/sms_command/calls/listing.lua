--- Lists of all pages, told item by item as they come; and records, told field by field.

local json = require "sms_command.json"
local outcome = require "sms_command.outcome"
local output = require "sms_command.output"

local listing = {}

local MOST = 100 -- items of a page, which is the provider's most

--- Reads `--limit`.
---@param text string
---@return number? limit
---@return string? why
function listing.limit(text)
  if text == "all" then
    return math.huge
  end
  local limit = text:find "^%d+$" and tonumber(text)
  if limit and limit > 0 then
    return limit
  end
  return nil, ("'%s' is no number of items: a whole number from 1 on is, or all"):format(text)
end

--- Adds `--limit`.
---@param parser table
---@param default string
function listing.add_limit(parser, default)
  parser:option "--limit" :argname "N" :default(default) :convert(listing.limit)
    :description "How many at most, or `all`."
end

--- Tells the items of a list, as many as there may be.
---@param session table
---@param items function of client:each
---@param limit number
---@param row fun(item: table): any[] what people see of it
---@return integer code
function listing.show(session, items, limit, row)
  local count = 0
  for item, err in items do
    if err then
      return session.failed(err)
    elseif count == limit then
      session.err:line(("sms: the first %d; there are more: --limit N, or --limit all")
        :format(limit))
      break
    end
    count = count + 1
    if session.json then
      session.out:json(item)
    else
      session.out:row(row(item))
    end
  end
  if count == 0 then
    session.err:line "sms: there are none"
  end
  return outcome.OK
end

--- The size of pages for a limit: not more than is to be told, and one more.
---@param limit number
---@return integer
function listing.size(limit)
  return math.min(MOST, limit + 1)
end

local function add_fields(lines, prefix, record, first)
  local names, known = {}, {}
  for _, name in ipairs(first or {}) do
    names[#names + 1] = record[name] ~= nil and name or nil
    known[name] = true
  end
  local others = {}
  for name in pairs(record) do
    others[#others + 1] = not known[name] and name ~= "_links" and name or nil
  end
  table.sort(others)
  for _, name in ipairs(others) do
    names[#names + 1] = name
  end
  for _, name in ipairs(names) do
    local value = record[name]
    if type(value) == "table" and #value == 0 and next(value) ~= nil then
      add_fields(lines, prefix .. name .. ".", value)
    else
      lines[#lines + 1] = { prefix .. name, type(value) == "table" and json.text(value) or value }
    end
  end
end

--- Tells a record, a line a field, those of records in it with their whole path.
---@param session table
---@param record table
---@param first string[]? fields that come first
function listing.record(session, record, first)
  if session.json then
    return session.out:json(record)
  end
  local lines, width = {}, 0
  add_fields(lines, "", record, first)
  for _, line in ipairs(lines) do
    width = math.max(width, #line[1])
  end
  for _, line in ipairs(lines) do
    local text = tostring(line[2])
    if text:find "\n" then -- in its lines: a key, which is to be copied
      text = text:gsub("\r?\n", "\n"):gsub("\n$", ""):gsub("[^\n]+", output.shown)
      session.out:line(line[1] .. "\n" .. text)
    else
      session.out:row { line[1] .. (" "):rep(width - #line[1]), text }
    end
  end
end

return listing
