--- The tree of subcommands and options, made of what the modules in commands/ declare; and what
--- is said to a wrong one.

local argparse = require "argparse"
local credentials = require "sms_command.credentials"
local near = require "sms_command.near"
local outcome = require "sms_command.outcome"

local parser = {}

local SHARED = {
  { "--json", "json", "For programs: JSON, one value, or one a line where results come in turn." },
  { "--dry-run", "dry_run", "Show what would be sent, and send nothing." },
  { "--yes -y", "yes", "Do not ask." },
}

local WIDTH = 100

local function codes_text()
  local lines = { "Exit codes:" }
  for i, code in ipairs(outcome.CODES) do
    lines[i + 1] = ("   %3d  %s"):format(code[1], code[2])
  end
  return table.concat(lines, "\n")
end

local PLACES = [[
Credentials come from the environment (NEXMO_API_KEY, NEXMO_API_SECRET, RETARUS_USERNAME,
RETARUS_PASSWORD, …) or from ~/.config/sms/credentials, NAME=value lines with the same names,
which only its owner may read; never from arguments. SMS_SANDBOX=DIR sends to a sandbox instead.]]

--- Every parser of the tree shows its help in the same way: what main prints.
local function show_help_by_error(element)
  element:add_help { action = function()
    error({ shown = element:get_help() }, 0)
  end }
  for _, command in ipairs(element._commands) do
    show_help_by_error(command)
  end
end

--- Adds what all commands have: the flags, which are taken everywhere, since a script may add them
--- blindly. The help shows those that matter; of a command that has others within it, theirs do.
local function add_shared(made, shown)
  local has_commands = made._commands[1] ~= nil
  for _, flag in ipairs(SHARED) do
    -- argparse clears a target where a command within begins: what was said before it is kept.
    made:flag(flag[1]):target("flag " .. flag[2]):description(flag[3])
      :hidden(has_commands or not shown[flag[2]])
      :action(function(result) result[flag[2]] = true end)
  end
  if not made._epilog then
    made:epilog "Exit codes: 'sms --help' lists them."
  end
  for _, within in ipairs(made._commands) do
    add_shared(within, within.flags or shown)
  end
end

local function add_command(root, command)
  local made = root:command(command.name):summary(command.summary)
    :description(command.description or command.summary)
  command.declare(made)
  add_shared(made, command.flags or { json = true, dry_run = true, yes = true })
end

--- Makes the tree.
---@param commands table[]
---@return table root of argparse
function parser.new(commands)
  local root = argparse("sms", "Text messages and voice calls through Retarus and Nexmo (Vonage).")
  root:command_target "command":require_command(false):help_max_width(WIDTH)
    :usage_max_width(WIDTH):help_description_margin(30)
    :usage "usage: sms COMMAND [OPTIONS]":epilog(codes_text() .. "\n\n" .. PLACES)
  for _, command in ipairs(commands) do
    add_command(root, command)
  end
  local help = root:command "help":summary "Show the help of a command."
  help:argument "topic":args "*":description "The command."
  root:flag "--version":description "Show the version."
  show_help_by_error(root)
  return root
end

--- All spellings of the options that count where a parser is, or of its commands.
local function names_of(at, field)
  local names = {}
  while at do
    for _, element in ipairs(at[field]) do
      for _, alias in ipairs(element._public_aliases) do
        names[#names + 1] = alias
      end
    end
    at = field == "_options" and at._parent
  end
  return names
end

--- The words of argparse for what is wrong, with a better guess at what was meant.
local function reworded(message, at)
  message = message:gsub("\nDid you mean.*$", "")
  local option = message:match "^unknown option '(.*)'$"
  local command = message:match "^unknown command '(.*)'$"
  if command then
    return ("there is no command '%s'%s"):format(command, near.hint(command, names_of(at,
      "_commands")))
  elseif message == "too many arguments" then
    return "there is a word too many; a text of several words stands in quotes"
  elseif not option then
    return message
  end
  local hint = near.hint(option, names_of(at, "_options"))
  if hint == "" and not at._parent then
    hint = "; options come after the command"
  elseif hint == "" and not option:find "^%-%-" then
    hint = "; a text that begins with '-' comes after '--'"
  end
  return ("there is no option '%s'%s"):format(option, hint)
end

local SECRET = { "secret", "passw", "token", "privatekey", "apikey", "credential" }

--- Whether a parser or one of its commands has an option.
local function has_option(at, name)
  for _, option in ipairs(at._options) do
    for _, alias in ipairs(option._aliases) do
      if alias == name then
        return true
      end
    end
  end
  for _, command in ipairs(at._commands) do
    if has_option(command, name) then
      return true
    end
  end
  return false
end

--- The option among the words by which somebody means to give a secret, or nil. What the command
--- has as an option is none.
local function secret_among(root, words)
  for _, word in ipairs(words) do
    if word == "--" then
      return nil
    end
    local name = word:match "^%-%-([%w_%-]+)"
    local bare = name and name:lower():gsub("[-_]", "") or ""
    for _, part in ipairs(SECRET) do
      if bare:find(part, 1, true) and not has_option(root, "--" .. name) then
        return "--" .. name
      end
    end
    local variable = word:match "^([%u_]+)="
    if variable and credentials.is_secret(variable) then
      return variable
    end
  end
end

--- Reads the words of a command line. Raises `{ misuse, at }`, or `{ shown }` for help.
---@param root table
---@param words string[]
---@return table given
function parser.read(root, words)
  local secret = secret_among(root, words)
  if secret then
    error({ misuse = ("%s: secrets are not taken from arguments, which everybody on this machine "
      .. "can see; they come from the environment or from ~/.config/sms/credentials")
      :format(secret) }, 0)
  end
  function root.error(at, message)
    error({ misuse = reworded(message, at), at = at }, 0)
  end
  return root:parse(words)
end

--- The help of a command by its names: that of one within another has two; misuse where there is
--- none.
---@param root table
---@param names string[]
---@return string
function parser.help(root, names)
  local at = root
  for _, name in ipairs(names) do
    local found
    for _, command in ipairs(at._commands) do
      found = command._name == name and command or found
    end
    at = found or root.error(at, ("unknown command '%s'"):format(name))
  end
  return at:get_help()
end

return parser
