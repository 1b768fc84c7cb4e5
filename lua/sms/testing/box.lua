--- A sandbox as specs use it: what they ask of it, and what clients of it are given.

local clock = require "sms.runtime.clock"
local control = require "sms.testing.control"
local json = require "sms.base.json"
local misuse = require "sms.base.misuse"
local program = require "sms.testing.program"
local registry = require "sms.base.registry"
local runtime = require "sms.runtime"

local box = {}

-- As in an account whose webhooks are signed, in the way that clients have if nothing else is said.
local SETTINGS = { webhook_signature = "md5hash" }

-- What of a receipt is not one of its fields.
local OF_WEBHOOK = { url = true, form = true, signature = true, delay = true, spread = true,
  copies = true, fields = true }

local methods = {}

--- Options of clients; called with more of them, a copy that has these, too.
local Options = { __call = function(self, more)
  if more ~= nil and type(more) ~= "table" then
    error("options of a client: a table was expected", 2)
  end
  local all = {}
  for _, list in ipairs { self, more or {} } do
    for name, value in pairs(list) do
      all[name] = value
    end
  end
  return all
end }

--- Asks a control; what it refuses is raised where the method's caller stands.
local function ask(self, method, name, value)
  if not self.ask then
    error("this sandbox has been stopped", 3)
  end
  local answer, why = self.ask(method, name, value)
  if not answer then
    error(("the sandbox, asked for %s: %s"):format(name:match "^[a-z]+", why), 3)
  end
  return answer
end

local function lines_of(text)
  local list = {}
  for line in text:gmatch "[^\n]+" do
    list[#list + 1] = assert(json.decode(line))
  end
  return list
end

--- A table as JSON can say it; anything else is raised where the method's caller stands.
local function checked(self, given, what)
  if type(given) ~= "table" then
    error(what .. ": a table was expected", 3)
  end
  local plain, why = self.plain(given, what)
  if not plain then
    error(why, 3)
  end
  return plain
end

function methods:arrivals(operation)
  local list = {}
  for _, arrival in ipairs(lines_of(ask(self, "GET", "arrivals"))) do
    list[#list + 1] = (not operation or arrival.operation == operation) and arrival or nil
  end
  table.sort(list, function(a, b)
    return a.time < b.time
  end)
  return list
end

function methods:callbacks()
  return lines_of(ask(self, "GET", "callbacks"))
end

function methods:fault(given)
  ask(self, "POST", "faults", checked(self, given, "fault"))
end

function methods:clear_faults()
  ask(self, "DELETE", "faults")
end

function methods:settings(given)
  local changes = checked(self, given, "settings")
  if changes.clock_offset ~= nil then
    error("clock_offset: box:clock moves the time, for its clients too", 2)
  end
  ask(self, "POST", "settings", changes)
end

function methods:inbound(given)
  ask(self, "POST", "inbound", checked(self, given, "inbound"))
end

--- Gives a receipt what the message that it is about arrived with.
local function complete(fields, arrivals)
  for _, arrival in ipairs(arrivals) do
    if arrival.message_id == fields.messageId then
      fields.msisdn = fields.msisdn or arrival.to
      fields["client-ref"] = fields["client-ref"]
        or arrival.ref ~= arrival.to and arrival.ref or nil
      return
    end
  end
end

function methods:receipt(given)
  local receipt = checked(self, given, "receipt")
  local webhook, fields = { kind = "delivery_receipt" }, {}
  if receipt.fields ~= nil and type(receipt.fields) ~= "table" then
    error("receipt.fields: a table was expected", 2)
  end
  for name, value in pairs(receipt.fields or {}) do
    fields[name] = value
  end
  for name, value in pairs(receipt) do
    if OF_WEBHOOK[name] then
      webhook[name] = value
    else
      fields[name] = value
    end
  end
  if fields.messageId then
    complete(fields, lines_of(ask(self, "GET", "arrivals")))
  end
  webhook.fields = next(fields) and fields or nil
  ask(self, "POST", "webhooks", webhook)
end

function methods:clock(seconds)
  local is_number = type(seconds) == "number"
  if not is_number or seconds ~= seconds or seconds < 0 or seconds > 1e9 then
    error("clock: seconds were expected, from 0 on: time goes on and never back", 2)
  end
  local time = self.time
  local ahead = time.latest + seconds
  time.latest = ahead
  ask(self, "POST", "settings", { clock_offset = ahead })
  time.ahead = math.max(time.ahead, ahead)
  return ahead
end

--- Gives it the settings that it has from the start, and its time.
local function set(self)
  local all = { clock_offset = self.time.latest }
  for _, list in ipairs { SETTINGS, self.given } do
    for name, value in pairs(list) do
      all[name] = value
    end
  end
  return self.ask("POST", "settings", all)
end

function methods:reset()
  ask(self, "POST", "reset")
  set(self)
end

function methods:stop()
  if self.ask then
    self.ask = nil
    self.client:close()
    runtime.sweep()
    program.stop(self.running)
  end
end

misuse.guard(methods, "box")

local Box = { __name = "sms.testing.box", __index = methods, __close = methods.stop }

--- The options of a provider's clients.
local function options_of(self, provider)
  local options = { clock = self.time, slots_path = self.dir }
  for option, variable in pairs(provider.environment) do
    options[option] = self.running.variables[variable]
  end
  return setmetatable(options, Options)
end

--- Starts a sandbox.
---@param scripts string the folder of its scripts
---@param given { port: integer?, application: boolean?, settings: table? }
---@param plain fun(value: table, name: string): table?, string? its copy as JSON can say it, or why
--- there is none
---@return table? box
---@return string? why
function box.start(scripts, given, plain)
  local running, why = program.start(scripts, given)
  if not running then
    return nil, why
  end
  local self = setmetatable({ running = running, dir = running.dir, urls = running.urls,
    given = given.settings or {}, plain = plain,
    time = clock.new("@" .. running.dir:match "[^/]*$") }, Box)
  self.ask, self.client = control.new(running.urls.control)
  local _, refused = set(self)
  if refused then
    self:stop()
    return nil, "settings: " .. refused
  end
  for _, provider in ipairs(registry.list()) do
    self[provider.name] = options_of(self, provider)
  end
  return self
end

return box
