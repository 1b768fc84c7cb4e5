--- The items of all pages of a list (DESIGN 2.3), each page a call of its own, in the
--- provider's way of counting pages.
---
--- An operation declares `paging = { items, by, from, size, total, unique }`: where the
--- items are, the parameter that names the page (counted in pages from `from`, or in
--- records where `unit` is "records"), the parameter for a page's size with its most, and
--- the field with the number of all. `or_by` may name the page, too, counted from `or_from`.

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

--- Iterates over the items of all pages.
---@param paging table
---@param params table?
---@param places string[]|false[] what is asked one after the other; `false`: no choice
---@param call fun(page: table, place: string|false): any, table?
---@return fun(): any, table? an error gives one last round with `false, err`
function each.items(paging, params, places, call)
  local known, done = {}, false
  local place, page, items, at, before
  local at_place = 0

  --- The next list that has something in it; nil at the end; nil, err.
  local function fetch()
    while true do
      if not page then
        at_place = at_place + 1
        place = places[at_place]
        if place == nil then
          return nil
        end
        page = first_page(paging, params)
        before = paging.by and paging.unit ~= "records"
          and (page[paging.by] - paging.from) * (page[paging.size] or 0) or 0
      end
      local result, err = call(page, place)
      if not result then
        return nil, err
      end
      local list = items_of(result, paging.items)
      before = before + #list
      if not next_page(paging, page, #list, result, before) then
        page = nil
      end
      if #list > 0 then
        return list
      end
    end
  end

  return function()
    while not done do
      local item = items and items[at]
      if item == nil then
        local err
        items, err = fetch()
        at = 1
        if not items then
          done = true
          if err then
            return false, err
          end
        end
      else
        at = at + 1
        local key = paging.unique and item[paging.unique]
        if not key then
          return item
        elseif not known[key] then
          known[key] = true
          return item
        end
      end
    end
  end
end

return each
