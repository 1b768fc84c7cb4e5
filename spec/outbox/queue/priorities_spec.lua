-- What goes first, and when a job goes.

local core = require "sms.core"
local outboxes = require "spec.support.outbox.outboxes"
local redis_server = require "spec.support.servers.redis_server"
local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"
local socket = require "socket"
local texts = require "spec.support.texts"
local wire = require "spec.support.wire"

local item, list_of = texts.item, texts.list_of

local function recipient(i)
  return { text = "Hello", dst = ("4917212345%03d"):format(i), customerRef = "r" .. i }
end

describe("Items of an outbox", function()
  local box = sandbox.for_specs()
  local server, outbox

  setup(function() server = redis_server.start(outboxes.DURABLE) end)
  teardown(function() server:stop() end)
  before_each(function() outbox = assert(outboxes.new(server)) end)

  it("go in their order, the high ones before the others", function()
    assert(outbox:add(list_of(6)))
    for i = 7, 9 do assert(outbox:add(item(i), { priority = "high" })) end
    local order = {}
    for sent in wire.nexmo(box):send_all(outbox:source { block = 0 }, { in_flight = 1 }) do
      order[#order + 1] = sent["client-ref"]:sub(2)
    end
    assert.equal("7 8 9 1 2 3 4 5 6", table.concat(order, " "))
  end)

  it("that were taken and given back keep their place", function()
    assert(outbox:add(list_of(8)))
    local nexmo = wire.nexmo(box)
    local run = nexmo:send_all(outbox:source {}, { in_flight = 4 })
    run()
    run:close()
    local sent = box:count()
    assert(outbox:add(item(9)))
    local order = {}
    for one in nexmo:send_all(outbox:source { block = 0 }, { in_flight = 1 }) do
      order[#order + 1] = tonumber(one["client-ref"]:sub(2))
    end
    assert.equal(9 - sent, #order)
    for i = 2, #order do assert.is_true(order[i - 1] < order[i], table.concat(order, " ")) end
  end)

  it("of high priority go before those that wait for slots", function()
    local nexmo = wire.nexmo(box, { rate_limit = { calls = 2, period = 1 },
      api_key = "high" .. core.random() })
    box:settings { nexmo_key = nexmo.identity }
    assert(outbox:add(list_of(6)))
    local order = {}
    for sent in nexmo:send_all(outbox:source { block = 0 }, { in_flight = 4, use = 0.5 }) do
      order[#order + 1] = sent["client-ref"]:sub(2)
      if #order == 1 then
        for i = 7, 8 do assert(outbox:add(item(i), { priority = "high" })) end
      end
    end
    assert.equal("1 7 8", table.concat(order, " ", 1, 3))
    assert.equal(8, #order)
  end)

  it("of high priority are left to others but for a few", function()
    assert(outbox:add(list_of(400), { priority = "high" }))
    local run = wire.nexmo(box):send_all(outbox:source {}, { in_flight = 8 })
    run()
    assert.is_true(outbox:status().taken <= 8, outbox:status().taken)
    run:close()
  end)

  it("of high priority go first, however many others become due with them", function()
    local due = core.wall() + 1
    assert(outbox:add(list_of(1000), { not_before = due }))
    assert(outbox:add(item(1001), { not_before = due + 0.1, priority = "high" }))
    assert.same({ 0, 1001 }, { outbox:status().queued, outbox:status().delayed })
    socket.sleep(math.max(0, due + 0.2 - core.wall()))
    assert.same({ 1001, 0 }, { outbox:status().queued, outbox:status().delayed })
    local run = wire.nexmo(box):send_all(outbox:source {}, { in_flight = 1 })
    assert.equal("r1001", run()["client-ref"])
    run:close()
  end)

  it("are packed into jobs that go when there is nothing more", function()
    local client, list = retarus.client(box), {}
    for i = 1, 250 do list[i] = recipient(i) end
    assert(outbox:add(list))
    local told, jobs = 0, {}
    for _, result, err, entry in client:send_all(outbox:source { block = 0 }) do
      assert.is_nil(err)
      assert.is_string(entry.id)
      told, jobs[result.jobId] = told + 1, true
    end
    assert.same({ 250, 1 }, { told, texts.count_of(jobs) })
    assert.same({ 0, 0 }, { outbox:status().begun, outbox:status().taken })
  end)

  it("of high priority have their job go at once", function()
    local client = retarus.client(box)
    assert(outbox:add { recipient(1), recipient(2) })
    local many = {}
    for i = 3, 400 do many[#many + 1] = recipient(i) end
    assert(outbox:add(many))
    assert(outbox:add({ recipient(500), recipient(501) }, { priority = "high" }))
    local jobs, first = {}, nil
    for sent, result in client:send_all(outbox:source { block = 0 }, { in_flight = 1 }) do
      first = first or sent.customerRef
      jobs[#jobs + 1] = jobs[#jobs] ~= result.jobId and result.jobId or nil
    end
    assert.same({ "r500", 2 }, { first, #jobs })
    assert.equal(2, box:count())
  end)

  it("leave their job where they were cancelled, and the others go on", function()
    local client, list = retarus.client(box), {}
    for i = 1, 150 do list[i] = recipient(i) end
    local added = assert(outbox:add(list))
    local cancelled, link = false, outbox.link
    local ask, other = link.ask, assert(outboxes.new(server, { name = outbox.name }))
    function link.ask(...) -- between its take and its begin
      local answer, why, is_certain = ask(...)
      if not cancelled and other:status().taken == 150 then
        cancelled = true
        assert(other:cancel(added[120].id).cancelled)
      end
      return answer, why, is_certain
    end
    local seen = {}
    for sent in client:send_all(outbox:source { block = 0.2 }) do
      assert.is_nil(seen[sent.customerRef])
      seen[sent.customerRef] = true
    end
    assert.is_true(cancelled)
    assert.same({ 149, nil }, { texts.count_of(seen), seen.r120 })
    assert.equal(1, box:count())
  end)
end)
