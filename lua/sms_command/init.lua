--- The command `sms`: reads its words, runs a subcommand, ends with an exit code. It stands on the
--- public functions of the library alone.

local commands = require "sms_command.commands"
local outcome = require "sms_command.outcome"
local output = require "sms_command.output"
local parser = require "sms_command.parser"
local sessions = require "sms_command.session"
local sms = require "sms"

local sms_command = {}

local function command_of(name)
  for _, command in ipairs(commands) do
    if command.name == name then
      return command
    end
  end
end

local function run(root, words, session)
  local given = parser.read(root, words)
  if given.version then
    session.out:line("sms " .. sms.version)
    return outcome.OK
  elseif given.command == "help" then
    session.out:line(parser.help(root, given.topic))
    return outcome.OK
  elseif not given.command then
    session.err:line(root:get_help())
    return outcome.MISUSE
  end
  session.json, session.dry_run, session.yes = given.json, given.dry_run, given.yes
  return command_of(given.command).run(given, session)
end

--- Says what was raised; the exit code.
local function end_of(raised, session)
  if raised == output.CLOSED then
    return outcome.CLOSED
  elseif outcome.is_interrupt(raised) then
    session.err:line "sms: interrupted"
    return outcome.INTERRUPTED
  elseif type(raised) ~= "table" then
    session.err:problem(raised)
    return outcome.FAILED
  elseif raised.shown then
    session.out:line(raised.shown)
    return outcome.OK
  elseif raised.failed then
    session.err:problem(raised.failed)
    return outcome.FAILED
  elseif not raised.misuse then
    session.err:problem(raised)
    return outcome.FAILED
  end
  session.err:problem(raised.misuse)
  if raised.at then
    local name = raised.at._parent and raised.at:_get_fullname(true) or ""
    session.err:line(("Try 'sms %s--help'."):format(name == "" and "" or name .. " "))
  end
  return outcome.MISUSE
end

--- Runs the command.
---@param arguments string[]
---@return integer code for the shell
function sms_command.main(arguments)
  local session = sessions.new()
  local words = {}
  for i, word in ipairs(arguments) do
    words[i] = word
  end
  local ok, code = pcall(function()
    return run(parser.new(commands), words, session)
  end)
  if not ok then
    local shown, other = pcall(end_of, code, session)
    if not shown then -- help that cannot be written
      shown, other = pcall(end_of, other, session)
    end
    code = shown and other or outcome.CLOSED
  end
  session.err:clear()
  session.close()
  return code
end

return sms_command
