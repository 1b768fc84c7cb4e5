--- Makes docs/reference.md and lua/sms/meta.lua from what the providers declare, and
--- docs/architecture.svg from the code.
---
---   LUA_PATH="./lua/?.lua;./lua/?/init.lua;./?.lua;;" LUA_CPATH="./build/5.4/?.so;;" \
---     lua5.4 docs/generate.lua

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
