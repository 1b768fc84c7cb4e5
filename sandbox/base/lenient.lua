-- What the documents call wrong, but clients do: taken, unless the setting `strict` is on, and then
-- the arrival says so (`lenient`).

local settings = require "settings"

local lenient = {}

--- Whether such a thing is taken from the request at hand.
function lenient.take()
  if settings.get().strict then return false end
  ngx.ctx.lenient = true
  return true
end

--- A word of a set, in other letters than the documents have it: the word as they have it, or nil.
function lenient.word(value, known)
  if type(value) ~= "string" then return nil end
  if known[value] then return value end
  for word in pairs(known) do
    if word:lower() == value:lower() and lenient.take() then return word end
  end
  return nil
end

return lenient
