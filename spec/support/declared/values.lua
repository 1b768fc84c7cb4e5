-- Values for a declared field, good and bad: every kind of Lua, and by the type and the limits of
-- the field what lies at them, just inside and just outside. Also a maker of tables for
-- spec.support.declared.fields.

local fields = require "spec.support.declared.fields"
local formats = require "spec.cases.formats"
local json = require "sms.base.json"
local numbers = require "sms.schema.numbers"

local values = {}

local ANYTHING = { fields.NONE, true, false, print, coroutine.create(print), io.stdout, json.null,
  0, 1, -1, 2, 0.5, -0.0, 1.0, 0 / 0, 1 / 0, -1 / 0, 1e15, 1e21, 1e300, 2 ^ 31, 2 ^ 53 - 1, 2 ^ 53,
  -2 ^ 53, "0", "1", "5", "5.0", " 5", "5 ", "0x5", "1e3", "-1", "+5", "true", "false", "TRUE",
  "True", "1.0", "0.0", "-0", "5.", "5.00", "5.01", ".0", "-", "00005", "9007199254740991",
  "9007199254740992", "99999999999999999999", "1\0", "true\0", "yes", "null", "", " ", "   ",
  "\194\160", "\226\128\175", " \194\160\t\r\n", "\160", "a ", "\na", "a", "A", "a b", "{}", "é",
  "€", "😀", "[x]~^",
  'a&b=c+d %/"\\', "\0", "a\0b", "\n", "a\r\nb", "\t", "\27", "\127", "\194\133",
  "\226\128\168", "\239\187\191x", "\255", "a\255", "\237\160\128", "é\192\128",
  "\244\144\128\128", "\240\159\152", {}, { 1 }, { "a" }, { a = "a" }, { { {} } }, { [1.5] = "a" } }
local cycle = { "a" }
cycle[2], cycle.dst, cycle.text = cycle, cycle, cycle
ANYTHING[#ANYTHING + 1] = cycle

local USUAL = { e164 = "447700900000", phone = "+491760000001", e164_sender = "Acme",
  sender = "Acme", timestamp = "2030-01-01T18:00:00Z", country = "GB", language = "en-us",
  interval = "2030-01-01T18:00Z/2030-01-02T07:00Z", url = "https://example.com/", udh = "00",
  hex = "00", digits = "12", octet = "7", id = "a",
  public_key = "-----BEGIN PUBLIC KEY-----\nMFww\n-----END PUBLIC KEY-----" }

local NUMBERS = {} -- phone numbers in many spellings, good and bad
for _, format in ipairs { "e164", "phone", "e164_sender", "sender" } do
  for number in pairs(formats.taken[format]) do NUMBERS[#NUMBERS + 1] = number end
  for _, number in ipairs(formats.refused[format]) do NUMBERS[#NUMBERS + 1] = number end
end
table.sort(NUMBERS)

-- What may stand around numbers, and what would make them others.
local AROUND = { "%s\n", "\r\n\t%s", "\194\160%s\226\128\175 ", "%s.0", "%s.00", "%s.0 ", "%s/1",
  "%s/12", "%s/123", "%s (1)", "%s(12", "%s ( 0 )", "(0)%s", "%s x", "%s\0", "%s\n1", "%s\194",
  "\160%s" }

--- Any keys, near misses of declared ones, and tables that are more than tables.
local function records_of(field, maker)
  local smallest, list = maker.usual(field), {}
  local function add(change)
    local record = {}
    for name, value in pairs(smallest) do record[name] = value end
    list[#list + 1] = change(record) or record
  end
  local function add_key(key, value)
    add(function(record) record[key] = value end)
  end
  for _, key in ipairs { 1, 2, 1.5, true, "", "unknown", "a\nb", "\255", print } do
    add_key(key, "a")
  end
  for _, part in ipairs(field.fields) do
    local name, usual = part[1], maker.usual(part)
    for _, near in ipairs { name:upper(), name:lower(), name .. "s", name:sub(1, -2), " " .. name,
      name .. "\0", (name:gsub("[-_]", "")), (name:gsub("-", "_")), part.alias } do
      if near ~= name then
        add_key(near, usual)
        add(function(record) record[name], record[near] = nil, usual end)
      end
    end
    if part.alias then
      add(function(record) record[name], record[part.alias] = usual, usual end)
    end
  end
  add(function(record) return setmetatable(record, {}) end)
  add(function(record) return setmetatable({}, { __index = record }) end)
  add(function(record) return { record } end)
  return list
end

local function lists_of(field, maker)
  local usual, many = maker.usual(field.items), {}
  for i = 1, 40 do many[i] = usual end
  local unordered = { [2] = usual, [3] = usual }
  unordered[1] = usual
  return { {}, { usual }, { usual, usual }, many, unordered, usual, { { usual } },
    { usual, nil, usual }, { [2] = usual }, { [0] = usual, usual }, { usual, n = 1 },
    { usual, [1.5] = usual }, { usual, [-1] = usual }, { ["1"] = usual },
    setmetatable({ usual }, {}), setmetatable({}, { __index = { usual } }),
    setmetatable({}, { __index = { usual }, __len = function() return 1 end }) }
end

local FILLED = { digits = "7", octet = "1", hex = "0", udh = "0" }

--- Texts as long as they may be, one character less and more, in ASCII and beyond.
local function lengths_of(field)
  local list, first = {}, field.format == "url" and USUAL.url or ""
  for _, limit in pairs { field.min_length or 0, field.max_length or 1, field.max_length_ascii or 1,
    field.warn_length or 5000 } do
    for count = math.max(limit - 1, 0), limit + 1 do
      local left = math.max(count - #first, 0)
      for _, character in ipairs { FILLED[field.format] or "x", "é", "😀", " " } do
        list[#list + 1] = first .. character:rep(left)
      end
      list[#list + 1] = first .. ("x"):rep(left - 1) .. "é"
    end
  end
  return list
end

local function strings_of(field)
  local list = lengths_of(field)
  for _, word in ipairs(field.enum or {}) do
    for _, text in ipairs { word, word:upper(), word:lower(), word:lower():gsub("^%l",
      string.upper),
      word .. " ", " " .. word, word .. "\0", word .. "\n", word:sub(2), word .. "," .. word } do
      list[#list + 1] = text
    end
  end
  for text in pairs(formats.taken[field.format] or {}) do list[#list + 1] = text end
  for _, text in ipairs(formats.refused[field.format] or {}) do list[#list + 1] = text end
  for _, number in ipairs(NUMBERS) do
    list[#list + 1] = number
    for _, form in ipairs(numbers[field.format] and AROUND or {}) do
      list[#list + 1] = form:format(number)
    end
  end
  return list
end

--- Numbers at a limit and beside it, also as text.
local function numbers_of(field)
  local list = {}
  for _, limit in pairs { field.min or 0, field.max or 1, field.or_value or 2 } do
    for _, step in ipairs { -1, -0.5, 0, 0.5, 1 } do
      local number = limit + step
      list[#list + 1] = number
      for _, spelt in ipairs { "%g", "%.0f", "%.1f", "%.2f", "%.1f1", "0%.0f", " %g", "%g ", "+%g",
        "%ge0", "%.0f.", "0x%.0f" } do
        list[#list + 1] = spelt:format(number)
      end
    end
  end
  return list
end

local function choices_of(field)
  local list = {}
  for value in pairs(field.values) do list[#list + 1] = value end
  return list
end

--- The words of a set in any order and case, as a text and a list.
local function sets_of()
  return { "sms", "VOICE,SMS", "voice, Sms", "mms,voice,sms", "SMS,SMS", "SMS,", ",", "SMS VOICE",
    "FAX", "SMS,FAX", { "sms" }, { "voice", "SMS" }, { " mms" }, { "SMS", 5 }, { a = "SMS" },
    { "" },
    { "SMS,VOICE" }, { {} }, setmetatable({}, { __index = { "SMS" } }) }
end

local OF_TYPE = { set = sets_of, string = strings_of, integer = numbers_of, number = numbers_of,
  flag = numbers_of, choice = choices_of, record = records_of, array = lists_of }

--- The field of a record by its name.
function values.part_of(record, name)
  for _, part in ipairs(record.fields) do
    if part[1] == name then return part end
  end
end

--- All for a field, each text once.
---@param maker table
---@return any[] list fields.NONE stands for no value
function values.of(field, maker)
  local list, has = {}, {}
  local kind = field.type == "digits" and "string" or field.type or "record"
  for _, part in ipairs { ANYTHING, OF_TYPE[kind] and OF_TYPE[kind](field, maker) or {},
    (field.type == "digits" or field.reference) and numbers_of(field) or {},
    field.shorthand and strings_of(values.part_of(field, field.shorthand)) or {} } do
    for _, value in ipairs(part) do
      local is_text = type(value) == "string"
      if not (is_text and has[value]) then
        list[#list + 1] = value
        if is_text then has[value] = true end
      end
    end
  end
  return list
end

local USUAL_OF_TYPE = {
  boolean = function(field) return field.only == nil or field.only end,
  flag = function() return 1 end,
  integer = function(field) return field.min or 1 end,
  number = function(field) return field.min or 1 end,
  choice = function(field) return (next(field.values)) end,
  any = function(field) return field.table and {} or "a" end,
}

--- A maker of tables.
---@param also fun(field: table): boolean
---@param words table? by enumerated field: a word that is not its first
function values.maker(also, words)
  local maker = { also = also }

  function maker.usual(field)
    if not field.type or field.type == "record" then
      return fields.record(field, maker)
    elseif field.type == "array" then
      return { maker.usual(field.items) }
    end
    local of_type = USUAL_OF_TYPE[field.type]
    return of_type and of_type(field) or words and words[field] or field.enum and field.enum[1]
      or USUAL[field.format] or "a"
  end

  function maker.record(parts)
    local record = {}
    for _, part in ipairs(parts) do record[part[1]] = part[2] end
    return record
  end

  function maker.list(list)
    return list
  end

  return maker
end

return values
