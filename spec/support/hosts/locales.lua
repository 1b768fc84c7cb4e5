-- Locales of a host, made for the specs by localedef, of what the package locales has.

local child = require "spec.support.child"

local locales = {}

--- Makes locales, and says what to set LOCPATH to; `why` where the machine cannot make them.
---@param names string[] such as "de_DE.UTF-8"
---@return string? folder which the caller removes
---@return string? why
function locales.make(names)
  local folder = child.shell("mktemp -d").out:match "[^\n]+"
  for _, name in ipairs(names) do
    local place, charmap = name:match "^([^.]+)%.(.+)$"
    local made = child.shell(("localedef -i %s -f %s %s"):format(place, charmap,
      child.quoted(folder .. "/" .. name)))
    if made.status ~= 0 then
      child.shell("rm -r " .. child.quoted(folder))
      return nil, made.err
    end
  end
  return folder
end

return locales
