-- The program whose line errors are to name: a call of a function or of a method, by its name.

local caller = {}

local function pack(...)
  return { n = select("#", ...), ... }
end

--- Calls what a table has by a name; `self` is left out, or any value.
function caller.call(whole, name, given)
  local called = whole[name]
  local results = pack(called(unpack(given, 1, given.n))) -- no tail call: it has a line
  return results
end

return caller
