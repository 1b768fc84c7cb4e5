--- The items of all pages of a list, each page a call of its own, in the provider's way of
--- counting pages.
---
--- An operation declares `paging = { items, by, from, size, most, total, unique }`: the path to
--- the items; the parameter that names the page, counted in pages from `from`, or in records where
--- `unit` is "records"; the parameter for a page's size, and the largest; the field with the number
--- of all; the field by which items are the same. `or_by` may name the page, too, counted from
--- `or_from`. `operation` is what asks for a page, where a single call has further rules. `{}` is
--- for a list that comes whole, in one answer.

local call = require "sms.call"
local errors = require "sms.base.errors"
local hosts = require "sms.call.hosts"

local each = {}

local STALE_MOST = 100 -- pages, one after the other, with nothing that was not on an earlier one

local function items_of(result, path)
  for _, name in ipairs(path or {}) do
    result = result[name]
  end
  return result
end

--- The parameters of the first page: as given, pages as large as may be. What is no table is left
--- to the call, which says so.
local function first_page(paging, params)
  if params ~= nil and type(params) ~= "table" then
    return params
  end
  local page = {}
  for key, value in next, params or {} do
    page[key] = value
  end
  if paging.by and page[paging.by] == nil and (not paging.or_by or page[paging.or_by] == nil) then
    page[paging.by] = paging.from
  end
  if paging.size and page[paging.size] == nil then
    page[paging.size] = paging.most
  end
  return page
end

--- Where a page stands, which was answered, so that its parameters are in order: numbers, or texts
--- of numbers.
local function place_of(paging, page)
  local other = paging.or_by and tonumber(page[paging.or_by])
  return tonumber(page[paging.by]) or other and other - paging.or_from + paging.from
end

--- Moves on to the next page, or says that there is none.
local function next_page(paging, page, received, result, seen)
  if not paging.by or received == 0 then
    return false
  end
  local place = place_of(paging, page)
  if paging.unit == "records" then
    page[paging.by] = place + received
    return received >= tonumber(page[paging.size])
  end
  page[paging.by] = place + 1
  if paging.or_by then
    page[paging.or_by] = nil
  end
  return not result[paging.total] or seen < result[paging.total]
end

--- How many items there are before a page.
local function before(paging, page)
  if not paging.by or paging.unit == "records" then
    return 0
  end
  return (place_of(paging, page) - paging.from) * (tonumber(page[paging.size]) or 0)
end

--- Goes to the first page of the next host; false where there is none.
local function open_host(reader)
  reader.at_host = reader.at_host + 1
  reader.host = reader.hosts[reader.at_host]
  if reader.host == nil then
    return false
  end
  reader.is_open, reader.before, reader.stale = true, nil, 0
  reader.page = first_page(reader.paging, reader.params)
  return true
end

--- Whether a host has given something that was on none of its pages so far: items may move on to
--- later pages meanwhile, but who gives the same page for each would do so without an end.
local function has_news(reader, list)
  local unique = reader.paging.unique
  for _, item in ipairs(list) do
    local key = unique and item[unique]
    if not key or reader.known[key] ~= reader.at_host then
      return true
    end
  end
  return false
end

local function failure_of_stale(reader)
  return errors.new { kind = "protocol", outcome = "ambiguous", provider = reader.provider,
    operation = reader.operation,
    message = ("the last %d pages had nothing that was not on earlier ones"):format(reader.stale) }
end

--- The next list that has something in it; nil at the end; nil, err.
local function fetch(reader)
  local paging = reader.paging
  while reader.is_open or open_host(reader) do
    local result, err = reader.ask(reader.page, reader.host)
    if not result then
      return nil, err
    end
    local list = items_of(result, paging.items)
    reader.before = (reader.before or before(paging, reader.page)) + #list
    reader.is_open = next_page(paging, reader.page, #list, result, reader.before)
    reader.stale = #list > 0 and not has_news(reader, list) and reader.stale + 1 or 0
    if reader.stale >= STALE_MOST then
      return nil, failure_of_stale(reader)
    elseif #list > 0 then
      return list
    end
  end
end

--- Whether an item has come before, from another page or place.
local function is_known(reader, item)
  local unique = reader.paging.unique
  local key = unique and item[unique]
  if not key then
    return false
  end
  local known = reader.known[key]
  reader.known[key] = reader.at_host
  return known
end

--- Iterates over the items of all pages that an operation gives.
---@param paging table
---@param params table?
---@param asked string[]|false[] the hosts, one after the other; `false`: no choice
---@param ask fun(page: table, host: string|false): any, table?
---@param provider string? of an error of the walk itself
---@param operation string? likewise
---@return fun(): any, table? after an error the loop runs once more, with `false, err`
function each.walk(paging, params, asked, ask, provider, operation)
  local reader = { paging = paging, params = params, hosts = asked, ask = ask, known = {},
    at_host = 0, is_open = false, provider = provider, operation = operation }
  local items, at = {}, 1
  return function()
    while items do
      local item = items[at]
      at = at + 1
      if item == nil then
        local err
        items, err = fetch(reader)
        at = 1
        if err then
          return false, err
        end
      elseif not is_known(reader, item) then
        return item
      end
    end
  end
end

--- Iterates over the items of all pages of a list.
---@param self table the client
---@param operation table
---@param given table? params
---@param chosen table options of the call, for each page
---@return fun(): any, table? after an error the loop runs once more, with `false, err`
function each.items(self, operation, given, chosen)
  local asked = { false }
  if operation.paging.unit == "records" then -- pages are counted by each host for itself
    asked = hosts.of { client = self, operation = operation }
  end
  local asking = operation.paging.operation or operation
  return each.walk(operation.paging, given, asked, function(page, host)
    return call.make(self, asking, page, chosen, host or nil)
  end, self.provider.name, operation[1])
end

return each
