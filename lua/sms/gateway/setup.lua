--- What a gateway is made of and what a call of it may say: checks, and who is to be asked.
--- Answers with a message where the program is wrong.

local call_options = require "sms.call.options"
local registry = require "sms.base.registry"
local schema = require "sms.schema"
local schema_options = require "sms.schema.options"
local suggest = require "sms.base.suggest"

local setup = {}

local DEADLINE = 120 -- seconds for all providers together

local SAMPLE = { from = "Acme", to = "447700900000", text = "Hello" }

local CALL_OPTIONS = { "timeout", "deadline", "max_wait", "retry" }

--- The first name that is not among the known ones, in words; positions are no names.
local function unknown_name(given, known, positions)
  for name in pairs(given) do
    local is_known = type(name) == "number" and positions[name] ~= nil
    for _, other in ipairs(known) do
      is_known = is_known or name == other
    end
    if not is_known then
      local near = suggest.nearest(tostring(name), known)
      return ("'%s' is not known%s"):format(tostring(name),
        near and ("; did you mean '%s'?"):format(near) or "")
    end
  end
end

--- What is wrong with the further parameters of a provider, or nil.
local function own_problem(client, own)
  local name, form = client.provider.name, client.provider.message
  if own == nil then
    return nil
  elseif type(own) ~= "table" then
    return name .. ": a table of parameters was expected"
  end
  for _, chosen in ipairs(form.chosen) do
    if rawget(own, chosen) ~= nil then
      return ("%s.%s: is chosen by the message"):format(name, chosen)
    end
  end
  local params = form.params(SAMPLE, own, { encoding = "GSM-7", parts = 1 })
  local _, problems = schema.check(client.operations[form.operation], params, client.settings)
  local first = problems[1]
  return first and ("%s: %s: %s"):format(name, first.path, first.message)
end

local function is_client(value)
  return type(value) == "table" and type(value.provider) == "table"
    and value.provider.message ~= nil and value.operations ~= nil
end

local function read_clients(given, self)
  for i, client in ipairs(given) do
    if not is_client(client) then
      return ("entry %d is no client of %s"):format(i, registry.names "message")
    end
    local name = client.provider.name
    self.clients[i], self.is_mine[client] = client, true
    self.known[#self.known + 1], self.own[name] = name, given[name]
    local message = own_problem(client, given[name])
    if message then
      return message
    end
  end
end

--- Reads what a gateway is made of.
---@param given table
---@return table? self clients, is_mine, own, order, deadline
---@return string? message
function setup.read(given)
  if type(given) ~= "table" or given[1] == nil then
    return nil, "a list of clients was expected"
  end
  local self = { clients = {}, own = {}, is_mine = {}, known = { "order", "deadline" } }
  local message = read_clients(given, self) or unknown_name(given, self.known, self.clients)
  if message then
    return nil, message
  end
  self.order, self.deadline = given.order, given.deadline or DEADLINE
  if self.order ~= nil and type(self.order) ~= "function" then
    return nil, "order: a function was expected"
  elseif type(self.deadline) ~= "number" or self.deadline ~= self.deadline
    or self.deadline <= 0 then
    return nil, "deadline: a number of seconds was expected"
  end
  return self
end

--- Whom to ask for a message, in order.
---@return table[]? clients
---@return string? message
function setup.clients_for(self, message)
  local clients = self.order and self.order(message) or self.clients
  if type(clients) ~= "table" then
    return nil, "order: must give a list of clients of this gateway, or nil"
  end
  for _, client in ipairs(clients) do
    if not self.is_mine[client] then
      return nil, "order: must give a list of clients of this gateway, or nil"
    elseif client.closed then
      return nil, "a client of this gateway is closed"
    end
  end
  return clients
end

--- The options of a call, read once: a metatable may give another value each time.
---@return table? read
---@return string? message what is wrong with them
function setup.options_of(self, given)
  local read = type(given) == "table" and schema_options.without(given, {}) or given
  local _, message = call_options.for_call(self.clients[1].settings, {}, read)
  message = message or unknown_name(read, CALL_OPTIONS, {})
  if message then
    return nil, message
  end
  return read
end

return setup
