--- Lists that come in pages, of which Nexmo may leave out the count. Pure.

local lists = {}

local function with(table_of, changes)
  local copy = {}
  for _, part in ipairs { table_of, changes } do
    for key, value in pairs(part) do
      copy[key] = value
    end
  end
  return copy
end

--- Makes an operation the list of pages: its count is 0 where it is left out, but to what goes
--- through the pages, which must know that it is not known.
---@param operation table changed
---@param paging table as sms.bulk.each has it
---@param adapt (fun(result: table): table)? brings a page into its documented form
function lists.of_pages(operation, paging, adapt)
  local page = with(operation, {})
  page.adapt = adapt
  operation.paging = with(paging, { operation = page })
  page.paging = operation.paging
  operation.adapt = function(result)
    result = adapt and adapt(result) or result
    result.count = result.count or 0
    return result
  end
end

return lists
