--- The first attempt of a call, in one pass in C (src/lua/exchange.c), where all is usual: the
--- params are in order, the slots are free, the request goes out, the reply is as documented
--- and says yes. What ends otherwise is read by sms.attempt.

local attempt = require "sms.call.attempt"
local core = require "sms.core"
local direct = require "sms.schema.writer"
local json = require "sms.base.json"
local plan = require "sms.schema.layout"
local queue = require "sms.limits.queue"
local way = require "sms.wire.way"

local exchange = {}

local OK = { 200 }

local is_empty = queue.is_empty

--- What makes the calls of an operation; false: they are not usual.
local function open(self, operation)
  local known = way.of(self, operation)
  local limits = known.limits:in_one_pass()
  local is_usual = limits and known.is_direct and operation.body and operation.returns
    and known.auth ~= "bearer" and not (operation.ask or operation.adapt or self.settings.on_event)
  local write = is_usual and plan.writer(operation)
  local read = write and plan.reader(operation.returns)
  if not read then
    return false
  end
  local host = operation.hosts[1]
  local made = core.exchange {
    head = way.head(self, operation, known, host),
    client = self.transports[host],
    limits = limits,
    write = write,
    may_misfit = self.settings.auto_unicode,
    rules = direct.rules(operation, self.settings),
    read = read,
    decode = json.decode_or_raise,
    judge = operation.judge,
    success = operation.success or OK,
    reserve = attempt.LEASE_RESERVE,
  }
  made.queue = known.limits.queue
  return made
end

--- Makes the attempt of a call, if all of it is usual and nobody waits for slots.
---@param self table the client
---@param operation table
---@param given table? params
---@param chosen table of options.for_call
---@param here table the runtime
---@return any result nil where it ended otherwise, or was not made
---@return table? reply what came, where it was made
---@return table? claims its slots, given back
---@return number? taken when they were taken
---@return string? body what was sent, if that is known
function exchange.first(self, operation, given, chosen, here)
  local usual = self.exchanges[operation]
  if usual == nil then
    usual = open(self, operation)
    self.exchanges[operation] = usual
  end
  if not usual or chosen.is_checked or not here.exchange or not is_empty(usual.queue) then
    return nil
  end
  return here.exchange(usual, given, chosen.attempt_time, chosen.connect_timeout)
end

return exchange
