--- What nginx runs for `sms webhook listen`: says what comes, a webhook with its fields or one
--- line of JSON, and on the standard error what is refused.

local credentials = require "sms_command.credentials"
local ffi = require "ffi"
local json = require "sms_command.json"
local nginx = require "sms.nginx"
local output = require "sms_command.output"
local sms = require "sms"

local ngx = ngx -- luacheck: ignore

ffi.cdef "int getpid(void); int kill(int process, int signal); int dup2(int from, int to);"

local TERM = 15
local TERMINAL, ERR = 3, 2 -- the command's standard error, and this process's
local KINDS = { "delivery_receipt", "inbound_sms", "voice", "other" }

local webhook_server = {}

local settings, handle -- what start was given, and what it has made of it

local function touch(name)
  local file = assert(io.open(ngx.config.prefix() .. name, "w"))
  file:write "\n"
  file:close()
end

local function finish()
  ffi.C.kill(ffi.C.getpid(), TERM)
end

local function text_of(read)
  local names, lines = {}, {}
  for name in pairs(read.fields) do
    names[#names + 1] = name
  end
  table.sort(names)
  lines[1] = ("%s  %s  %s"):format(os.date "%H:%M:%S", read.kind,
    read.signed and "signed" or "not signed")
  for _, name in ipairs(names) do
    local value = read.fields[name]
    value = type(value) == "table" and json.text(value) or output.shown(value)
    lines[#lines + 1] = ("  %-20s %s"):format(name, value)
  end
  return table.concat(lines, "\n")
end

--- Says a webhook; where nobody reads any more, that is all there was to do.
local function say(_, read)
  local text = settings.json
    and json.text { kind = read.kind, signed = read.signed, fields = read.fields }
    or text_of(read)
  if not (io.stdout:write(text, "\n") and io.stdout:flush()) then
    touch "closed"
    finish()
  end
end

local function end_without(command)
  local file = io.open("/proc/" .. command .. "/stat")
  local state = file and file:read("*a"):match ".*%) (%a)"
  if file then
    file:close()
  end
  if not state or state == "Z" then
    finish()
  end
end

local function new_handler()
  local values, on = credentials.sandbox() and {} or assert(credentials.read()), {}
  for _, kind in ipairs(KINDS) do
    on[kind] = say
  end
  return nginx.handler { client = sms.nexmo(credentials.options(values, "nexmo")), on = on }
end

--- What nginx logs, which here is the command's alone, is said to its user.
local function tell(_, ...)
  local parts = { ... }
  for i, part in ipairs(parts) do
    parts[i] = output.shown(part)
  end
  io.stderr:write("sms: ", table.concat(parts), "\n")
end

--- Called once, before anything is taken.
---@param given { command: integer, json: boolean } `command`: the process with which this ends
function webhook_server.start(given)
  settings, handle = given, new_handler()
  ngx.log = tell -- luacheck: ignore
  ngx.timer.every(1, function() end_without(given.command) end)
  ffi.C.dup2(TERMINAL, ERR)
  touch "ready"
end

--- Answers a webhook.
function webhook_server.handle()
  return handle()
end

return webhook_server
