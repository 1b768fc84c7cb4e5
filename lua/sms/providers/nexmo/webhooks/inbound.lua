--- What an inbound text says of the parts that it came in. Pure.

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
  if not fields.messageId or not fields.msisdn or not fields.to then
    return nil
  end
  local part = { id = fields.messageId, from = fields.msisdn, to = fields.to }
  local number, total = whole_number(fields["concat-part"]), whole_number(fields["concat-total"])
  if fields.concat == "true" and fields["concat-ref"] and number and total and number >= 1
    and number <= total and total <= MOST then
    part.reference, part.number, part.total = fields["concat-ref"], number, total
  end
  return part
end

--- The fields of a text of its parts: those of the first, with what all of them say.
---@param parts table[] fields, in their order, those that there are
---@param total integer of all
---@return table fields
function inbound.join(parts, total)
  local fields, texts, data, is_unicode = {}, {}, {}, false
  for name, value in pairs(parts[1]) do
    fields[name] = value
  end
  for _, part in ipairs(parts) do
    texts[#texts + 1], data[#data + 1] = part.text, part.data
    is_unicode = is_unicode or part.type == "unicode"
  end
  fields.text = texts[1] and table.concat(texts)
  fields.data = data[1] and table.concat(data)
  fields.type = is_unicode and "unicode" or fields.type
  fields["concat-part"] = total == 1 and fields["concat-part"] or nil
  return fields
end

return inbound
