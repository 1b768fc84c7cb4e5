--- What an inbound text says of the parts that it came in. Pure.

local halves = require "sms.wire.halves"

local inbound = {}

local MOST = 255 -- parts; their count has one byte

--- In words: what a text must have.
inbound.needs = "messageId, msisdn and to"

local function whole_number(text)
  return type(text) == "string" and #text <= 3 and text:find "^%d+$" and tonumber(text) or nil
end

--- Which text it is; its number and the count of all, where it is a part of a longer one.
---@param fields table of read_webhook
---@return { id: string, from: string, to: string, reference: string?, number: integer?,
---  total: integer? }? part nil where it is no text
function inbound.read(fields)
  for _, name in ipairs { "messageId", "msisdn", "to" } do
    if type(fields[name]) ~= "string" or fields[name] == "" then
      return nil
    end
  end
  for _, name in ipairs { "text", "data" } do -- a body of JSON may have anything there
    if fields[name] ~= nil and type(fields[name]) ~= "string" then
      return nil
    end
  end
  local part = { id = fields.messageId, from = fields.msisdn, to = fields.to }
  local number, total = whole_number(fields["concat-part"]), whole_number(fields["concat-total"])
  local reference = fields.concat == "true" and fields["concat-ref"]
  if type(reference) == "string" and number and total and number >= 1 and number <= total
    and total <= MOST then
    part.reference, part.number, part.total = reference, number, total
  end
  return part
end

--- The texts of parts as one. A part may end inside a character, whose other half is in the
--- next: where that one is missing, U+FFFD stands for the character.
local function joined_text(parts)
  local whole, run, last = {}, {}, nil
  for _, part in ipairs(parts) do
    local number = whole_number(part["concat-part"]) or 1
    if last and number ~= last + 1 then
      whole[#whole + 1], run = halves.replaced(table.concat(run)), {}
    end
    run[#run + 1], last = part.text, number
  end
  whole[#whole + 1] = halves.replaced(table.concat(run))
  return table.concat(whole)
end

--- The fields of a text of its parts: those of the first, with what all of them say.
---@param parts table[] fields, in their order, those that there are
---@param total integer of all
---@return table fields
function inbound.join(parts, total)
  local fields, data, has_text, is_unicode = {}, {}, false, false
  for name, value in pairs(parts[1]) do
    fields[name] = value
  end
  for _, part in ipairs(parts) do
    has_text, data[#data + 1] = has_text or part.text ~= nil, part.data
    is_unicode = is_unicode or part.type == "unicode"
  end
  fields.text = has_text and joined_text(parts) or nil
  fields.data = data[1] and table.concat(data)
  fields.type = is_unicode and "unicode" or fields.type
  fields["concat-part"] = total == 1 and fields["concat-part"] or nil
  return fields
end

return inbound
