--- How Nexmo's parameters are signed: with the key and the time among them.
--- The digest is made in C, which has the secret (docs/providers/nexmo.md 8). Pure.

local plain = require "sms.base.plain"

local signature = {
  method = "signature_method", -- the option that says which digest
}

--- The text that is signed (steps 1 to 4).
---@param list string[][] names and values
---@return string
function signature.canonical(list)
  local sorted = {}
  for i, pair in ipairs(list) do
    sorted[i] = pair
  end
  table.sort(sorted, function(a, b)
    return plain.is_before(a[1], b[1])
  end)
  for i, pair in ipairs(sorted) do
    sorted[i] = "&" .. pair[1] .. "=" .. pair[2]:gsub("[&=]", "_")
  end
  return table.concat(sorted)
end

--- Adds to a form what is signed with it.
---@param form string[] names and values alternating, changed
---@param identity string
---@param now integer seconds since 1970
---@return string signed_text
function signature.sign(form, identity, now)
  local last = #form
  form[last + 1], form[last + 2] = "api_key", identity
  form[last + 3], form[last + 4] = "timestamp", ("%.0f"):format(now)
  local list = {}
  for i = 1, #form, 2 do
    list[#list + 1] = { form[i], form[i + 1] }
  end
  return signature.canonical(list)
end

return signature
