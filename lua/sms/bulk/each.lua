--- The items of all pages of a list, each page a call of its own, in the provider's way of
--- counting pages.
---
--- An operation declares `paging = { items, by, from, size, most, total, unique }`: the path to
--- the items; the parameter that names the page, counted in pages from `from`, or in records where
--- `unit` is "records"; the parameter for a page's size, and the largest; the field with the number
--- of all; the field by which items are the same. `or_by` may name the page, too, counted from
--- `or_from`. `{}` is for a list that comes whole, in one answer.

local call = require "sms.call"
local hosts = require "sms.call.hosts"

local each = {}

local function items_of(result, path)
  for _, name in ipairs(path or {}) do
    result = result[name]
  end
  return result
end

local function copy(params)
  local copied = {}
  for key, value in pairs(params or {}) do
    copied[key] = value
  end
  return copied
end

--- The parameters of the first page: as given, pages as large as may be.
local function first_page(paging, params)
  local page = copy(params)
  local other = paging.or_by and page[paging.or_by]
  if type(other) == "number" and page[paging.by] == nil then
    page[paging.by], page[paging.or_by] = other - paging.or_from + paging.from, nil
  end
  if paging.by and page[paging.by] == nil then
    page[paging.by] = paging.from
  end
  if paging.size and page[paging.size] == nil then
    page[paging.size] = paging.most
  end
  return page
end

--- Moves on to the next page, or says that there is none.
local function next_page(paging, page, received, result, seen)
  if not paging.by or received == 0 then
    return false
  elseif paging.unit == "records" then
    page[paging.by] = page[paging.by] + received
    return received >= page[paging.size]
  end
  page[paging.by] = page[paging.by] + 1
  return not result[paging.total] or seen < result[paging.total]
end

--- Goes to the first page of the next host; false where there is none.
local function open_host(reader)
  local paging = reader.paging
  reader.at_host = reader.at_host + 1
  reader.host = reader.hosts[reader.at_host]
  if reader.host == nil then
    return false
  end
  local page = first_page(paging, reader.params)
  reader.page, reader.before = page, 0
  if paging.by and paging.unit ~= "records" then
    reader.before = (page[paging.by] - paging.from) * (page[paging.size] or 0)
  end
  return true
end

--- The next list that has something in it; nil at the end; nil, err.
local function fetch(reader)
  local paging = reader.paging
  while reader.page or open_host(reader) do
    local result, err = reader.ask(reader.page, reader.host)
    if not result then
      return nil, err
    end
    local list = items_of(result, paging.items)
    reader.before = reader.before + #list
    if not next_page(paging, reader.page, #list, result, reader.before) then
      reader.page = nil
    end
    if #list > 0 then
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
  reader.known[key] = true
  return known
end

--- Iterates over the items of all pages that an operation gives.
---@param paging table
---@param params table?
---@param asked string[]|false[] the hosts, one after the other; `false`: no choice
---@param ask fun(page: table, host: string|false): any, table?
---@return fun(): any, table? an error gives one last round with `false, err`
function each.walk(paging, params, asked, ask)
  local reader = { paging = paging, params = params, hosts = asked, ask = ask, known = {},
    at_host = 0 }
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
---@return fun(): any, table? an error gives one last round with `false, err`
function each.items(self, operation, given, chosen)
  local asked = { false }
  if operation.paging.unit == "records" then -- pages are counted by each host for itself
    asked = hosts.of { client = self, operation = operation }
  end
  return each.walk(operation.paging, given, asked, function(page, host)
    return call.make(self, operation, page, chosen, host or nil)
  end)
end

return each
