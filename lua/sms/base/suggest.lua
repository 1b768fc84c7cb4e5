--- What somebody meant who misspelt a name. Pure.

local plain = require "sms.base.plain"

local suggest = {}

--- Levenshtein's distance, or nil where it is above 2.
local function distance(a, b)
  if math.abs(#a - #b) > 2 then
    return nil
  end
  local row = {}
  for j = 0, #b do
    row[j] = j
  end
  for i = 1, #a do
    local diagonal = row[0]
    row[0] = i
    for j = 1, #b do
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      local best = math.min(row[j] + 1, row[j - 1] + 1, diagonal + cost)
      diagonal, row[j] = row[j], best
    end
  end
  return row[#b] <= 2 and row[#b] or nil
end

local function bare(name)
  return (plain.lower(name):gsub("[%-_ ]", ""))
end

--- The known name nearest to a given one: the same but for case, hyphens, underscores and
--- blanks, or at most two letters away.
---@param name string
---@param known string[]
---@return string? nearest
function suggest.nearest(name, known)
  local nearest, least
  name = bare(name:sub(1, 60))
  for _, candidate in ipairs(known) do
    local far = distance(name, bare(candidate))
    if far and far < #candidate / 2 and (not least or far < least) then
      nearest, least = candidate, far
    end
  end
  return nearest
end

return suggest
