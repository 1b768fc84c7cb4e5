--- The man page of the command, made of its argument tree.
---
--- argparse tells of a parser only whole texts of help; what they are made of is read from the
--- fields that it keeps them in.

local outcome = require "sms_command.outcome"
local words = require "docs.command.words"

local manual = {}

--- A text as roff takes it for what it says.
local function escaped(text)
  text = text:gsub("\\", "\\e"):gsub("%-", "\\-"):gsub("`([^`]+)`", "\\fB%1\\fR")
  return (text:gsub("^([.'])", "\\&%1"):gsub("\n([.'])", "\n\\&%1"))
end

local function name_of(element)
  return element._aliases and element._aliases[#element._aliases] or element._name
end

--- The subcommands that do something, those of a subcommand in its place.
local function leaves(parser, found)
  found = found or {}
  for _, command in ipairs(parser._commands) do
    if #command._commands > 0 then
      leaves(command, found)
    elseif command._name ~= "help" then -- which says what this page says
      found[#found + 1] = command
    end
  end
  return found
end

--- The options of a subcommand, those of the one that it belongs to among them.
local function options_of(command)
  local options = {}
  while command._parent do
    for _, option in ipairs(command._options) do
      options[#options + 1] = option
    end
    command = command._parent
  end
  return options
end

--- The options that all subcommands have, by name.
local function shared_by(commands)
  local counts, shared = {}, {}
  for _, command in ipairs(commands) do
    local names = {}
    for _, option in ipairs(options_of(command)) do
      names[name_of(option)] = true
    end
    for name in pairs(names) do
      counts[name] = (counts[name] or 0) + 1
    end
  end
  for name, count in pairs(counts) do
    shared[name] = count == #commands or nil
  end
  return shared
end

--- An option or argument with its description.
local function entry(element)
  local label = table.concat(element:_get_label_lines(), " "):gsub(" +", " ")
  local head, rest = label:match "^(%-.-)( [^-].*)$"
  if not head then
    head, rest = label, ""
  end
  if element._choices and head == label then
    head, rest = element._name, " " .. label
  end
  return (".TP\n\\fB%s\\fR%s\n%s\n"):format(escaped(head), escaped(rest),
    escaped(element:_get_description()))
end

--- Their entries, those of groups below the groups' names.
local function entries(list, left_out, groups)
  local parts, said, group_of, group = {}, {}, {}, nil
  for _, one in ipairs(groups or {}) do
    for _, element in ipairs(one) do
      group_of[element] = one.name
    end
  end
  for _, element in ipairs(list) do
    local name = name_of(element)
    if not element._hidden and not left_out[name] and not said[name] then
      if group_of[element] and group_of[element] ~= group then
        group = group_of[element]
        parts[#parts + 1] = (".PP\n\\fI%s:\\fR\n"):format(escaped(group))
      end
      parts[#parts + 1], said[name] = entry(element), true
    end
  end
  return table.concat(parts)
end

local function usage_of(command)
  local arguments = {}
  for _, argument in ipairs(command._arguments) do
    arguments[#arguments + 1] = " " .. argument:_get_usage()
  end
  return ("\\fB%s\\fR [options]%s"):format(escaped(command:_get_fullname()),
    escaped(table.concat(arguments)))
end

local function subcommand(command, shared)
  return (".SS %s\n%s\n%s%s"):format(usage_of(command),
    escaped(command._description or command._summary or ""),
    entries(command._arguments, {}), entries(options_of(command), shared, command._groups))
end

local function table_of(rows)
  local parts = {}
  for i, row in ipairs(rows) do
    parts[i] = (".TP\n\\fB%s\\fR\n%s\n"):format(escaped(tostring(row[1])), escaped(row[2]))
  end
  return table.concat(parts)
end

local function examples()
  local parts = {}
  for i, example in ipairs(words.examples) do
    parts[i] = ("%s:\n.PP\n.RS\n.nf\n%s\n.fi\n.RE\n.PP\n"):format(escaped(example[1]),
      escaped(example[2]))
  end
  return table.concat(parts)
end

local function paragraphs(texts)
  local parts = {}
  for i, text in ipairs(texts) do
    parts[i] = escaped(text) .. "\n"
  end
  return table.concat(parts, ".PP\n")
end

--- The options that each subcommand has, as the first has them.
local function shared_entries(commands, shared)
  local options = options_of(commands[1])
  local others = {}
  for _, option in ipairs(options) do
    others[name_of(option)] = not shared[name_of(option)] or nil
  end
  return entries(options, others)
end

--- The page.
---@param parser table the command's
---@return string roff
function manual.text(parser)
  local commands = leaves(parser)
  local shared = shared_by(commands)
  local parts = {
    '.\\" Made by docs/generate.lua of the command\'s argument tree; never edited.\n',
    ".TH SMS 1\n.SH NAME\nsms \\- ", escaped(words.summary), "\n.SH SYNOPSIS\n",
    "\\fBsms\\fR \\fIcommand\\fR [options]\n.SH DESCRIPTION\n", paragraphs(words.description),
    ".SH COMMANDS\n",
  }
  for _, command in ipairs(commands) do
    parts[#parts + 1] = subcommand(command, shared)
  end
  for _, section in ipairs {
    { "OPTIONS OF ALL COMMANDS", shared_entries(commands, shared) },
    { "EXIT STATUS", table_of(outcome.CODES) },
    { "ENVIRONMENT", table_of(words.environment) },
    { "FILES", table_of(words.files) },
    { "EXAMPLES", examples() },
  } do
    parts[#parts + 1] = (".SH %s\n%s"):format(section[1], section[2])
  end
  return table.concat(parts)
end

return manual
