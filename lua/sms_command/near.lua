--- What somebody meant who misspelt a name.

local near = {}

--- The least number of letters to change, add, leave out or swap with the next one.
local function distance(a, b)
  local before, row = {}, {}
  for j = 0, #b do
    row[j] = j
  end
  for i = 1, #a do
    local above = row
    row = { [0] = i }
    for j = 1, #b do
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      row[j] = math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + cost)
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        row[j] = math.min(row[j], before[j - 2] + 1)
      end
    end
    before = above
  end
  return row[#b]
end

local function bare(name)
  return (name:lower():gsub("[%-_]", ""))
end

--- The known name nearest to a given one: the same but for case and hyphens, or at most two
--- letters away.
---@param name string
---@param known string[]
---@return string?
function near.nearest(name, known)
  local nearest, least
  local short = bare(name:sub(1, 60))
  for _, candidate in ipairs(known) do
    local other = bare(candidate)
    local far = distance(short, other)
    if far <= 2 and far < #other / 2 and (not least or far < least) then
      nearest, least = candidate, far
    end
  end
  return nearest
end

--- The same as the end of a sentence; "" where nothing is near.
---@param name string
---@param known string[]
---@return string
function near.hint(name, known)
  local nearest = near.nearest(name, known)
  return nearest and ("; did you mean '%s'?"):format(nearest) or ""
end

return near
