-- Runs Lua programs as processes of their own, under the Lua that runs the specs.
--
--     local child = require "spec.support.child"
--     local ended = child.run("examples/send.lua", { "447700900000", "Hi" }, { LANG = "C" })
--     ended.status, ended.out, ended.err

local child = {}

child.interpreter = rawget(_G, "jit") and "luajit" or "lua" .. _VERSION:match "%d%.%d"

--- A text as one word of a shell command.
function child.quoted(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  os.remove(path)
  return text
end

--- Runs a shell command to its end.
---@return { status: integer, out: string, err: string }
function child.shell(command)
  local out, err = os.tmpname(), os.tmpname()
  local pipe = assert(io.popen(("(%s\n) >%s 2>%s </dev/null; echo $?"):format(command, out, err)))
  local status = tonumber(pipe:read "*a")
  pipe:close()
  return { status = status, out = read(out), err = read(err) }
end

--- The shell command that runs a Lua program; `environment` maps names to values, or to
--- `false` for what must not be set.
function child.command(program, arguments, environment)
  local unset, set, words = {}, {}, { child.interpreter, child.quoted(program) }
  for name, value in pairs(environment or {}) do
    if value then
      set[#set + 1] = name .. "=" .. child.quoted(value)
    else
      unset[#unset + 1] = "-u " .. name
    end
  end
  for _, argument in ipairs(arguments or {}) do
    words[#words + 1] = child.quoted(argument)
  end
  return ("env %s %s %s"):format(table.concat(unset, " "), table.concat(set, " "),
    table.concat(words, " "))
end

--- Runs a Lua program to its end.
function child.run(program, arguments, environment)
  return child.shell("exec " .. child.command(program, arguments, environment))
end

--- The names in a folder, in order.
function child.names_in(folder)
  local names = {}
  for name in child.shell("ls " .. child.quoted(folder)).out:gmatch "[^\n]+" do
    names[#names + 1] = name
  end
  return names
end

return child
