--- What is known of one call while it is made.

local core = require "sms.core"
local endpoint = require "sms.call.endpoint"
local events = require "sms.call.events"
local params = require "sms.wire.params"

local state = {}

local clock = core.now

--- The time by the clock of a call's client.
---@param call table
---@return number seconds of core.now(), and by how much that clock is ahead
function state.now(call)
  return clock() + call.client.clock.ahead
end

--- The time at which the slots of what has just ended were still in use: the latest that it may be.
---@param call table
---@return number
function state.ended(call)
  return clock() + call.client.clock.latest
end

--- The time of a client as seconds since 1970.
---@param self table the client
---@return integer
function state.date(self)
  return math.floor(os.time() + self.clock.ahead)
end

--- A call whose params are checked, or written as a body already.
---@param self table the client
---@param operation table
---@param sent table params
---@param chosen table options of the call
---@param here table the runtime
---@param ends_at number? of the call which it is a part of, if it is; of send_all, none yet
---@return table call
function state.new(self, operation, sent, chosen, here, ends_at)
  return {
    client = self,
    operation = operation,
    endpoint = self.endpoints[operation] or endpoint.of(self, operation),
    params = sent,
    chosen = chosen,
    runtime = here,
    attempt = 0,
    ends_at = ends_at or clock() + self.clock.ahead + chosen.deadline,
    now = false, -- the time, where it was just asked for
    waited = 0, -- seconds, for slots
    may_be_sent = false, -- something of the last attempt
    body = nil, -- where it is written already
    host = nil, -- the only one to ask
    bulk = nil, -- what is asked for a call of send_all: { use, is_over, begin }
    is_part = false,
    next_idle = false, -- there from the start: to let a call go needs no memory
  }
end

--- A call that has ended serves again: to make one costs as much as all that is done to claim
--- its slots. (Most calls come by here; a field set by a statement of its own takes the fewest
--- instructions of Lua's machine.)
local function again(known, given, chosen, here)
  local call = known.idle
  known.idle = call.next_idle
  call.params = given
  call.chosen = chosen
  call.runtime = here
  call.waited = 0
  call.may_be_sent = false
  local began = clock() + call.client.clock.ahead
  call.now = began
  call.ends_at = began + chosen.deadline
  return call
end

--- Keeps the memory of the long body of a call that has ended for the next one: what is not in
--- Lua's own is cheaper to come by, and no work for its collector.
---@param call table
function state.let_go_body(call)
  local body, known = call.body, call.endpoint
  if body and type(body) ~= "string" and not call.bulk then
    call.body = nil
    if known.place then
      body:drop()
    else
      known.place = body
    end
  end
end

--- Keeps a call that has ended as most do, its first attempt taken, for the next one; of others
--- the memory of their body.
---@param call table
function state.let_go(call)
  local body = call.body
  if call.attempt > 1 then
    state.let_go_body(call)
  elseif body and not (call.bulk or call.over) then
    local known = call.endpoint
    if type(body) ~= "string" then
      state.let_go_body(call)
    end
    call.params = nil -- nobody else's from now on
    call.body = nil
    call.next_idle = known.idle
    known.idle = call
  end
end

--- Whether the call ends where it stands, though neither sent nor answered yet.
---@param call table
---@return boolean?
function state.is_over(call)
  return call.client.closed or call.bulk and call.bulk.is_over()
end

--- The time runs in which the provider knows a repeat of the call as such, where it does.
---@param call table changed
---@param now number seconds of state.now
function state.begin_trust(call, now)
  local trusted_for = call.operation.trusted_for
  if trusted_for then
    call.began_at = state.date(call.client)
    call.trusted_until, call.trusted_until_wall = now + trusted_for, call.began_at + trusted_for
  end
end

--- Lets repeats of the call be known again as such, where the provider does.
---@param call table changed
function state.trust_repeats(call)
  local operation = call.operation
  if operation.is_deduplicated then
    call.trusts = call.chosen.retry.trust_duplicate_detection
      and operation.is_deduplicated(call.params)
    state.begin_trust(call, state.now(call))
  end
end

--- Until when a repeat of a call that may have been taken is known as such; nil where that does
--- not matter. The clock of all waiting stands still while a virtual machine is paused, so the
--- time of day is asked too: whichever says less holds.
---@param call table
---@param now number seconds of state.now
---@return number?
function state.trusted_until(call, now)
  if call.unclear and call.trusted_until then
    return math.min(call.trusted_until, now + call.trusted_until_wall - state.date(call.client))
  end
end

--- Writes a body; while that is done, nobody else has the place for it.
local function write_body(known, write, given)
  local place = known.place
  if not place then
    return write(given, known.may_misfit, place)
  end
  known.place = false
  local body = write(given, known.may_misfit, place)
  if body ~= place then
    known.place = place
  end
  return body
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
  local known = self.endpoints[operation] or endpoint.of(self, operation)
  local write = not chosen.is_checked and known.write
  local body = write and write_body(known, write, given)
  if body then
    local call = known.idle and again(known, given, chosen, here)
      or state.new(self, operation, given, chosen, here)
    call.body = body
    return call
  end
  local sent, err, warnings, settled = params.settled(self, operation, given, chosen)
  if not sent then
    return nil, err
  end
  local call = state.new(self, settled, sent, chosen, here)
  state.trust_repeats(call)
  for _, warning in ipairs(warnings) do
    events.emit(call, { name = "warning", message = warning })
  end
  return call
end

return state
