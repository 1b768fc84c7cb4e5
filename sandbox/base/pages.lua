-- Lists in pages: what the query says, and links to other pages.

local pages = {}

--- A whole number of a query between two, or nil if it is wrong.
function pages.number(text, lowest, highest)
  local number = type(text) == "string" and #text < 16 and text:find "^%d+$" and tonumber(text)
  return number and number >= lowest and number <= highest and number or nil
end

-- The query of a page: what was asked for, with another place.
local function query_of(query, name, value)
  local parts = {}
  for other, text in pairs(query) do
    if other ~= name and type(text) == "string" then
      parts[#parts + 1] = ngx.escape_uri(other) .. "=" .. ngx.escape_uri(text)
    end
  end
  table.sort(parts)
  parts[#parts + 1] = value and ("%s=%d"):format(name, value) or nil
  return #parts > 0 and "?" .. table.concat(parts, "&") or ""
end

--- `_links` of a page: `self`, `last`, `next` and `prev` where there are any, and `first`, which
--- names no place. `name` is the parameter that does.
function pages.links(path, query, name, places)
  local links = { first = { href = path .. query_of(query, name, nil) } }
  for link, value in pairs(places) do
    links[link] = { href = path .. query_of(query, name, value) }
  end
  return links
end

return pages
