--- Who gets a text in a campaign: a CSV file with the heading `number,text`.

local csv = require "sms_command.csv"
local sms = require "sms"

local people = {}

--- The message of a record; nil, and why nobody can have it.
local function message_of(record, sender)
  local number, text = record[1], record[2]
  local wrong = number:match "[\r\n;|\t]"
  if wrong then
    return nil, ("%s in a number"):format(wrong:find "[\r\n]" and "a line end" or "a separator")
  end
  local measured, err = sms.measure(text)
  if not measured then
    return nil, err.message
  end
  return { from = sender, to = number, text = text, ["client-ref"] = "line " .. record.line },
    measured.parts
end

--- Reads the file.
---@param path string
---@param sender string
---@param give_up fun(format: string, ...) is told what is wrong with the file, and does not return
---@return fun(): table?, integer? next a message each time, and its parts; nil at the end
function people.messages(path, sender, give_up)
  local file, why = io.open(path)
  if not file then
    give_up("%s", why)
  end
  local next_record = csv.records(file:lines())
  local heading, wrong = next_record()
  if not heading or heading[1] ~= "number" or heading[2] ~= "text" or heading[3] then
    give_up("%s: the first line must be: number,text%s", path, wrong and "; " .. wrong or "")
  end
  return function()
    local record, flaw = next_record()
    if not record then
      return flaw and give_up("%s: %s", path, flaw)
    end
    local message, parts = message_of(record, sender)
    return message or give_up("%s: line %d: %s", path, record.line, parts), parts
  end
end

return people
