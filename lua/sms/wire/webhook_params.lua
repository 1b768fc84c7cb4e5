--- What a webhook says: the names and texts of its query, form or JSON, decoded. Pure.
---
--- They are a list of { name, text }; a JSON value that is no text, number or boolean stands
--- in { name, nested = value }. Numbers keep the text in which they came: it was signed. Texts
--- are as they came, UTF-8 or not, until `cleaned`. Where a parameter comes twice, the last one
--- counts, and `list.twice` is true.

local halves = require "sms.wire.halves"
local json = require "sms.base.json"
local plain = require "sms.base.plain"

local params = {}

local LONGEST = 128 * 1024 -- bytes; a text of 3,200 characters, escaped, is 40 KiB
local MOST = 256 -- parameters; a webhook has about 15

params.longest = LONGEST

--- A percent sign that begins no escape stands for itself, as in every reader of forms.
local function unescape(text)
  return (text:gsub("+", " "):gsub("%%(%x%x)", function(hex)
    return string.char(tonumber(hex, 16))
  end))
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
    local message = add(list, places, unescape(name), unescape(value))
    if message then
      return nil, message
    end
  end
  return list
end

--- Adds a member of an object; its value is as it stands there.
local function add_member(list, places, name, token)
  if token == "null" then
    return nil
  elseif token:find "^[{%[]" then
    return add(list, places, name, nil, json.decode(token))
  end
  return add(list, places, name, token:sub(1, 1) == '"' and json.decode(token) or token)
end

--- The members one by one: what the text says twice cannot be seen once it is decoded.
local function read_json(text)
  local members = json.decode(text) and json.members(text)
  if not members then
    return nil, "its body is not a JSON object"
  end
  local list, places = {}, {}
  for i = 1, #members, 3 do
    local message = add_member(list, places, members[i], members[i + 2])
    if message then
      return nil, message
    end
  end
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
    if type(name) == "string" and plain.lower(name) == wanted then
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
  content = content and plain.lower(content:match "^%s*([^;%s]*)")
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
  local method = plain.upper(request.method)
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
