-- Following a job: every change of state, to every end, what is borne on the way, how often it is
-- looked at, and with what it is not followed.

local cjson = require "cjson"
local follow = require "sms.bulk.follow"
local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"

-- Ending of a number -> the state in which its SMS ends, and whether its text went.
local ENDS = {
  ["0000"] = { "DONE", "SUC_FIN", true }, ["0901"] = { "DONE", "INVALID_DST", false },
  ["0902"] = { "DONE", "BLOCKED", false }, ["0903"] = { "DONE", "TIMEOUT", false },
  ["0904"] = { "DONE", "CON_ERR", false }, ["0905"] = { "DONE", "FAILED_FIN", false },
  ["0906"] = { "DONE", "NOT_ACC_FIN", false }, ["0907"] = { "DONE", "SEND_ERR" },
  ["0908"] = { "DONE", "STATUS_ERR" }, ["0909"] = { "CANCELED", "", false },
  ["0910"] = { "CANCELED", "NOT_ACC_REC", false }, ["0911"] = { "KILL", "NOT_ACC_REC" },
  ["0916"] = { "PARKED", "NEW_END" },
}

local spread = table.unpack or unpack -- luacheck: ignore

local box, client

local function numbers()
  local list = {}
  for ending in pairs(ENDS) do
    list[#list + 1] = "+49176000" .. ending
  end
  table.sort(list)
  return list
end

describe("A Retarus job that is followed", function()
  box = sandbox.for_specs({ workers = 2 }, { job_open = 0.1, job_running = 0.2 })
  before_each(function() client = retarus.client(box, { retry = false }) end)
  after_each(function() client:close() end)

  it("gives every change of every recipient, to every end", function()
    local last, count = {}, 0
    for recipient, err in client:follow(retarus.sent(client, spread(numbers())), retarus.QUICK) do
      assert.is_nil(err)
      local id, now = recipient.dst, { recipient.processStatus, recipient.status or "" }
      assert.are_not.same(last[id] and last[id].now, now)
      assert.is_not_true(last[id] and last[id].final)
      last[id] = { now = now, final = recipient.final, success = recipient.success }
    end
    for id, seen in pairs(last) do
      local ending = ENDS[id:sub(-4)]
      assert.same({ { ending[1], ending[2] }, true }, { seen.now, seen.final }, id)
      assert.equal(ending[3], seen.success, id)
      count = count + 1
    end
    assert.equal(13, count)
  end)

  it("goes through its states in order", function()
    box:settings { job_open = 0.3, job_running = 0.5 }
    local id, seen = retarus.sent(client, "+4917600000000"), {}
    for _, round in ipairs(retarus.rounds(client, id, { timeout = 10,
      interval = { first = 0.01, longest = 0.01 } })) do
      seen[#seen + 1] = round[1].processStatus .. (round[1].final and "!" or "")
    end
    assert.equal("OPEN RUNNING DONE!", table.concat(seen, " "))
  end)

  it("may not be visible for some seconds", function()
    box:settings { visible_after = 0.5 }
    local list = retarus.rounds(client, retarus.sent(client, "+4917600000000"))
    assert.is_nil(list[#list][2])
    assert.is_true(list[#list][1].final)
  end)

  it("goes on where reads fail for a while", function()
    local id = retarus.sent(client, "+4917600000000")
    box:fault { operation = "list_recipients", kind = "status", status = 503, skip = 2, count = 4 }
    box:fault { operation = "list_recipients", kind = "close", count = 2 }
    box:fault { operation = "list_recipients", kind = "throttle", count = 2, retry_after = 1 }
    local list = retarus.rounds(client, id)
    assert.is_nil(list[#list][2])
    assert.is_true(list[#list][1].final)
  end)

  it("bears what a later version of the provider says", function()
    local server = raw_server.start()
    local own = retarus.client_of(server.url, { retry = false })
    local function reply(...)
      return raw_server.http(200, cjson.encode { ... })
    end
    local a = { smsId = "a", dst = "1", processStatus = "PARKED", status = "NEW" }
    local b = { smsId = "b", dst = "2" }
    local a_over = { smsId = "a", dst = "1", processStatus = "PARKED", status = "NEW",
      finishedTs = "2022-09-28T10:59:34.150Z" }
    local b_over = { smsId = "b", dst = "2", processStatus = "DONE", extra = { 1 } }
    server:replies { reply(a, b), reply(a, b), reply(b), reply(a_over, b), reply(b_over, a_over) }
    local seen = {}
    for recipient, err in own:follow("J", retarus.QUICK) do
      assert.is_nil(err)
      seen[#seen + 1] = recipient.smsId .. (recipient.final and "!" or "")
    end
    assert.equal("a b a! b!", table.concat(seen, " "))
    assert.equal(5, #server:requests())
    own:close()
    server:stop()
  end)

  it("stays under the limit", function()
    box:settings { job_open = 1 }
    local own = retarus.client(box, { rate_limit = { calls = 2, period = 0.5 } })
    local id = assert(own:send_job(retarus.job "+4917600000000")).jobId
    for recipient, err in own:follow(id, retarus.QUICK) do
      assert.is_truthy(recipient, err)
    end
    local arrivals = box:arrivals()
    assert.is_true(#arrivals >= 5)
    for i = 3, #arrivals do
      assert.is_true(arrivals[i].time - arrivals[i - 2].time >= 500000)
    end
    own:close()
  end)

  it("is followed beside others", function()
    local ids, bodies = {}, {}
    for i, number in ipairs { "+4917600000000", "+491760000904" } do
      ids[i] = retarus.sent(client, number)
    end
    for i, id in ipairs(ids) do
      bodies[i] = function()
        local last
        for recipient, err in client:follow(id, retarus.QUICK) do
          last = assert(recipient, err)
        end
        return last.status
      end
    end
    bodies[3] = function() return client:get_version() ~= nil end
    local results = sms.all(bodies)
    assert.same({ "SUC_FIN", "CON_ERR", true }, { results[1][1], results[2][1], results[3][1] })
  end)

  it("keeps little of each recipient", function()
    local list = {}
    for i = 1, 3000 do
      list[i] = ("+491760%06d"):format(100000 + i * 10 % 100000 + i)
    end
    list[3000] = "+491760000912"
    box:settings { job_open = 0, job_running = 0 }
    local id = retarus.sent(client, spread(list))
    local next_change, count = client:follow(id, { timeout = 1 }), 0
    local recipient = next_change()
    while recipient do
      count = count + 1
      recipient = next_change()
    end
    assert.same({ false, 3000 }, { recipient, count })
    collectgarbage()
    collectgarbage()
    local kept = collectgarbage "count"
    next_change = nil -- luacheck: ignore
    collectgarbage()
    collectgarbage()
    kept = (kept - collectgarbage "count") * 1024 / 3000
    assert.is_true(kept < 200, kept .. " bytes a recipient")
  end)
end)

describe("Following a job", function()
  before_each(function() client = sms.retarus { username = "user", password = "pass" } end)
  after_each(function() client:close() end)

  it("is looked at less and less often, each time a little otherwise", function()
    local chosen = assert(follow.options())
    assert.same({ 1, 60, 259200, 30, 300 }, { chosen.first, chosen.longest, chosen.timeout,
      chosen.visible_within, chosen.tolerate })
    local before = 0
    for looks = 1, 2000 do
      local longest, shortest = follow.pause(chosen, looks, 0), follow.pause(chosen, looks, 0.999)
      assert.is_true(longest >= before and longest <= 60)
      assert.is_true(shortest >= 0.8 * longest and shortest < longest)
      before = longest
    end
    assert.equal(60, before)
    assert.equal(1, follow.pause(chosen, 1, 0))
    assert.equal(1.5, follow.pause(chosen, 2, 0))
  end)

  it("takes its interval by place, as the README has it, or by name", function()
    for _, interval in ipairs { { 2, 9 }, { first = 2, longest = 9 }, { 2, longest = 9 },
      { [2] = 9, first = 2 } } do
      local chosen = assert(follow.options { interval = interval })
      assert.same({ 2, 9 }, { chosen.first, chosen.longest })
    end
    assert.equal(60, follow.options({ interval = { 7 } }).longest)
  end)

  local misuse = {
    { { interval = { 61 } }, "follow.interval.first: must be at most interval.longest" },
    { { interval = { 1, 60, 3 } }, "follow.interval.3: is not known" },
    { { interval = { 1, first = 2 } }, "follow.interval.1: is not known" },
    { { interval = { 1, "60" } }, "follow.interval.longest: must be a number" },
    { 5, "follow: must be a table" },
    { { intervall = 1 }, "follow.intervall: is not known; did you mean 'interval'?" },
    { { interval = 1 }, "follow.interval: must be a table" },
    { { interval = { first = 0 } }, "follow.interval.first: must be 0.001 or more" },
    { { interval = { longest = "1" } }, "follow.interval.longest: must be a number" },
    { { interval = { first = 61 } }, "follow.interval.first: must be at most interval.longest" },
    { { timeout = 0 }, "follow.timeout: must be 0.001 or more" },
    { { visible_within = -1 }, "follow.visible_within: must be 0 or more" },
    { { tolerate = "x" }, "follow.tolerate: must be a number" },
  }
  for _, case in ipairs(misuse) do
    it("is not followed with wrong options: " .. case[2], function()
      local ok, message = pcall(function()
        local changes = client:follow("J", case[1])
        return changes
      end)
      assert.is_false(ok)
      assert.matches("^spec/bulk/follow_spec.lua:%d+: ", message)
      assert.matches(case[2], message, 1, true)
    end)
  end

  it("is not followed by a closed client, nor by Nexmo", function()
    client:close()
    local ok, message = pcall(function()
      local changes = client:follow "J"
      return changes
    end)
    assert.is_false(ok)
    assert.matches("^spec/bulk/follow_spec.lua:%d+: this client is closed", message)
    local nexmo = sms.nexmo { api_key = "abcd1234", api_secret = "x" }
    assert.is_nil(nexmo.follow)
    nexmo:close()
  end)
end)
