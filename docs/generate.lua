--- Makes docs/reference.md and lua/sms/meta.lua from what the providers declare,
--- docs/architecture.svg from the code, and the command's man page and completions from its tree of
--- arguments.
---
---   LUA_PATH="./lua/?.lua;./lua/?/init.lua;./?.lua;;" LUA_CPATH="./build/5.4/?.so;;" \
---     lua5.4 docs/generate.lua

local commands = require "sms_command.commands"
local completion = require "docs.command.completion"
local parser = require "sms_command.parser"
local registry = require "sms.base.registry"

require "sms" -- makes its providers

local providers = registry.list()

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

write("docs/reference.md", require("docs.reference").text(providers))
write("lua/sms/meta.lua", require("docs.types").text(providers))
write("docs/architecture.svg", require("docs.architecture").svg())
write("docs/command/sms.1", require("docs.command.manual").text(parser.new(commands)))
write("docs/command/sms.bash", completion.text(parser.new(commands), "bash"))
write("docs/command/_sms", completion.text(parser.new(commands), "zsh"))
