-- Runs the command `sms` as a process of its own, under the Lua that runs the specs, in an
-- environment that has nothing but what is given, and a HOME of its own.
--
--     local run = require "spec.support.runs.command"
--     local home = run.home()                          -- removed after the last spec of the file
--     local ended = run.sms({ "measure", "Hello" }, { HOME = home })
--     ended.status, ended.out, ended.err
--     run.sms({ "send", "-", "--to", n }, run.with(box, { HOME = home }), "the text")
--     run.with_account(box)                            -- as with real credentials

local child = require "spec.support.child"

local command = {}

command.program = os.getenv "SMS_TEST_COMMAND" or "bin/sms" -- ./dev coverage has another

--- A new folder for the specs of a file or a `describe`; it is removed after the last of them.
function command.home()
  local home = os.tmpname()
  os.remove(home)
  require "busted".teardown(function() os.execute("rm -rf " .. child.quoted(home)) end)
  os.execute("mkdir -p " .. child.quoted(home))
  return home
end

--- The shell command for some words.
---@param words string[]
---@param environment table<string, string>?
---@return string
function command.line(words, environment)
  local set = { "env", "-i" }
  local all = { PATH = os.getenv "PATH", LUA_PATH = package.path, LUA_CPATH = package.cpath }
  for _, name in ipairs { "ASAN_OPTIONS", "LD_PRELOAD", "TMPDIR", "SMS_NGINX",
    "SMS_NGINX_MODULES" } do
    all[name] = os.getenv(name)
  end
  for name, value in pairs(environment or {}) do
    all[name] = value
  end
  for name, value in pairs(all) do
    set[#set + 1] = name .. "=" .. child.quoted(value)
  end
  set[#set + 1] = child.interpreter .. " " .. command.program
  for _, word in ipairs(words) do
    set[#set + 1] = child.quoted(word)
  end
  return table.concat(set, " ")
end

--- Runs it to its end, with a text as its standard input.
---@return { status: integer, out: string, err: string }
function command.sms(words, environment, input)
  local line = command.line(words, environment)
  if not input then
    return child.shell("exec " .. line)
  end
  return child.shell(("printf %%s %s | %s"):format(child.quoted(input), line))
end

local function merged(environment, more)
  for name, value in pairs(more or {}) do
    environment[name] = value or nil
  end
  return environment
end

--- An environment in which a sandbox takes the place of the providers.
---@param box table of spec.support.servers.sandbox
---@param more table<string, string|false>?
---@return table<string, string>
function command.with(box, more)
  return merged({ SMS_SANDBOX = box.dir }, more)
end

local accounts = 0

--- An environment as of real accounts, which a sandbox plays: with credentials of their own, since
--- runs with the same ones share slots of the rate limit on this machine. It changes the settings
--- of the sandbox.
---@param box table of spec.support.servers.sandbox
---@param more table<string, string|false>?
---@return table<string, string>
function command.with_account(box, more)
  accounts = accounts + 1
  local name = ("a%s%d"):format(child.shell("od -An -N6 -tx1 /dev/urandom").out:gsub("%s", ""),
    accounts)
  box:settings { nexmo_key = name, retarus_username = name }
  return merged({ NEXMO_API_KEY = name, NEXMO_API_SECRET = "Secret0123456789",
    RETARUS_USERNAME = name, RETARUS_PASSWORD = "pass",
    NEXMO_BASE_URL = box.urls.nexmo, RETARUS_BASE_URL = box.urls.retarus }, more)
end

return command
