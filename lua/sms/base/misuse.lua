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

--- Has methods say so where they are called with a dot.
---@param methods table<string, function>
---@param object string
---@param has string a field that all that these methods are of have
---@return table<string, function> methods
function misuse.guard(methods, object, has)
  for name, method in pairs(methods) do
    methods[name] = function(self, ...)
      if type(self) ~= "table" or self[has] == nil then
        error(misuse.needs_colon(object, name), 2)
      end
      return method(self, ...) -- a tail call: errors name the caller's line
    end
  end
  return methods
end

--- What is wrong with a table of options: a name that is not known.
---@param given any
---@param known string[]
---@return string? message
function misuse.of_options(given, known)
  if given == nil then
    return nil
  elseif type(given) ~= "table" then
    return "options: must be a table"
  end
  local is_known = {}
  for _, name in ipairs(known) do
    is_known[name] = true
  end
  for name in pairs(given) do
    if not is_known[name] then
      local near = suggest.nearest(tostring(name), known)
      return ("'%s' is not known%s"):format(tostring(name),
        near and ("; did you mean '%s'?"):format(near) or "")
    end
  end
end

return misuse
