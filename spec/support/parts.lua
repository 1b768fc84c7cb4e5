-- Parts of long inbound texts.

local parts = { now = 1700000000 }

--- The webhook of a part.
function parts.part(number, total, more)
  local fields = { msisdn = "447700900001", to = "447700900500", type = "text",
    messageId = ("0B%d"):format(number), text = ("<%d>"):format(number), keyword = "K" .. number,
    concat = "true", ["concat-ref"] = "17", ["concat-part"] = tostring(number),
    ["concat-total"] = tostring(total) }
  for name, value in pairs(more or {}) do fields[name] = value end
  return fields
end

return parts
