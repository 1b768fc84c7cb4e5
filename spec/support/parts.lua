-- Parts of long inbound texts, and the stores in which they are joined.

local dictionary = require "spec.support.dictionary"
local sms = require "sms"

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

-- Each makes a store whose clock stands still.
parts.stores = {
  table = function() return sms.stores.table { clock = function() return parts.now end } end,
  shared = function() return sms.stores.shared(dictionary.new(function() return parts.now end)) end,
}

return parts
