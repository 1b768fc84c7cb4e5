--- `sms sandbox`: both providers on loopback, until Ctrl-C.

local children = require "sms_command.programs.children"
local installed = require "sms_command.programs.installed"
local outcome = require "sms_command.outcome"
local places = require "sms_command.places"

-- Of its URLs, to people: in the order of their ports.
local SHOWN = { "page", "control", "retarus", "retarus_send", "retarus_de2", "retarus_de1", "nexmo",
  "nexmo_rest", "nexmo_api" }

local sandbox = { name = "sandbox" }

sandbox.flags = { json = true }
sandbox.summary = "Play both providers on this machine, until Ctrl-C."

function sandbox.declare(parser)
  parser:option "--dir" :argname "DIR"
    :description "Folder for its files, which stays; otherwise one for this run alone."
  parser:option "--port" :argname "N" :convert(children.port)
    :description "Port of its page; 7 others (with --tls 14) follow. Otherwise free ones are found."
  parser:flag "--application"
    :description "With an application: send_voice speaks the Voice API then."
  parser:flag "--tls"
    :description "HTTPS beside HTTP, with a CA of its own (needs openssl)."
end

--- Starts it; where it does not start its script says why.
---@return table? urls by name
local function start(folder, dir, arguments)
  local words = { "sh", places.quoted(folder .. "/start"), "--until", children.own_process() }
  if arguments.port then
    words[#words + 1] = ("--port %d"):format(arguments.port)
  end
  if arguments.application then
    words[#words + 1] = "--application"
  end
  if arguments.tls then
    words[#words + 1] = "--tls"
  end
  words[#words + 1] = places.quoted(dir)
  local output, started = places.shell(children.before_nginx() .. table.concat(words, " "))
  local urls = {}
  for name, url in output:gmatch "([%w_]+)=([^\n]+)" do
    urls[name] = url
  end
  return started and urls or nil
end

local function show(session, dir, urls)
  if session.json then
    session.out:json { dir = dir, urls = urls }
  else
    session.err:line "Both providers on this machine, until Ctrl-C. In another terminal:"
    session.out:line("export SMS_SANDBOX=" .. (dir:find "[^%w/._-]" and places.quoted(dir) or dir))
    for _, name in ipairs(SHOWN) do
      session.out:line(("%-12s %s"):format(name, urls[name]))
    end
  end
end

local function is_running(dir)
  local file = io.open(dir .. "/nginx.pid")
  if file then
    file:close()
  end
  return file ~= nil
end

function sandbox.run(arguments, session)
  local folder = installed.sandbox()
  if not folder then
    return session.failed "the sandbox is not installed beside this command"
  end
  local dir = arguments.dir or children.new_folder()
  local urls
  local interrupted = children.guard(function()
    urls = start(folder, dir, arguments)
    if urls then
      dir = places.shell(("cd %s && pwd"):format(places.quoted(dir)))
      show(session, dir, urls)
      children.wait(function() return is_running(dir) end)
    end
  end, function()
    if urls then
      places.shell(("sh %s %s"):format(places.quoted(folder .. "/stop"), places.quoted(dir)))
    end
    if not arguments.dir then
      places.shell("rm -rf " .. places.quoted(dir))
    end
  end)
  if interrupted then
    return outcome.INTERRUPTED
  end
  return urls and session.failed "the sandbox has ended by itself" or outcome.FAILED
end

return sandbox
