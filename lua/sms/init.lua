--- SMS and voice calls through Retarus SMS for Applications and Nexmo (Vonage).
---
---   local sms = require "sms"
---   local nexmo = sms.nexmo { api_key = "…", api_secret = "…" }
---   local result, err = nexmo:send_sms { from = "Acme", to = "447700900000", text = "Hello" }

require "sms.runtime.loading" -- first: says why the C module cannot be loaded

local adapters = require "sms.report.adapters"
local core = require "sms.core"
local declared = require "sms.client.declared"
local doctor = require "sms.client.doctor"
local doctor_process = require "sms.client.doctor.process"
local errors = require "sms.base.errors"
local facade = require "sms.client.facade"
local gateway = require "sms.gateway"
local inbound = require "sms.incoming.inbound"
local misuse = require "sms.base.misuse"
local receipts = require "sms.incoming.receipts"
local registry = require "sms.base.registry"
local report = require "sms.report"
local runtime = require "sms.runtime"
local stores = require "sms.incoming.stores"

local sms = {}

sms.version = core.version
sms.nexmo = facade.of(require "sms.providers.nexmo")
sms.retarus = facade.of(require "sms.providers.retarus")
sms.adapters = adapters
sms.receipts, sms.inbound, sms.stores = receipts, inbound, stores

--- What this process has counted, and how things are: counts of calls by provider, operation, kind
--- and outcome, a histogram of how long requests take, slots that are used and free, and more.
---@param format "prometheus"|"openmetrics"|nil a text of that format
---@param given { outboxes: table[]? }? outboxes that are asked how many items they have
---@return table|string metrics
function sms.metrics(format, given)
  misuse.check_dot(sms, format, "sms.metrics")
  return report.metrics(format, given) -- a tail call: errors name the caller's line
end

--- What is set up here, and what is wrong with it, in words. Nothing is sent or asked, and no
--- secret is shown.
---@return { name: string, ok: boolean, message: string? }[] checks whose `tostring` is a text
function sms.doctor(...)
  misuse.check_dot(sms, (...), "sms.doctor")
  return doctor.list(doctor_process.checks())
end

--- Makes a gateway of clients, which stay the caller's: a message goes through the first that
--- takes it.
---@param given table clients in the order in which they are asked, and options
---@return table
function sms.gateway(given)
  misuse.check_dot(sms, given, "sms.gateway")
  return gateway.new(given) -- a tail call: errors name the caller's line
end

--- Whether a value is an error of this library: what calls return beside nil.
---@param value any
---@return boolean
function sms.is_error(value)
  misuse.check_dot(sms, value, "sms.is_error")
  return errors.is(value)
end

--- The operations of a provider as data: name, summary, `kind` ("reads" or "changes"), and params
--- with their types, words and limits. It is the caller's own copy.
---@param name string of the provider
---@return table[]
function sms.operations(name)
  misuse.check_dot(sms, name, "sms.operations")
  for _, provider in ipairs(registry.list()) do
    if provider.name == name then
      return declared.operations(provider)
    end
  end
  error(("sms.operations: there is no provider '%s'"):format(tostring(name)), 2)
end

--- What is wrong with the arguments of sms.all, or nil; how many may run at a time; and the
--- functions in a list of our own, whose length no metatable tells.
local function misuse_of_all(functions, given)
  if type(functions) ~= "table" then
    return "a list of functions was expected"
  end
  local list, count = {}, 0
  for place in pairs(functions) do
    count = type(place) == "number" and math.max(count, place) or count
  end
  for i = 1, count do
    list[i] = functions[i]
    if type(list[i]) ~= "function" then
      return ("entry %d is not a function"):format(i)
    end
  end
  local problem, options = misuse.of_options(given, { "in_flight" })
  local most = options.in_flight
  if most and (type(most) ~= "number" or most < 1 or most % 1 ~= 0) then
    return "in_flight: must be an integer from 1 on"
  end
  return problem, most, list
end

--- Runs functions side by side. What one raises is raised after the others have ended, as
--- `{ cause, results }`: what it raised, which `tostring` tells, and what the others returned.
---@param functions function[]
---@param given { in_flight: integer? }? how many run at a time; left out: all
---@return { [1]: any, [2]: any }[] results `{ result, err }` each, in order
function sms.all(functions, given)
  misuse.check_dot(sms, functions, "sms.all")
  local problem, most, list = misuse_of_all(functions, given)
  if problem then
    error("sms.all: " .. problem, 2)
  end
  return runtime.all(list, most)
end

--- In nginx: runs a function after the present phase, where calls can wait; for what is
--- sent from phases that cannot, and whose result is not needed there.
---@param body function
---@return boolean? ok
---@return table? err where nginx cannot
function sms.later(body)
  misuse.check_dot(sms, body, "sms.later")
  if not runtime.later then
    error("sms.later: there is nothing to wait for outside of nginx's phases; call it directly", 2)
  end
  return runtime.later(body)
end

--- From now on SIGTERM and Ctrl-C end loops of send_all, and not at once the process: nothing more
--- is taken, and what is in flight ends first. A second one ends the process.
---@return fun(): string? caught "TERM" or "INT" once one came
function sms.catch_signals(...)
  misuse.check_dot(sms, (...), "sms.catch_signals")
  if runtime.later then
    error("sms.catch_signals: nginx itself tells its workers to quit, and send_all hears of it", 2)
  end
  core.catch_signals()
  return core.caught_signal
end

--- What a text costs: alphabet, units and parts (3GPP TS 23.038 and 23.040).
---@param text string
---@return { encoding: string, units: integer, parts: integer, misfit: table? }? measured
---  `misfit` is the first character that does not fit GSM-7 and its byte position
---@return table? err where the text is not valid UTF-8
function sms.measure(text)
  misuse.check_dot(sms, text, "sms.measure")
  if type(text) ~= "string" then
    error("measure: a string was expected", 2)
  end
  local encoding, units, parts, position, length = core.measure(text)
  if not encoding then
    return nil, errors.here("invalid", "measure", ("not valid UTF-8 at byte %d"):format(units))
  end
  local misfit = position
    and { character = text:sub(position, position + length - 1), position = position }
  return { encoding = encoding, units = units, parts = parts, misfit = misfit }
end

return sms
