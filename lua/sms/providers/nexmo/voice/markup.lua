--- Texts to speak, read as markup (SSML): what stands in <speak> must be well-formed XML. Elements
--- are checked, and what is not markup is escaped. Pure.

local markup = {}

-- Elements of SSML; outside <speak> what else stands between < and > is text.
local ELEMENTS = { audio = true, ["break"] = true, emphasis = true, lang = true, mark = true,
  p = true, phoneme = true, prosody = true, s = true, ["say-as"] = true, sub = true, voice = true,
  w = true }

local ENTITIES = { ["&amp;"] = "&", ["&lt;"] = "<", ["&gt;"] = ">", ["&quot;"] = '"',
  ["&apos;"] = "'" }

local BLANK, NAME = "[ \t\r\n]", "[A-Za-z_:][A-Za-z0-9_:.-]*"

markup.AROUND = "must have <speak> around all of it, or nowhere"

local MALFORMED = 'must have well-formed markup, such as <break time="1s"/>'
local UNBALANCED = "must end every element, the last one first"

local function is_character(code)
  return code == 9 or code == 10 or code == 13 or code >= 0x20 and code <= 0xD7FF
    or code >= 0xE000 and code <= 0xFFFD or code >= 0x10000 and code <= 0x10FFFF
end

--- Whether a text has characters that no XML may have.
local function has_controls(text)
  return text:find "[%z\1-\8\11\12\14-\31]" or text:find "\239\191[\190\191]"
end

local function is_entity(text)
  local digits, hex = text:match "^&#(%d+);$", text:match "^&#x(%x+);$"
  local code = digits and tonumber(digits) or hex and tonumber(hex, 16)
  return ENTITIES[text] ~= nil or code and is_character(code)
end

--- Escapes each & that begins no entity.
local function with_entities(text)
  return (text:gsub("&(#?[A-Za-z0-9]*;?)", function(rest)
    return not is_entity("&" .. rest) and "&amp;" .. rest or nil
  end))
end

--- A text with the characters that its entities stand for.
---@param text string
---@return string
function markup.plain(text)
  return (text:gsub("&%a+;", ENTITIES))
end

--- The attributes of an element from behind its name on.
---@return table<string, string>? attributes nil where the tag is not well-formed
---@return integer? next the place behind the tag
---@return string? slash where the element ends with it
local function read_attributes(text, at)
  local attributes = {}
  while true do
    local slash, behind = text:match("^" .. BLANK .. "*(/?)>()", at)
    if slash then
      return attributes, behind, slash
    end
    local name, quote, from = text:match(
      ("^%s+(%s)%s*=%s*([\"'])()"):format(BLANK, NAME, BLANK, BLANK), at)
    local to = name and text:find(quote, from, true)
    local value = to and text:sub(from, to - 1)
    if not value or attributes[name] or value:find("<", 1, true) or has_controls(value) then
      return nil
    end
    attributes[name], at = value, to + 1
  end
end

local function begin_part(reader)
  reader.from, reader.written, reader.is_marked = reader.at, {}, false
end

--- Ends a part: what is written and what it was, unless there is nothing of it.
local function end_part(reader)
  local written = table.concat(reader.written)
  if reader.from < reader.at then
    table.insert(reader.parts, { text = reader.text:sub(reader.from, reader.at - 1),
      written = written, is_marked = reader.is_marked })
  end
  local is_xml = reader.is_speech or reader.is_marked
  if is_xml and has_controls(written) then
    return "must not have control characters beside markup"
  end
end

--- Goes on to a place; what stands before it is written like this.
local function put(reader, behind, written)
  reader.written[#reader.written + 1] = written
  reader.at = behind
end

local function put_tag(reader, behind)
  reader.is_marked = true
  put(reader, behind, with_entities(reader.text:sub(reader.at, behind - 1)))
end

--- A recorded file is a part of its own; what stands inside is for those who cannot play it.
local function read_audio(reader, attributes, behind, slash)
  if reader.open[1] then
    return "must not have <audio> inside of another element"
  end
  local message = end_part(reader)
  if slash == "" then
    behind = select(2, reader.text:find("</audio>", behind, true))
    behind = behind and behind + 1
  end
  if not behind then
    return "must end every <audio>"
  end
  table.insert(reader.parts, { audio = attributes })
  reader.at = behind
  begin_part(reader)
  return message
end

local function read_end(reader, name, at)
  local behind = reader.text:match("^" .. BLANK .. "*>()", at)
  if not behind then
    return MALFORMED
  elseif table.remove(reader.open) ~= name then
    return UNBALANCED
  end
  put_tag(reader, behind)
end

local function read_element(reader, name, at)
  local attributes, behind, slash = read_attributes(reader.text, at)
  if not attributes and not (reader.is_speech or ELEMENTS[name]) then
    return put(reader, reader.at + 1, "&lt;")
  elseif not attributes then
    return MALFORMED
  elseif name == "audio" then
    return read_audio(reader, attributes, behind, slash)
  elseif slash == "" then
    table.insert(reader.open, name)
  end
  put_tag(reader, behind)
end

--- Where a comment or a section of text ends that begins here; nil where none does.
local function behind_section(reader)
  local text, at = reader.text, reader.at
  local comment = text:match("^<!%-%-()", at)
  local last = comment and text:find("--", comment, true)
  if last and text:sub(last + 2, last + 2) == ">" then
    return last + 3
  end
  local section = text:match("^<!%[CDATA%[()", at)
  return section and text:match("^.-%]%]>()", section)
end

--- What begins with <.
local function read_tag(reader)
  local slash, name, at = reader.text:match("^<(/?)(" .. NAME .. ")()", reader.at)
  local section = reader.is_speech and behind_section(reader)
  if name == "speak" then
    return markup.AROUND
  elseif section then
    return put(reader, section, reader.text:sub(reader.at, section - 1))
  elseif not name or not (reader.is_speech or ELEMENTS[name] or name:find "^[^:]+:[^:]+$") then
    return put(reader, reader.at + 1, "&lt;")
  end
  return (slash == "/" and read_end or read_element)(reader, name, at)
end

--- What begins with &.
local function read_entity(reader)
  local entity = reader.text:match("^&#?[A-Za-z0-9]*;?", reader.at)
  reader.is_marked = reader.is_marked or is_entity(entity)
  put(reader, reader.at + #entity, with_entities(entity))
end

local function read_text(reader)
  local behind = reader.text:find("[<&]", reader.at) or #reader.text + 1
  put(reader, behind, (reader.text:sub(reader.at, behind - 1):gsub("%]%]>", "]]&gt;")))
end

local READ = { ["<"] = read_tag, ["&"] = read_entity }

--- Reads a text: its parts, between recorded files and they themselves.
---@param text string what stands inside of <speak>, or a whole text
---@param is_speech boolean it stands inside of <speak>, where all tags are markup
---@return table[]? parts { text, written, is_marked }, or { audio } with its attributes
---@return string? message what is wrong
function markup.read(text, is_speech)
  local reader = { text = text, is_speech = is_speech, at = 1, open = {}, parts = {} }
  begin_part(reader)
  while reader.at <= #text do
    local message = (READ[text:sub(reader.at, reader.at)] or read_text)(reader)
    if message then
      return nil, message
    end
  end
  local message = end_part(reader) or reader.open[1] and UNBALANCED
  if message then
    return nil, message
  end
  return reader.parts
end

--- Takes <speak> off a text.
---@param text string
---@return { before: string, body: string, behind: string }? speech nil where it has none
---@return string? message what is wrong with it
function markup.speech(text)
  local name = text:match("^" .. BLANK .. "*<speak()[/> \t\r\n]")
  if not name then
    return nil
  end
  local attributes, first, slash = read_attributes(text, name)
  if not attributes then
    return nil, MALFORMED
  end
  local body, blanks = text:sub(first):match("^(.*)</speak" .. BLANK .. "*>(" .. BLANK .. "*)$")
  if not body or slash == "/" then
    return nil, markup.AROUND
  end
  return { before = with_entities(text:sub(1, first - 1)), body = body,
    behind = "</speak>" .. blanks }
end

return markup
