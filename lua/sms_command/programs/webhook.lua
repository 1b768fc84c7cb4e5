--- `sms webhook listen`: says what comes to a port, signatures checked, until Ctrl-C.

local children = require "sms_command.programs.children"
local webhook_conf = require "sms_command.programs.webhook_conf"
local credentials = require "sms_command.credentials"
local installed = require "sms_command.programs.installed"
local outcome = require "sms_command.outcome"
local output = require "sms_command.output"
local places = require "sms_command.places"

-- What nginx keeps of the environment.
local KEPT = { "HOME", "PATH", "SMS_SANDBOX", "XDG_CONFIG_HOME" }
for name in pairs(credentials.NAMES.nexmo) do
  KEPT[#KEPT + 1] = name
end
table.sort(KEPT)

local TRIES = 100 -- to end it, 50 ms apart

-- Runs nginx in a session of its own, which Ctrl-C does not reach: this process ends it. It stays
-- in the present folder, where the environment's paths begin.
local START = [[
dir=$(cd %s && pwd) || exit 1
setsid %s -p "$dir/" -e "$dir/error.log" -c "$dir/nginx.conf" </dev/null 3>&2 2>"$dir/start.log" &
echo $! >"$dir/started"
while kill -0 $! && [ ! -e "$dir/ready" ]; do sleep 0.02; done 2>/dev/null
[ -e "$dir/ready" ]
]]

local webhook = { name = "webhook" }

webhook.flags = { json = true }
webhook.summary = "Take webhooks, to try them out."

function webhook.declare(parser)
  parser:command_target "action"
  local listen = parser:command "listen"
    :summary "Print what comes to a port, until Ctrl-C."
    :description("Print what comes to a port, until Ctrl-C: Nexmo's webhooks, whose signatures are "
      .. "checked where NEXMO_SIGNATURE_SECRET is set.")
  listen:option "--port" :argname "N" :default "8080" :convert(children.port)
    :description "The port."
  listen:option "--address" :argname "ADDRESS" :default "127.0.0.1"
    :convert(function(text)
      return text:match "^[%d.]+$" or text:match "^%[[%x:.]+%]$", "that is no address: "
        .. "127.0.0.1, 0.0.0.0 or [::1] is"
    end)
    :description "Where it is to be heard: 0.0.0.0 is all of this machine's."
end

--- The program, and the lines that load its modules.
local function find_nginx()
  local folder = installed.sandbox()
  if not folder then
    error({ failed = "the sandbox, whose nginx this needs, is not installed beside this command" },
      0)
  end
  local found, is_well = places.shell("sh " .. places.quoted(folder .. "/nginx"))
  if not is_well then
    error({ failed = "there is no nginx with Lua" }, 0)
  end
  return found:match "^[^\n]*", found:match "\n(.*)$" or ""
end

local function write_configuration(dir, modules, arguments, session)
  local working_folder = places.shell "pwd"
  local lua = installed.lua:find "^/" and installed.lua or working_folder .. "/" .. installed.lua
  local cpath, is_there = installed.cpath_of_nginx(working_folder)
  if not is_there then
    error({ failed = "nginx runs LuaJIT, and the library is not there for it: install it for "
      .. "Lua 5.1, too" }, 0)
  end
  local file = assert(io.open(dir .. "/nginx.conf", "w"))
  file:write(webhook_conf.text {
    modules = modules, dir = dir, environment = KEPT, cpath = cpath .. ";;",
    path = ("%s/?.lua;%s/?/init.lua;;"):format(lua, lua), process = children.own_process(),
    json = session.json, address = arguments.address, port = arguments.port,
  })
  file:close()
end

local function first_line(path)
  local file = io.open(path)
  local line = file and file:read "*l"
  if file then
    file:close()
  end
  return line
end

local function lives(pid)
  local stat = first_line(("/proc/%s/stat"):format(pid))
  return stat ~= nil and not stat:find "%) Z "
end

local function stop(dir)
  local pid = first_line(dir .. "/started")
  for _ = 1, pid and TRIES or 0 do
    if not lives(pid) then
      return
    end
    places.shell(("kill %s; sleep 0.05"):format(pid))
  end
end

--- Runs nginx, as long as it lives.
local function listen(dir, arguments, session)
  local nginx, modules = find_nginx()
  write_configuration(dir, modules, arguments, session)
  local started = os.execute(children.before_nginx()
    .. START:format(places.quoted(dir), places.quoted(nginx)))
  if started ~= true and started ~= 0 then -- in 5.4, in LuaJIT
    local why = first_line(dir .. "/start.log") or first_line(dir .. "/error.log") or "it was ended"
    error({ failed = "nginx does not start: " .. why }, 0)
  end
  session.err:line(("Listening on http://%s:%d/ until Ctrl-C."):format(arguments.address,
    arguments.port))
  local pid = first_line(dir .. "/started")
  children.wait(function() return lives(pid) end)
end

--- Says so where no signature can be checked.
local function warn(session)
  if not credentials.sandbox()
    and not credentials.value(credentials.read() or {}, "NEXMO_SIGNATURE_SECRET") then
    session.err:line "sms: NEXMO_SIGNATURE_SECRET is not set: signatures are not checked"
  end
end

function webhook.run(arguments, session)
  session.client "nexmo" -- says what credentials lack, before anything is started
  warn(session)
  local dir, was_closed = children.new_folder(), nil
  local interrupted = children.guard(function()
    listen(dir, arguments, session)
  end, function()
    stop(dir)
    was_closed = first_line(dir .. "/closed") ~= nil
    places.shell("rm -rf " .. places.quoted(dir))
  end)
  if interrupted then
    return outcome.INTERRUPTED
  elseif was_closed then
    error(output.CLOSED, 0)
  end
  return session.failed "nginx has ended by itself"
end

return webhook
