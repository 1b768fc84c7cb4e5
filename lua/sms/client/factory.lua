--- Makes clients: reads credentials and options, opens what a client holds, and gives it
--- the provider's operations as methods.

local abandoned = require "sms.client.abandoned"
local account_limits = require "sms.client.account_limits"
local bulk = require "sms.bulk"
local call = require "sms.call"
local call_options = require "sms.call.options"
local clock = require "sms.runtime.clock"
local counters = require "sms.call.counters"
local each = require "sms.bulk.each"
local events = require "sms.call.events"
local follow = require "sms.bulk.follow"
local misuse = require "sms.base.misuse"
local operations = require "sms.client.operations"
local preview = require "sms.call.preview"
local reading = require "sms.client.reading"
local retry = require "sms.wire.retry"
local runtime = require "sms.runtime"
local secrets = require "sms.client.secrets"
local transports = require "sms.client.transports"
local webhook = require "sms.incoming.webhook"

local factory = {}

local budgets = {} -- of repeats, by provider and identity

local function budget_of(key)
  budgets[key] = budgets[key] or retry.new_budget()
  return budgets[key]
end

--- The options of one call; misuse is raised where the caller's caller stands.
local function chosen_for(self, operation, given)
  if self.closed then
    error("this client is closed", 3)
  end
  local chosen, message = call_options.for_call(self.settings, operation, given)
  if not chosen then
    error(message, 3)
  elseif given == nil then
    self.usual[operation] = chosen
  end
  return chosen
end

--- What every client has beside its provider's operations.
local common = { abandoned = abandoned }

function common:close()
  if self.closed then
    return
  end
  self.closed, self.usual = true, {}
  counters.clients[self] = nil
  self.credentials:close()
  account_limits.close(self)
  for _, transport in pairs(self.transports) do
    transport:close()
  end
  runtime.sweep(self.settings.runtime)
end

--- The last warnings, the oldest first.
function common:warnings()
  return events.warnings(self)
end

--- Whether the credentials work: `true`, or `nil, err`.
function common:check(given)
  local operation = self.operations[self.provider.check]
  local chosen = chosen_for(self, operation, given)
  local result, err = call.make(self, operation, self.provider.check_params, chosen)
  if not result then
    return nil, err
  end
  return true
end

--- The operation of a name; misuse is raised where the caller's caller stands.
local function named(self, name)
  if self.closed then
    error("this client is closed", 3)
  end
  local operation = self.operations[name]
  if not operation then
    error(("'%s' is not an operation of %s"):format(tostring(name), self.provider.name), 3)
  end
  return operation
end

--- The request that a call would send, secrets masked: method, url, headers, body.
function common:prepare(name, params)
  local operation = named(self, name)
  return preview.of(self, operation, params, chosen_for(self, operation))
end

--- Iterates over the items of all pages: `for item, err in client:each(…)`.
function common:each(name, params, given)
  local operation = named(self, name)
  if not operation.paging then
    error(("'%s' gives no list"):format(name), 2)
  end
  return each.items(self, operation, params, chosen_for(self, operation, given))
end

--- Sends all items of a source: `for item, result, err in client:send_all(…)`. In Lua 5.4
--- the loop itself closes what it leaves early.
function common:send_all(source, given)
  if self.closed then
    error("this client is closed", 2)
  end
  local run, message = bulk.new(self, source, given)
  if not run then
    error(message, 2)
  end
  return run, nil, nil, run
end

--- Iterates over the changes of what was sent until it has reached its end, for providers
--- that have it: `for recipient, err in client:follow(id, …)`.
local function follow_changes(self, id, given)
  if self.closed then
    error("this client is closed", 2)
  end
  local chosen, message = follow.options(given)
  if not chosen then
    error(message, 2)
  end
  return follow.changes(self, id, chosen)
end

--- Opens its limits, counts it, and warns of what is risky about it.
local function begin(self, given)
  local function warn(text)
    events.emit({ client = self }, { name = "warning", message = text })
  end
  if self.settings.insecure then
    warn("insecure: TLS certificates are not verified")
  end
  local ok, why = account_limits.open(self, given, warn)
  if ok then
    counters.begin(self)
  end
  return ok, why
end

local function new_client(provider, class, given)
  local settings, found, half, rehearses = reading.read(provider, given)
  if not settings then
    return nil, found
  end
  local credentials, name, identity = secrets.hold(provider, found)
  if not credentials then
    return nil, name
  end
  local opened, proxied = transports.open(settings, credentials)
  if not opened then
    return nil, proxied
  end
  local time = settings.clock or clock.OF_MACHINE
  local key = provider.name .. ":" .. name .. time.mark
  local self = {
    provider = provider,
    settings = settings,
    clock = time,
    rehearses = rehearses,
    identity = identity,
    credentials = credentials,
    key = key,
    signs = found.signature ~= nil,
    lacking = operations.lacking(provider, found),
    budget = budget_of(key),
    warned = {}, -- its last warnings: sms.call.events
    transports = opened,
    proxied = proxied, -- by host, where a proxy is between: "tunnel" or "relay"
    endpoints = {}, -- of operations: sms.call.endpoint
    usual = {}, -- the options of calls without options of their own
    known_hosts = {}, -- by what is there: sms.call.hosts
    known_count = 0,
  }
  self.operations = operations.of(self, found.private_key ~= nil, half)
  local ok, why = begin(self, given)
  return ok and setmetatable(self, class), why
end

--- The method of an operation.
local function method_of(provider, name, methods)
  return function(self, params, given)
    if not misuse.is_of(self, methods) then
      error(misuse.needs_colon(provider.name, name), 2)
    end
    local own = self.operations[name]
    local chosen = given == nil and self.usual[own]
    if not chosen then
      chosen = chosen_for(self, own, given)
    end
    return call.make(self, own, params, chosen)
  end
end

--- The metatable of a provider's clients: its operations and the common methods.
local function class_of(provider)
  local methods = {}
  for name, method in pairs(common) do
    methods[name] = method
  end
  for name, method in pairs(webhook.methods(provider)) do
    methods[name] = method
  end
  methods.follow = provider.follow and follow_changes
  misuse.guard(methods, provider.name)
  methods.request = method_of(provider, "request", methods)
  for _, operation in ipairs(provider.operations) do
    methods[operation[1]] = method_of(provider, operation[1], methods)
  end
  local name = "sms." .. provider.name
  return {
    __name = name,
    __index = methods,
    __close = common.close,
    __tostring = function()
      return name .. " client"
    end,
  }
end

--- What makes clients of a provider.
---@param provider table
---@return fun(given: table): table?, string? make gives a client, or nil and what is wrong
function factory.of(provider)
  local class = class_of(provider)
  return function(given)
    return new_client(provider, class, given)
  end
end

return factory
