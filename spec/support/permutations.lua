-- Every order of a list's entries: permutations { 1, 2 } is { { 1, 2 }, { 2, 1 } }.

local function permutations(list)
  if #list == 0 then return { {} } end
  local all = {}
  for i, first in ipairs(list) do
    local rest = {}
    for j, other in ipairs(list) do rest[#rest + 1] = j ~= i and other or nil end
    for _, order in ipairs(permutations(rest)) do
      table.insert(order, 1, first)
      all[#all + 1] = order
    end
  end
  return all
end

return permutations
