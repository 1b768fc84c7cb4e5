-- Whatever is done with items, in whatever order: the counts are right, and what waits stands in
-- one place.

local core = require "sms.core"
local outboxes = require "spec.support.outbox.outboxes"
local redis_server = require "spec.support.servers.redis_server"

local ROUNDS, ITEMS, STEPS = 5, 20, 40

local function any(list)
  return list[1 + math.floor(core.random() * #list)]
end

describe("The places of an outbox", function()
  local server, outbox, step, ids

  setup(function() server = redis_server.start(outboxes.DURABLE) end)
  teardown(function() server:stop() end)
  before_each(function()
    outbox = assert(outboxes.new(server))
    step, ids = outboxes.stepping(outbox), {}
  end)

  -- What may be done with an item of a state, and what it is then.
  local MOVES = {
    queued = {
      { "queued", function(id) return outbox:resend(id) end },
      { "taken", function(id) return step.take(id) end },
      { "not_sent", function(id) return outbox:cancel(id) end },
      { "not_sent", function(id) return outbox:erase(id) end },
    },
    taken = {
      { "begun", function(id) return step.begin(id) end },
      { "not_sent", function(id) return outbox:cancel(id) end },
      { "not_sent", function(id) return step.close(id, "not_sent") end },
    },
    begun = {
      { "begun", function(id) return outbox:cancel(id) end },
      { "begun", function(id) return outbox:settle(id, "accepted") end },
      { "accepted", function(id) return step.close(id, "accepted") end },
      { "ambiguous", function(id) return step.close(id, "ambiguous") end },
    },
    ambiguous = {
      { "ambiguous", function(id) return outbox:cancel(id) end },
      { "queued", function(id) return outbox:resend(id) end },
      { "rejected", function(id) return outbox:settle(id, "rejected") end },
      { "accepted", function(id) return step.close(id, "accepted") end }, -- its worker comes late
    },
    accepted = { { "accepted", function(id) return outbox:resend(id) end } },
    rejected = { { "rejected", function(id) return outbox:erase(id) end } },
    not_sent = { { "not_sent", function(id) return outbox:cancel(id) end } },
  }

  local function add(known)
    for _ = 1, ITEMS do
      local id = assert(outbox:add({ text = "x" }, { priority = any { "high", "bulk" },
        not_before = any { os.time() + 1000, os.time() - 1000 } })).id
      ids[#ids + 1], known[id] = id, "queued"
    end
  end

  --- In how many places an id stands where what waits stands.
  local function places_of(id)
    local count = 0
    for _, name in ipairs { "ready:high", "ready:bulk", "delayed:high", "delayed:bulk" } do
      count = count + (server:command("ZSCORE", outboxes.key(outbox, name), id) and 1 or 0)
    end
    for _, name in ipairs { "high", "bulk" } do
      for _, entry in ipairs(server:command("XRANGE", outboxes.key(outbox, name), "-", "+")) do
        count = count + (entry[2][2] == id and 1 or 0)
      end
    end
    return count
  end

  local function check(known)
    local counts = { queued = 0, taken = 0, begun = 0, ambiguous = 0 }
    for _, id in ipairs(ids) do
      local read, state = assert(outbox:result(id)), known[id]
      counts[state] = (counts[state] or 0) + 1
      assert.are.equal(state, read.outcome or read.state, id)
      assert.are.equal(state == "queued" and 1 or 0, places_of(id), id)
    end
    local status = assert(outbox:status())
    assert.same({ counts.queued, counts.taken, counts.begun, counts.ambiguous },
      { status.queued + status.delayed, status.taken, status.begun, status.ambiguous })
    assert.are.equal(counts.ambiguous, #outbox:ambiguous())
    assert.are.equal(counts.taken + counts.begun,
      server:command("ZCARD", outboxes.key(outbox, "leases")))
  end

  it("hold each item once, whatever is done", function()
    local known = {}
    for _ = 1, ROUNDS do
      add(known)
      for _ = 1, STEPS do
        local id = any(ids)
        local move = any(MOVES[known[id]])
        move[2](id)
        known[id] = move[1]
      end
      check(known)
    end
  end)
end)
