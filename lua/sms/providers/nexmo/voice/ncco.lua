--- What a text to speak becomes for the Voice API: a list of actions (a Call Control Object).
--- The legacy texts may have markup anywhere; here it counts inside <speak> alone, and a
--- recorded file is an action of its own. Pure.

local formats = require "sms.schema.formats"

local ncco = {}

-- Elements of SSML; what else stands between < and > is text.
local ELEMENTS = { ["break"] = true, emphasis = true, lang = true, mark = true, p = true,
  phoneme = true, prosody = true, s = true, ["say-as"] = true, sub = true, voice = true,
  w = true }

local ENTITIES = { ["&amp;"] = "&", ["&lt;"] = "<", ["&gt;"] = ">", ["&quot;"] = '"',
  ["&apos;"] = "'" }

local NAME = "^</?([%a][%w:_-]*)[^<>]*>$"

local function is_tag(text)
  local name = text:match(NAME)
  return name ~= nil and (ELEMENTS[name] or name:find(":", 1, true) ~= nil)
end

local function is_entity(text)
  return ENTITIES[text] ~= nil or text:find "^&#x?%x+;$" ~= nil
end

local function has_markup(text)
  for tag in text:gmatch "<[^<>]*>" do
    if is_tag(tag) then
      return true
    end
  end
  for entity in text:gmatch "&#?%w+;" do
    if is_entity(entity) then
      return true
    end
  end
  return false
end

--- Escapes what is neither an element nor an entity.
local function escaped(text)
  text = text:gsub("&(#?%w*;?)", function(rest)
    return not is_entity("&" .. rest) and "&amp;" .. rest or nil
  end)
  return (text:gsub("<([^<>]*>?)", function(rest)
    return not is_tag("<" .. rest) and "&lt;" .. rest or nil
  end))
end

--- Whether all elements that begin in a text end in it.
local function is_whole(text)
  local open = {}
  for tag in text:gmatch "<[^<>]*>" do
    local name = tag:match(NAME)
    if tag:find "^</" then
      if table.remove(open) ~= name then
        return false
      end
    elseif name and is_tag(tag) and not tag:find "/>$" then
      open[#open + 1] = name
    end
  end
  return #open == 0
end

--- The file that an <audio> names, or nil.
local function source_of(attributes)
  local source = attributes:match 'src%s*=%s*"([^"]*)"' or attributes:match "src%s*=%s*'([^']*)'"
  return source and formats.url((source:gsub("&%a+;", ENTITIES)))
end

--- Splits a text at its recorded files: texts, and tables with a file.
local function split(text)
  local parts, at = {}, 1
  while true do
    local first, last, attributes, slash = text:find("<audio%s([^>]-)(/?)>", at)
    if not first then
      break
    end
    parts[#parts + 1] = text:sub(at, first - 1)
    local source = source_of(attributes)
    if not source then
      return nil, "must name a file in <audio src=\"…\"/> by a URL with http:// or https://"
    elseif slash == "" then -- what stands inside is for those who cannot play the file
      last = select(2, text:find("</audio>", last, true))
      if not last then
        return nil, "must end every <audio>"
      end
    end
    parts[#parts + 1] = { source }
    at = last + 1
  end
  parts[#parts + 1] = text:sub(at)
  return parts
end

local function talk(text, marked)
  if marked or has_markup(text) then
    text = "<speak>" .. (marked and text or escaped(text)) .. "</speak>"
  end
  return { action = "talk", text = text }
end

--- The actions of a text.
---@param text string
---@return { action: string, text: string?, streamUrl: string[]? }[]? actions
---@return string? message what is wrong with the text
function ncco.read(text)
  local inside = text:match "^%s*<speak[^<>]*>(.*)</speak>%s*$"
  local body = inside or text
  if body:find "</?speak[%s/>]" then
    return nil, "must have <speak> around all of it, or nowhere"
  end
  local parts, message = split(body)
  if not parts then
    return nil, message
  elseif #parts == 1 then
    return { inside and { action = "talk", text = text } or talk(text) }
  end
  local actions = {}
  for _, part in ipairs(parts) do
    if type(part) == "table" then
      actions[#actions + 1] = { action = "stream", streamUrl = part }
    elseif not is_whole(part) then
      return nil, "must not have <audio> inside of another element"
    elseif part:find "%S" then
      actions[#actions + 1] = talk(part, inside ~= nil)
    end
  end
  return actions
end

return ncco
