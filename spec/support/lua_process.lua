-- Runs Lua in a process of its own, with the interpreter and the paths of the running one.

local child = require "spec.support.child"

local lua_process = {}

local HIDDEN = { "RETARUS_USERNAME", "RETARUS_PASSWORD", "NEXMO_API_KEY", "NEXMO_API_SECRET",
  "NEXMO_SIGNATURE_SECRET", "NEXMO_SIGNATURE_METHOD", "NEXMO_APPLICATION_ID", "NEXMO_PRIVATE_KEY",
  "NEXMO_BASE_URL", "RETARUS_BASE_URL", "SMS_SANDBOX",
  "http_proxy", "https_proxy", "HTTPS_PROXY", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "no_proxy",
  "NO_PROXY" }

local function interpreter()
  local lowest = 0
  while arg and arg[lowest - 1] do lowest = lowest - 1 end
  return lowest < 0 and arg[lowest] or child.interpreter
end

--- The command that runs a file, with some environment variables; those the library reads
--- are not inherited.
function lua_process.command(file, environment, arguments)
  local words = { "env" }
  for _, name in ipairs(HIDDEN) do words[#words + 1] = "-u " .. name end
  words[#words + 1] = "LUA_PATH=" .. child.quoted(package.path)
  words[#words + 1] = "LUA_CPATH=" .. child.quoted(package.cpath)
  for name, value in pairs(environment or {}) do
    words[#words + 1] = name .. "=" .. child.quoted(value)
  end
  words[#words + 1] = interpreter()
  words[#words + 1] = child.quoted(file)
  for _, argument in ipairs(arguments or {}) do words[#words + 1] = child.quoted(argument) end
  return table.concat(words, " ")
end

local function write(name, text)
  local file = assert(io.open(name, "w"))
  file:write(text)
  file:close()
end

--- A new folder with a program in it, for the specs of a file or a `describe`; it is removed
--- after the last of them.
---@return string folder
---@return string name of the program's file
function lua_process.folder_for_specs(program)
  local pipe = assert(io.popen "mktemp -d -p /var/tmp")
  local folder = pipe:read()
  pipe:close()
  local name = folder .. "/program.lua"
  write(name, program)
  require "busted".teardown(function() os.execute("rm -r " .. child.quoted(folder)) end)
  return folder, name
end

--- Runs a program, after a command of the shell if one is given; what it prints, errors included.
function lua_process.run(program, environment, before)
  local name = os.tmpname()
  write(name, program)
  before = before and before .. "; " or ""
  local pipe = assert(io.popen(before .. lua_process.command(name, environment) .. " 2>&1"))
  local output = pipe:read "*a"
  pipe:close()
  os.remove(name)
  return output
end

return lua_process
