--- What `add` is given: one item or a list, checked as send_all does where the outbox has a client,
--- and their keys.

local asking = require "sms.outbox.asking"
local checker = require "sms.bulk.items.checker"
local errors = require "sms.base.errors"
local keys = require "sms.outbox.keys"
local misuse = require "sms.base.misuse"
local sources = require "sms.bulk.items.source"

local given_items = {}

local OPTIONS = { "key", "priority", "not_before", "not_after" }
local LATEST = 9e9 -- seconds since 1970; exact as microseconds

local function is_time(value)
  return value == nil or type(value) == "number" and value >= 0 and value < LATEST
end

--- Whether it is a list of items; an item has names.
local function is_list(given)
  return given[1] ~= nil or next(given) == nil or type(next(given)) == "number"
end

--- A name in a list, where it is neither an item nor a list; table.pack has its count there.
local function name_in(list)
  for key in next, list do
    if type(key) == "string" and key ~= "n" then
      return key
    end
  end
end

--- What is wrong with the options, or nil.
local function problem_of(options, for_list)
  local kind = type(options.key)
  if for_list and options.key ~= nil and kind ~= "function" then
    return "key: of a list, a function was expected, which gives the key of an item"
  elseif options.key ~= nil and kind ~= "function" and not keys.text(options.key) then
    return "key: " .. select(2, keys.text(options.key))
  elseif options.priority ~= nil and options.priority ~= "high" and options.priority ~= "bulk" then
    return 'priority: "high" or "bulk" was expected'
  end
  for _, name in ipairs { "not_before", "not_after" } do
    if not is_time(options[name]) then
      return name .. ": a time in seconds since 1970 was expected"
    end
  end
  if options.not_before and options.not_after and options.not_after < options.not_before then
    return "not_after: lies before not_before"
  end
end

--- Reads how something is to be added.
---@param given any
---@param how any
---@return table? chosen with `is_list`
---@return string? message what is misused
function given_items.options(given, how)
  if type(given) ~= "table" or sources.is_iterator(given) then
    return nil, "an item or a list of items was expected"
  end
  local for_list = is_list(given)
  local problem, options = misuse.of_options(how, OPTIONS)
  problem = problem or problem_of(options, for_list)
  if problem then
    return nil, problem
  end
  return { is_list = for_list, key = options.key, priority = options.priority or "bulk",
    not_before = options.not_before, not_after = options.not_after }
end

--- The key of an item, as a text, and what is wrong with it.
local function key_of(item, chosen)
  local key = chosen.key
  if type(key) == "function" then
    key = key(item)
  end
  if key == nil then
    return nil
  end
  return keys.text(key)
end

--- Adds what is wrong with one item to the problems of all.
local function add_problems(problems, path, err)
  for _, problem in ipairs(err.problems or { { path = "", message = err.message } }) do
    local inner = problem.path
    problems[#problems + 1] = { message = problem.message,
      path = path == "" and inner or inner == "" and path or path .. "." .. inner }
  end
end

local function invalid(problems)
  local err = errors.invalid(problems)
  err.provider, err.operation = "outbox", "add"
  return err
end

--- Adds an item to those that were found, and what is wrong with it to the problems.
---@return string? why its key has no hash
local function add_item(found, problems, item, chosen, check)
  local place = #found + 1
  local err = check and check(item)
  if err then
    add_problems(problems, found.path(place), err)
  end
  local key, why = key_of(item, chosen)
  if why then
    add_problems(problems, found.path(place), { problems = { { path = "key", message = why } } })
  end
  local hash, unhashed
  if key then
    hash, unhashed = keys.hash(key)
  end
  found[place] = { item = item, key = key, hash = hash }
  return unhashed
end

--- Reads the items: `{ item, key, hash }` each, and `path(i)`, how one is called in problems.
---@param self table the outbox
---@param given table
---@param chosen table
---@return table? found
---@return table? err where any is invalid
function given_items.read(self, given, chosen)
  if chosen.is_list and name_in(given) then
    return nil, asking.failure("add", "invalid", "the list of items has names, as an item has")
  end
  local source = sources.new(chosen.is_list and given or { given })
  local check = self.client and checker.new(self.client)
  local found, problems = {}, {}
  function found.path(at)
    return chosen.is_list and ("items[%d]"):format(at) or ""
  end
  local item, err = source:next()
  while item do
    local unhashed = add_item(found, problems, item, chosen, check)
    if unhashed then
      return nil, asking.failure("add", "internal", unhashed)
    end
    item, err = source:next()
  end
  if err then
    return nil, asking.failure("add", err.kind, (err.message:gsub("of the source", "of the list")))
  elseif problems[1] then
    return nil, invalid(problems)
  end
  return found
end

return given_items
