-- The items of the campaigns that bulk_child.lua sends, by provider and number.

local items = {}

function items.nexmo(i)
  return { from = "Acme", to = "447700900000", text = "Hello", ["client-ref"] = tostring(i) }
end

function items.retarus(i)
  return { dst = "447700900000", text = "Hello", customerRef = tostring(i) }
end

return items
