--- The first attempt of a call, in one pass in C (src/lua_exchange.c), where all is usual: the
--- slots are free, the request goes out, the reply is as documented and says yes. What ends
--- otherwise is read by sms.attempt.

local attempt = require "sms.attempt"
local core = require "sms.core"
local json = require "sms.json"
local outcome = require "sms.outcome"
local response = require "sms.response"
local way = require "sms.way"

local exchange = {}

local LEASE_RESERVE = attempt.LEASE_RESERVE

--- A function of a body and its status that gives the result where nothing is out of the
--- ordinary.
local function reader_of(operation)
  local is_documented, judge = response.reader(operation.returns), operation.judge
  local usual = operation.success and operation.success[1] or 200
  return is_documented and function(body, status)
    if status ~= usual and not outcome.is_success(operation, status) then
      return nil
    end
    local decoded, message = json.decode(body)
    if not message and is_documented(decoded) and not (judge and judge(decoded)) then
      return decoded
    end
  end
end

--- What makes the calls of an operation; false: they are not usual.
local function open(self, operation, known)
  local all = known.limits:in_one_pass()
  local is_usual = all and operation.body and operation.returns and known.auth ~= "bearer"
    and not (operation.ask or operation.adapt or self.settings.on_event)
  local read = is_usual and reader_of(operation)
  if not read then
    return false
  end
  local host = operation.hosts[1]
  local made = { ended = {} } -- exchanges, to be used again
  made.perform, made.submit, made.finish = core.exchange(way.head(self, operation, known, host),
    self.transports[host], all, read)
  return made
end

--- Makes the attempt of a call whose body is written, if all of it is usual and nobody waits
--- for slots.
---@param self table the client
---@param operation table
---@param body string
---@param chosen table of options.for_call
---@param here table the runtime
---@return any result nil where it ended otherwise, or was not made
---@return table? reply what came, where it was made
---@return table? claims its slots, given back
---@return number? taken when they were taken
function exchange.first(self, operation, body, chosen, here)
  local known = self.ways[operation]
  local usual = known.exchange
  if usual == nil then
    usual = open(self, operation, known)
    known.exchange = usual
  end
  if not usual or not here.exchange or not known.limits.queue:is_empty() then
    return nil
  end
  local time = chosen.timeout < chosen.deadline and chosen.timeout or chosen.deadline
  return here.exchange(usual, body, time, chosen.connect_timeout, time + LEASE_RESERVE)
end

return exchange
