--- Types of LuaLS in words, with links to the tables of this page that describe them.

local words = {}

--- The parts of a type between bars that stand in no brackets, nor behind a function's colon.
local function alternatives(kind)
  local list, depth, from = {}, 0, 1
  for at = 1, #kind do
    if kind:find("^fun%(", from) then
      break
    end
    local character = kind:sub(at, at)
    if character:find "[({<%[]" then
      depth = depth + 1
    elseif character:find "[)}>%]]" then
      depth = depth - 1
    elseif character == "|" and depth == 0 then
      list[#list + 1], from = kind:sub(from, at - 1), at + 1
    end
  end
  list[#list + 1] = kind:sub(from)
  return list
end

--- The anchor of a heading.
---@param heading string
---@return string
function words.anchor(heading)
  return (heading:lower():gsub("[^%w%- _]", ""):gsub(" ", "-"))
end

--- A function by the names of its arguments.
local function of_function(kind)
  local names = {}
  for name in kind:match("^fun(%b())"):sub(2, -2):gsub("fun%b():?", ""):gmatch "([%w_]+)%??:" do
    names[#names + 1] = name
  end
  return ("`function(%s)`"):format(table.concat(names, ", "))
end

--- A table by the names of its fields.
local function of_fields(kind)
  local names = {}
  for name in kind:sub(2, -2):gsub("%b()", ""):gsub("%b{}", ""):gmatch "([%w_%[%]]+)%??:" do
    names[#names + 1] = name
  end
  return ("`{ %s }`"):format(table.concat(names, ", "))
end

local function plural(text)
  return text:find "^[`%[]" and text or text .. "s"
end

local function of_one(kind, titles)
  kind = kind:gsub("%?$", "")
  if kind:find "^%b()$" then
    return words.of(kind:sub(2, -2), titles)
  elseif kind:find "^fun%b()" then
    return of_function(kind)
  elseif kind:find "%[%]$" then
    return "list of " .. plural(of_one(kind:sub(1, -3), titles))
  elseif titles[kind] then
    return ("[%s](#%s)"):format(kind, words.anchor(titles[kind]))
  elseif kind:find "^\"" then
    return "`" .. kind .. "`"
  elseif kind:find "^{" then
    return of_fields(kind)
  elseif kind:find "^table<" or kind:find "^sms%." then
    return "table"
  end
  return kind
end

--- A type in words.
---@param kind string
---@param titles table<string, string> headings by the classes that they describe
---@return string
function words.of(kind, titles)
  local list, seen = {}, {}
  for _, one in ipairs(alternatives(kind)) do
    local text = of_one(one, titles)
    list[#list + 1] = not seen[text] and text or nil
    seen[text] = true
  end
  return table.concat(list, " or ")
end

return words
