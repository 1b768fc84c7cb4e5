--- What is known of one call while it is made.

local core = require "sms.core"
local endpoint = require "sms.call.endpoint"
local events = require "sms.call.events"
local params = require "sms.wire.params"

local state = {}

--- A call whose params are checked, or written as a body already.
---@param self table the client
---@param operation table
---@param sent table params
---@param chosen table options of the call
---@param here table the runtime
---@param ends_at number? of the call which it is a part of, if it is
---@return table call
function state.new(self, operation, sent, chosen, here, ends_at)
  return {
    client = self,
    operation = operation,
    params = sent,
    chosen = chosen,
    body = nil, -- where it is written already
    host = nil, -- the only one to ask
    bulk = nil, -- what is asked for a call of send_all: { use, is_over, begin }
    extra = chosen.extra,
    texts = operation.texts and operation.texts(sent) or sent.text, -- no error may show them
    endpoint = self.endpoints[operation] or endpoint.of(self, operation),
    about = operation.remember and sent[operation.remember],
    runtime = here,
    attempt = 0,
    ends_at = ends_at or core.now() + chosen.deadline,
    waited = 0, -- seconds, for slots
  }
end

--- Lets repeats of the call be known again as such, where the provider does.
---@param call table changed
function state.trust_repeats(call)
  local operation = call.operation
  if operation.is_deduplicated then
    call.trusts = call.chosen.retry.trust_duplicate_detection
      and operation.is_deduplicated(call.params)
    call.trusted_until = core.now() + operation.trusted_for
    call.began_at = os.time()
  end
end

--- A call of the given params: written at once, in the usual case, else checked first.
---@param self table the client
---@param operation table
---@param given table?
---@param chosen table options of the call
---@param here table the runtime
---@return table? call
---@return table? err
function state.of_params(self, operation, given, chosen, here)
  local body = endpoint.body(self, operation, given, chosen)
  if body then
    local call = state.new(self, operation, given, chosen, here)
    call.body = body
    return call
  end
  local sent, err, warnings = params.check(self, operation, given, chosen.extra)
  if not sent then
    return nil, err
  end
  local call = state.new(self, operation, sent, chosen, here)
  state.trust_repeats(call)
  for _, warning in ipairs(warnings) do
    events.emit(call, { name = "warning", message = warning })
  end
  return call
end

return state
