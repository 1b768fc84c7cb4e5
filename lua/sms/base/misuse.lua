--- What is said to programs that call the library as it is not meant: a method with a dot, a
--- function with a colon, an option that nobody knows. Pure.

local suggest = require "sms.base.suggest"

local misuse = {}

--- What a method says that was called with a dot.
---@param object string how the object is called in examples
---@param name string
---@return string
function misuse.needs_colon(object, name)
  return ("%s is a method: call it with a colon, %s:%s(…)"):format(name, object, name)
end

--- Raises where a function's caller stands, if that called it with a colon.
---@param whole table what the function stands in
---@param first any its first argument
---@param name string with what it stands in
function misuse.check_dot(whole, first, name)
  if rawequal(first, whole) then
    error(("%s is a function: call it with a dot, %s(…)"):format(name, name), 3)
  end
end

local MARK = {} -- what methods, and all that has them, have beside their names

--- Whether methods are those of a value, or of what that has inherited them from.
---@param self any
---@param methods table
---@return boolean
function misuse.is_of(self, methods)
  return type(self) == "table" and self[MARK] == methods
end

--- Has methods say so where they are called with a dot, or of something else.
---@param methods table<string, function>
---@param object string
---@return table<string, function> methods
function misuse.guard(methods, object)
  for name, method in pairs(methods) do
    methods[name] = function(self, ...)
      if type(self) ~= "table" or self[MARK] ~= methods then
        error(misuse.needs_colon(object, name), 2)
      end
      return method(self, ...) -- a tail call: errors name the caller's line
    end
  end
  return setmetatable(methods, { __index = { [MARK] = methods } })
end

--- Whether a value is a time that passes.
---@param value any
---@return boolean
function misuse.is_period(value)
  return type(value) == "number" and value > 0 and value < math.huge
end

--- Raises where the caller of a store's method stands, if that has a key or seconds that none has.
---@param key any
---@param seconds any of `add`
---@param is_add boolean?
function misuse.check_key(key, seconds, is_add)
  if type(key) ~= "string" then
    error("store: key: a string was expected", 3)
  elseif is_add and not misuse.is_period(seconds) then
    error("store: seconds: a number of seconds was expected", 3)
  end
end

--- The same of a store's `update`, whose change is a function.
---@param key any
---@param change any
function misuse.check_change(key, change)
  if type(key) ~= "string" then
    error("store: key: a string was expected", 3)
  elseif type(change) ~= "function" then
    error("store: change: a function was expected", 3)
  end
end

--- What is wrong with a table of options: a name that is not known.
---@param given any
---@param known string[]
---@return string? message
---@return table read each of them, asked for once: a metatable may give another at each look
function misuse.of_options(given, known)
  if given == nil then
    return nil, {}
  elseif type(given) ~= "table" then
    return "options: must be a table", {}
  end
  local is_known = {}
  for _, name in ipairs(known) do
    is_known[name] = true
  end
  for name in pairs(given) do
    if not is_known[name] then
      local near = suggest.nearest(tostring(name), known)
      return ("'%s' is not known%s"):format(tostring(name),
        near and ("; did you mean '%s'?"):format(near) or ""), {}
    end
  end
  local read = {}
  for _, name in ipairs(known) do
    read[name] = given[name]
  end
  return nil, read
end

return misuse
