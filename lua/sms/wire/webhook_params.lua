--- What a webhook says: the names and texts of its query, form or JSON, decoded. Pure.
---
--- They are a list of { name, text }; a JSON value that is no text, number or boolean stands
--- in { name, nested = value }. Numbers keep the text in which they came: it was signed. Texts
--- are as they came, UTF-8 or not, until `cleaned`. Where a parameter comes twice, the last one
--- counts, and `list.twice` is true.

local halves = require "sms.wire.halves"
local json = require "sms.base.json"

local params = {}

local LONGEST = 128 * 1024 -- bytes; a text of 3,200 characters, escaped, is 40 KiB
local MOST = 256 -- parameters; a webhook has about 15

params.longest = LONGEST

local function unescape(text)
  local is_broken = false
  text = text:gsub("+", " "):gsub("%%(%x?%x?)", function(hex)
    if #hex < 2 then
      is_broken = true
      return nil
    end
    return string.char(tonumber(hex, 16))
  end)
  return not is_broken and text or nil
end

--- What is wrong with a name, or nil. With & or = in it one signed text could be read as two
--- different webhooks.
function params.name_problem(name)
  if name == "" or name:find "[%z\1-\31\127&=]" then
    return "a parameter has no proper name"
  end
end

--- Adds a parameter; gives back what is wrong with it.
local function add(list, places, name, text, nested)
  local place = places[name] or #list + 1
  if place > MOST then
    return ("it has more than %d parameters"):format(MOST)
  end
  list.twice = list.twice or place <= #list
  places[name], list[place] = place, { name, text, nested = nested }
end

--- `a=1&b=2`, percent-encoded.
local function read_form(text)
  local list, places = {}, {}
  for part in text:gmatch "[^&]+" do
    local name, value = part:match "^([^=]*)=?(.*)$"
    name, value = unescape(name), unescape(value)
    if not name or not value then
      return nil, "it is not percent-encoded as it should be"
    end
    local message = add(list, places, name, value)
    if message then
      return nil, message
    end
  end
  return list
end

--- The position after a JSON string, or after whatever is nested, that begins at `from`.
local function after_value(text, from)
  local depth, at = 0, from
  repeat
    local found, _, mark = text:find('(["{}%[%]])', at)
    if not found then
      return nil
    end
    at = found + 1
    if mark == '"' then
      repeat
        found, _, mark = text:find('(["\\])', at)
        at = found and found + (mark == "\\" and 2 or 1)
      until not found or mark == '"'
    else
      depth = depth + ((mark == "{" or mark == "[") and 1 or -1)
    end
  until depth == 0 or not at
  return at
end

local function decoded(token)
  local value = json.decode("[" .. token .. "]")
  return value and value[1]
end

--- The members of an object, one by one: name, first byte of the value, its text. The text as
--- a whole is JSON; what it says twice cannot be seen once it is decoded.
local function next_member(text, at)
  local from = text:match('^%s*()"', at)
  local to = from and after_value(text, from)
  local begins = to and text:match("^%s*:%s*()[^%s]", to)
  if not begins then
    return nil
  end
  local first = text:sub(begins, begins)
  local ends = first:find '["{%[]' and after_value(text, begins)
    or text:match("^[^%s,}]+()", begins)
  local separator, following = text:match("^%s*([,}])()", ends or #text + 1)
  if not separator then
    return nil
  end
  local name = decoded(text:sub(from, to - 1))
  return following, separator, name, first, text:sub(begins, ends - 1)
end

local function add_member(list, places, name, first, token)
  if token == "null" then
    return nil
  elseif first == "{" or first == "[" then
    return add(list, places, name, nil, json.restore(decoded(token)))
  end
  return add(list, places, name, first == '"' and decoded(token) or token)
end

local UNREADABLE = "its body is not a JSON object"

local function read_json(text)
  text = halves.unescaped(text)
  local list, places, at = {}, {}, text:match "^%s*{()"
  if not at or json.decode(text) == nil then
    return nil, UNREADABLE
  elseif text:find("^%s*}", at) then
    return list
  end
  repeat
    local following, separator, name, first, token = next_member(text, at)
    if type(name) ~= "string" then
      return nil, UNREADABLE
    end
    local message = add_member(list, places, name, first, token)
    if message then
      return nil, message
    end
    at = following
  until separator == "}"
  return list
end

local FORM, JSON = "application/x-www-form-urlencoded", "json$"

--- A header by its name in any case.
---@param headers table? names to texts, or to lists of texts
---@param wanted string in lower case
---@return string? text
---@return string? message where it comes twice
function params.header(headers, wanted)
  local found
  for name, value in pairs(headers or {}) do
    if type(name) == "string" and name:lower() == wanted then
      if type(value) == "table" then
        value = #value == 1 and value[1] or value
      end
      if found or type(value) ~= "string" then
        return nil, "the header " .. wanted .. " must come once"
      end
      found = value
    end
  end
  return found
end

local function reader_of_body(request)
  local content, message = params.header(request.headers, "content-type")
  if message then
    return nil, message
  end
  content = content and content:match "^%s*([^;%s]*)":lower()
  if request.body:find "^%s*{" or content and content:find(JSON) then
    return read_json -- no form begins like this, and no proof covers this header
  end
  return (not content or content == FORM) and read_form, -- a proxy may have lost it
    "its content type is neither that of a form nor of JSON"
end

--- What is nested, with all its texts in UTF-8.
local function cleaned_nested(value)
  if type(value) == "string" then
    return halves.replaced(value)
  elseif type(value) ~= "table" then
    return value
  end
  local copy = {}
  for key, part in pairs(value) do
    copy[cleaned_nested(key)] = cleaned_nested(part)
  end
  return copy
end

--- The parameters in UTF-8, but for lone halves of surrogate pairs, which stand as their three
--- bytes.
---@param list table of params.read
---@return table list
function params.cleaned(list)
  local copy = {}
  for i, part in ipairs(list) do
    copy[i] = { halves.replaced(part[1]), part[2] and halves.joined(part[2]),
      nested = cleaned_nested(part.nested) }
  end
  return copy
end

--- Reads the parameters of a request.
---@param request { method: string, query: string?, headers: table?, body: string? }
---@return { [1]: string, [2]: string?, nested: table? }[]? list `twice` where one comes twice
---@return string message what is wrong with it; or where they stood, "query" or "body"
function params.read(request)
  local method = request.method:upper()
  local from = ({ GET = "query", POST = "body" })[method]
  local text = from and request[from] or ""
  local read, message = read_form, nil
  if not from then
    return nil, "its method is neither GET nor POST"
  elseif #text > LONGEST then
    return nil, ("it has more than %d bytes"):format(LONGEST)
  elseif from == "body" and text ~= "" then
    read, message = reader_of_body(request)
  end
  if not read then
    return nil, message
  end
  local list, problem = read(text)
  if list and #list == 0 then
    list, problem = nil, "it has no parameters"
  end
  return list, list and from or problem
end

return params
