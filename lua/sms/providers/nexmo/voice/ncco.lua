--- What a text to speak becomes for the Voice API: a list of actions (a Call Control Object).
--- The legacy texts may have markup anywhere; here it counts inside <speak> alone, and a
--- recorded file is an action of its own. Pure.

local formats = require "sms.schema.formats"
local markup = require "sms.providers.nexmo.voice.markup"

local ncco = {}

--- The file that an <audio> names, or nil.
local function source_of(attributes)
  return attributes.src and formats.url(markup.plain(attributes.src))
end

--- What is said: a text with markup in <speak>, another as it is.
local function talk(part, speech)
  local text = part.text
  if speech then
    text = speech.before .. part.written .. speech.behind
  elseif part.is_marked then
    text = "<speak>" .. part.written .. "</speak>"
  end
  return { action = "talk", text = text }
end

--- The actions of a text.
---@param text string
---@return { action: string, text: string?, streamUrl: string[]? }[]? actions
---@return string? message what is wrong with the text
function ncco.read(text)
  local speech, message = markup.speech(text)
  if message then
    return nil, message
  end
  local parts, wrong = markup.read(speech and speech.body or text, speech ~= nil)
  if not parts then
    return nil, wrong
  end
  local actions = {}
  for _, part in ipairs(parts) do
    local source = part.audio and source_of(part.audio)
    if part.audio and not source then
      return nil, "must name a file in <audio src=\"…\"/> by a URL with http:// or https://"
    elseif source then
      actions[#actions + 1] = { action = "stream", streamUrl = { source } }
    elseif #parts == 1 or part.text:find "%S" then
      actions[#actions + 1] = talk(part, speech)
    end
  end
  return actions
end

return ncco
