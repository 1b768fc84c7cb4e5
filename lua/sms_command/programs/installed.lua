--- Where the command finds what it runs beside itself: in a checkout, or as a rock or cmake has
--- installed it.

local testing = require "sms.testing"

local installed = {}

local own = debug.getinfo(1, "S").source:match "^@(.-)/?sms_command/programs/[^/]*$"

--- The folder that has this room in it.
installed.lua = own == "" and "." or own

local function exists(path)
  local file = io.open(path)
  if file then
    file:close()
  end
  return file ~= nil
end

--- The folder of the sandbox's scripts, or nil.
---@return string?
installed.sandbox = testing.folder

--- Where the C module for nginx may be, whose Lua is LuaJIT: beside that of the Lua that runs this.
---@param working_folder string from which relative places count
---@return string cpath
---@return boolean is_there
function installed.cpath_of_nginx(working_folder)
  local names = _VERSION == "Lua 5.1" and { "%0" } or { "/5.1/", "/luajit/" }
  local entries, is_there = {}, false
  for entry in package.cpath:gmatch "[^;]+" do
    for _, name in ipairs(names) do
      local place = entry:gsub("/5%.%d/", name)
      place = place:find "^/" and place or working_folder .. "/" .. place
      is_there = is_there or exists((place:gsub("%?", "sms/core")))
      entries[#entries + 1] = place
    end
  end
  return table.concat(entries, ";"), is_there
end

return installed
