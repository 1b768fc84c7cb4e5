--- Options of the command line made of what operations declare, and params made of the options.
--- What a provider documents later is there as soon as it is declared: nothing here names a param.
---
---   local send_sms = arguments.operation("nexmo", "send_sms")
---   arguments.add_params(parser, send_sms, { to = true })       -- all but `to`
---   local params = arguments.params(given, send_sms)            -- { ["client-ref"] = "…" }
---
--- An option is spelt as the param (`--client-ref`, `--statusRequested`), or in small letters with
--- hyphens (`--status-requested`). Values stay texts: the library reads them. Flags take none:
--- `--flash`, `--no-flash`. Lists: the option several times. Tables: JSON, but for a record of
--- plain values: its fields are options.

local json = require "sms_command.json"
local sms = require "sms"

local arguments = {}

local PLAIN = { string = true, integer = true, number = true, digits = true, choice = true,
  set = true }
local FLAG = { boolean = true, flag = true }

--- An operation as it is declared.
---@param provider string
---@param name string
---@return table
function arguments.operation(provider, name)
  for _, operation in ipairs(sms.operations(provider)) do
    if operation.name == name then
      return operation
    end
  end
  error(("%s has no operation '%s'"):format(provider, name), 2)
end

local function is_plain(param)
  return PLAIN[param.type] or FLAG[param.type]
    or param.type == "array" and PLAIN[param.items.type] or false
end

--- Whether a record's fields are options of their own.
local function is_spread(param)
  if param.type ~= "record" then
    return false
  end
  for _, field in ipairs(param.fields) do
    if not is_plain(field) then
      return false
    end
  end
  return true
end

--- Calls `visit(param, target, parent)` for each param that is an option.
local function each_option(operation, skip, visit)
  for _, param in ipairs(operation.params) do
    local is_skipped = skip and skip[param.name]
    if not is_skipped and is_spread(param) then
      for _, field in ipairs(param.fields) do
        if not (skip and skip[field.name]) then
          visit(field, "param " .. field.name, param)
        end
      end
    elseif not is_skipped then
      visit(param, "param " .. param.name)
    end
  end
end

local function dashed(name)
  return (name:gsub("(%l)(%u)", "%1-%2"):gsub("[_ ]", "-"):lower())
end

--- The spellings of a param as an option, the provider's own first.
---@param name string
---@return string, string?
function arguments.spellings(name)
  local small = dashed(name)
  return "--" .. name, small ~= name and "--" .. small or nil
end

--- What may stand there, for the help.
local function words_of(param)
  local words = { param.help }
  if param.required then
    words[2] = "Required."
  end
  if param.words then
    words[#words + 1] = "One of " .. table.concat(param.words, ", ") .. "."
  elseif param.min and param.max then
    words[#words + 1] = ("%.0f to %.0f."):format(param.min, param.max)
  end
  return table.concat(words, " ")
end

local function add_flag(parser, param, target)
  local name, small = arguments.spellings(param.name)
  local flag = parser:flag(name):target(target):description(words_of(param))
    :action(function(result) result[target] = "true" end)
  local off = parser:flag("--no-" .. param.name):target(target):hidden(true)
    :action(function(result) result[target] = "false" end)
  if small then
    flag:hidden_name(small)
    off:hidden_name("--no-" .. small:sub(3))
  end
  return flag
end

local function add_value(parser, param, target)
  local name, small = arguments.spellings(param.name)
  local option = parser:option(name):target(target):description(words_of(param))
    :argname(is_plain(param) and "VALUE" or "JSON")
  if small then
    option:hidden_name(small)
  end
  if param.type == "array" and is_plain(param) then
    option:count "*"
  end
  option.words = param.words -- what docs/command/completion.lua offers
  return option
end

--- Adds the params of an operation to a parser. One that another operation has added there already
--- is that of both.
---@param parser table of argparse
---@param operation table of arguments.operation
---@param skip table<string, boolean>? params that are given in another way
---@return table[] options that were added
function arguments.add_params(parser, operation, skip)
  local there, added = {}, {}
  for _, option in ipairs(parser._options) do
    for _, alias in ipairs(option._aliases) do
      there[alias] = true
    end
  end
  each_option(operation, skip, function(param, target)
    if not there[(arguments.spellings(param.name))] then
      added[#added + 1] = (FLAG[param.type] and add_flag or add_value)(parser, param, target)
    end
  end)
  return added
end

--- The value of a param as the library takes it; nil where it was not given.
local function value_of(param, given)
  if given == nil or type(given) == "table" and #given == 0 then
    return nil
  elseif is_plain(param) then
    return given
  end
  local value, why = json.read(given)
  if value == nil then
    error({ misuse = ("%s: takes JSON: %s"):format(arguments.spellings(param.name), why) }, 0)
  end
  return value
end

--- The params that were given as options.
---@param given table what argparse has read
---@param operation table
---@return table
function arguments.params(given, operation)
  local params = {}
  each_option(operation, nil, function(param, target, parent)
    local value = value_of(param, given[target])
    if value ~= nil then
      local into = params
      if parent then
        params[parent.name] = params[parent.name] or {}
        into = params[parent.name]
      end
      into[param.name] = value
    end
  end)
  return params
end

--- The first option that was given and that an operation does not know; nil: there is none.
---@param given table
---@param operation table
---@return string? name as it is documented
function arguments.foreign(given, operation)
  local known, foreign = {}, {}
  each_option(operation, nil, function(_, target) known[target] = true end)
  for target, value in pairs(given) do
    local name = target:match "^param (.+)$"
    if name and not known[target] and not (type(value) == "table" and #value == 0) then
      foreign[#foreign + 1] = name
    end
  end
  table.sort(foreign)
  return foreign[1]
end

--- What an option takes that is a number.
---@param name string
---@return fun(text: string): number?, string?
function arguments.number(name)
  return function(text)
    local number = text:find "%d" and tonumber(text) or nil -- LuaJIT knows "nan" and "inf", too
    return number, not number and ("%s: must be a number"):format(name) or nil
  end
end

--- Adds `--provider`.
---@param parser table
---@return table option
function arguments.add_provider(parser)
  return parser:option "--provider":argname "NAME":choices { "nexmo", "retarus" }
    :description "nexmo or retarus; left out: SMS_PROVIDER, or the one there are credentials for."
end

return arguments
