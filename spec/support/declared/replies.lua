-- Replies as JSON for a declared shape, good and bad; a maker for spec.support.declared.fields.

local fields = require "spec.support.declared.fields"

local replies = {}

local ANYTHING = { fields.NONE, "null", "true", "false", "0", "7", "-1", "1.5", "-0.0", "1e15",
  "1e21", "1e300", "-0", "1e400", "4294967296", "9007199254740993",
  "-12345678901234567890", "1234567890123456.5", '"a"', '""', '"7"', '"-1.50"', '"1e5"',
  '"0x10"', '"nan"', '"inf"', '" 7"', '"7 "', '" "', '"\\n"', '"true"', '"null"',
  '"\\u0000\\u00e4"',
  '"\\ud83d\\ude00"', '"\\ud83d"', '"-0"', '"00"', '"12345678901234567890"', "[]", "{}", "[[]]",
  "[{}]", "[7]", '["a"]', "[null]", '[null,"a"]',
  '["a",null]', '["a",7,true]', '{"a":null}', '{"a":1.0}', '{"a":{"b":[null,{"c":null}]}}',
  '{"1":"a"}', '{"":"a"}', ("["):rep(40) .. ("]"):rep(40) }

local function written(parts)
  local list = {}
  for i, part in ipairs(parts) do
    list[i] = ('"%s":%s'):format(part[1], part[2])
  end
  return "{" .. table.concat(list, ",") .. "}"
end

--- Fields that are not declared, under other names, twice, and in another order.
local function records_of(field, maker)
  local list = {}
  local function changed(change)
    local parts = {}
    for _, part in ipairs(field.fields) do
      parts[#parts + 1] = { part[1], maker.usual(part), part.alias }
    end
    change(parts)
    list[#list + 1] = written(parts)
  end
  for _, value in ipairs(ANYTHING) do
    if value ~= fields.NONE then
      changed(function(parts) parts[#parts + 1] = { "unknown", value } end)
      changed(function(parts) table.insert(parts, 1, { "1", value }) end)
    end
  end
  for i, part in ipairs(field.fields) do
    changed(function(parts) parts[i][1] = part[1]:upper() end)
    changed(function(parts) table.insert(parts, 1, table.remove(parts, i)) end)
    changed(function(parts) parts[#parts + 1] = parts[i] end)
    changed(function(parts) parts[#parts + 1] = { part[1], '"other"' } end)
    changed(function(parts) parts[#parts + 1] = { part[1], "null" } end)
    changed(function(parts) parts[i][1] = part.alias or part[1] end)
    changed(function(parts) parts[#parts + 1] = part.alias and { part.alias, '"other"' } end)
  end
  return list
end

local function lists_of(field, maker)
  local usual = maker.usual(field.items)
  local list = {}
  for _, pattern in ipairs { "", "u", "u,u", "null,u", "u,null", "u,null,u", "null", "[u]", "u,[]",
    ("u,"):rep(40) .. "u" } do
    list[#list + 1] = "[" .. pattern:gsub("%f[%a]u%f[%A]", function() return usual end) .. "]"
  end
  return list
end

--- Values for a field, as JSON; fields.NONE stands for no value.
---@return string[]
function replies.of(field, maker)
  local more = field.type == "record" and records_of(field, maker)
    or field.type == "array" and lists_of(field, maker) or {}
  local list = {}
  for _, part in ipairs { ANYTHING, more } do
    for _, value in ipairs(part) do list[#list + 1] = value end
  end
  return list
end

local USUAL = { string = '"a"', number = "1.5", integer = "7", boolean = "true", any = "7" }

--- A maker of JSON.
---@param also fun(field: table): boolean
function replies.maker(also)
  local maker = { also = also, record = written }

  function maker.usual(field)
    if field.type == "record" then
      return fields.record(field, maker)
    end
    return field.type == "array" and maker.list { maker.usual(field.items) } or USUAL[field.type]
  end

  function maker.list(list)
    return "[" .. table.concat(list, ",") .. "]"
  end

  return maker
end

return replies
