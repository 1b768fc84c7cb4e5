--- Both providers on this machine, for specs: the sandbox, started and ended by them.
---
---   local testing = require "sms.testing"
---   local box = testing.start {}
---   local nexmo = sms.nexmo(box.nexmo)                    -- options of a client of it
---   local strict = sms.retarus(box.retarus { retry = false })   -- and more of them
---   box:fault { operation = "send_sms", kind = "lost_answer", count = 1 }
---   nexmo:send_sms { from = "Acme", to = "447700900000", text = "Hello" }
---   assert(#box:arrivals() == 1)
---   box:clock(60)                                         -- a minute later
---   box:stop()
---
--- It is a program of its own (nginx with its Lua module and lua-cjson), and ends at the latest
--- with the process that started it, however that ends. Several may run side by side. It is for
--- scripts: in an event loop its methods hold up the loop for as long as they take, and in nginx it
--- is not to be had.

require "sms" -- first: makes its providers

local box = require "sms.testing.box"
local installed = require "sms.testing.installed"
local misuse = require "sms.base.misuse"
local schema = require "sms.schema"

local testing = {}

local OPTIONS = { "application", "port", "settings" }

local TYPES = { application = "boolean", port = "number", settings = "table" }

--- What is wrong with the options, or nil.
local function misuse_of(given)
  local problem = misuse.of_options(given, OPTIONS)
  for name, kind in pairs(problem and {} or TYPES) do
    local value = given and given[name]
    if value ~= nil and type(value) ~= kind then
      return ("%s: a %s was expected"):format(name, kind)
    end
  end
  return problem
end

--- A table as JSON can say it: a copy, or why there is none.
local function plain(given, name)
  local record = { type = "record", fields = { { name, type = "any", table = true } } }
  local sent, problems = schema.check(record, { [name] = given })
  local problem = problems[1]
  if problem then
    return nil, ("%s: %s"):format(problem.path, problem.message)
  end
  return sent[name]
end

--- The folder of the sandbox's scripts: where this library is installed, or its checkout. Nil where
--- it has been installed without them.
---@return string? folder
function testing.folder(...)
  misuse.check_dot(testing, (...), "testing.folder")
  return installed.sandbox()
end

--- Starts a sandbox on free ports, and waits until it answers. Where it does not start, that is
--- raised in words: without nginx, its Lua module or lua-cjson there is nothing to test with.
---@param given? sms.box_options
---@return sms.box box
function testing.start(given)
  misuse.check_dot(testing, given, "testing.start")
  local problem = misuse_of(given)
  if problem then
    error("testing.start: " .. problem, 2)
  elseif rawget(_G, "ngx") then
    error("testing.start: a sandbox is started by a script, not in nginx", 2)
  end
  local scripts = installed.sandbox()
  if not scripts then
    error("testing.start: the sandbox is not installed beside this library (Debian has it as "
      .. "lua-sms-sandbox)", 2)
  end
  local made, why = box.start(scripts, given or {}, plain)
  if not made then
    error("testing.start: " .. why, 2)
  end
  return made
end

return testing
