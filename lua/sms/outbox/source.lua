--- `outbox:source { … }`: what send_all takes its items from. Each run of send_all is a worker of
--- its own; the label says nothing of who it is.

local misuse = require "sms.base.misuse"
local plain = require "sms.base.plain"
local queue = require "sms.outbox.queue"

local source = {}

--- What is for one provider is told invalid by a worker of another, and never sent.
local function open_queue(self, run)
  local adder = self.outbox.client
  if adder and adder.provider ~= run.client.provider then
    return nil, run.failure("invalid", ("the outbox is for %s"):format(adder.provider.name))
  end
  return queue.open(self, run)
end

local Source = {
  __name = "sms.outbox.source",
  open_queue = open_queue,
  without = {
    journal = "an outbox is the journal of its items",
    total = "nobody knows how many items an outbox will have",
  },
}

local OPTIONS = { "worker", "lease", "block" }

local LABEL_LONGEST = 200 -- bytes
local LEASE, LEASE_LEAST, LEASE_MOST = 30, 0.1, 3600 -- seconds

local function is_between(value, least, most)
  return type(value) == "number" and value >= least and value <= most
end

--- What is wrong with the options, or nil.
local function problem_of(given)
  if given.worker ~= nil
    and (type(given.worker) ~= "string" or #given.worker > LABEL_LONGEST) then
    return ("worker: a text of at most %d bytes was expected"):format(LABEL_LONGEST)
  elseif given.lease ~= nil and not is_between(given.lease, LEASE_LEAST, LEASE_MOST) then
    return ("lease: %s to %d seconds were expected"):format(plain.number("%g", LEASE_LEAST),
      LEASE_MOST)
  elseif given.block ~= nil and not is_between(given.block, 0, math.huge) then
    return "block: seconds were expected"
  end
end

--- What send_all takes of an outbox.
---@param outbox table
---@param given { worker: string?, lease: number?, block: number? }? `block`: seconds without
---  anything to do after which the loop ends
---@return table source
function source.new(outbox, given)
  local problem, options = misuse.of_options(given, OPTIONS)
  problem = problem or problem_of(options)
  if problem then
    error("outbox:source: " .. problem, 2)
  end
  local lease = options.lease or LEASE
  outbox.longest = math.max(outbox.longest, lease)
  return setmetatable({ outbox = outbox, worker = options.worker or "", lease = lease,
    block = options.block }, Source)
end

return source
