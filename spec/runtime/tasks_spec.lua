-- sms.all: calls side by side.

local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local tasks = require "sms.runtime.tasks"

local function connections(arrivals)
  local seen, count = {}, 0
  for _, arrival in ipairs(arrivals) do
    if not seen[arrival.connection] then count = count + 1 end
    seen[arrival.connection] = true
  end
  return count
end

describe("sms.all", function()
  local box = sandbox.for_specs { workers = 2 }
  local client

  before_each(function()
    client = retarus.client(box, { base_url = box.urls.retarus })
  end)

  local function send(reference)
    local job = retarus.job "+491760000001"
    job.options = { customerRef = reference }
    return client:send_job(job)
  end

  it("gives results in the order of the functions, whatever ends first", function()
    box:fault { { kind = "latency", seconds = 1, ref = "first" },
      { kind = "status", status = 422, ref = "second", body = '{"message":"no"}' } }
    local ended = {}
    local function call(name)
      return function()
        local result, err = send(name)
        ended[#ended + 1] = name
        return result, err
      end
    end
    local results = sms.all { call "first", call "second", call "third", call "fourth" }
    assert.equal(4, #results)
    assert.equal("first", ended[4])
    assert.is_nil(results[2][1])
    assert.equal("rejected", results[2][2].kind)
    local ids = {}
    for _, arrival in ipairs(box:arrivals "send_job") do ids[arrival.ref] = arrival.job_id end
    assert.same({ ids.first, ids.third, ids.fourth },
      { results[1][1].jobId, results[3][1].jobId, results[4][1].jobId })
  end)

  it("has 64 calls in flight at once", function()
    box:fault { kind = "latency", seconds = 0.3 }
    local calls = {}
    for i = 1, 64 do calls[i] = function() return client:get_version() end end
    for _, result in ipairs(sms.all(calls)) do assert.equal("OK", result[1].message) end
    local arrivals = box:arrivals()
    assert.equal(64, #arrivals)
    assert.equal(64, connections(arrivals))
    box:clear_faults()
    box:clear_arrivals()
    for _ = 1, 5 do assert(client:get_version()) end
    assert.equal(1, connections(box:arrivals()))
  end)

  it("gives each caller its own answer", function()
    local calls = {}
    for i = 1, 200 do calls[i] = function() return client:get_job { jobId = "J." .. i } end end
    local results = sms.all(calls)
    for i = 1, 200 do assert.equal("not_found", results[i][2].kind) end
    calls = {}
    for i = 1, 100 do
      calls[i] = function()
        local sent = assert(send("run-" .. i))
        return assert(client:get_job(sent)).customerRef
      end
    end
    for i, result in ipairs(sms.all(calls)) do assert.equal("run-" .. i, result[1]) end
  end)

  it("may be empty, and gives all that a function returns", function()
    assert.same({}, sms.all {})
    assert.same({ { 1, 2, 3 }, {}, { false, "x" } }, sms.all {
      function() return 1, 2, 3 end,
      function() end,
      function() return false, "x" end,
    })
  end)

  it("may be called inside of itself", function()
    local results = sms.all {
      function()
        local inner = sms.all {
          function() return client:get_version() end,
          function()
            return sms.all { function() return client:get_version() end }[1][1]
          end,
        }
        return inner[1][1].message .. inner[2][1].message
      end,
      function() return client:get_version() end,
    }
    assert.equal("OKOK", results[1][1])
    assert.equal("OK", results[2][1].message)
  end)

  it("raises what one raises after the others have ended", function()
    box:fault { kind = "latency", seconds = 0.05, operation = "send_job" }
    local sent
    local ok, raised = pcall(sms.all, {
      function() error("mine", 0) end,
      function()
        sent = assert(send "slow")
        return sent
      end,
      function() error("another", 0) end,
      function() return nil, "no" end,
    })
    assert.is_false(ok)
    assert.same({ "mine", "mine" }, { raised.cause, tostring(raised) })
    assert.is_string(sent.jobId)
    assert.same({ { raised = "mine" }, { sent }, { raised = "another" }, { nil, "no" } },
      raised.results)
    local problem = {}
    ok, raised = pcall(sms.all, { function() error(problem) end })
    assert.is_false(ok)
    assert.equal(problem, raised.cause)
    ok, raised = pcall(sms.all, { function() sms.all { function() error("inner", 0) end } end })
    assert.is_false(ok)
    assert.equal("inner", tostring(raised))
    assert.equal("OK", sms.all { function() return client:get_version() end }[1][1].message)
  end)

  it("runs no more than in_flight of them at a time, in turn", function()
    local now, most, order, bodies = 0, 0, {}, {}
    for i = 1, 10 do
      bodies[i] = function()
        now, order[i] = now + 1, i
        most = math.max(most, now)
        tasks.sleep(0.01)
        now = now - 1
        if i == 4 then error "spoilt" end
        return i
      end
    end
    local ok, raised = pcall(sms.all, bodies, { in_flight = 3 })
    assert.same({ false, 3, 10 }, { ok, most, #order })
    for i, result in ipairs(raised.results) do assert.equal(i ~= 4 and i or nil, result[1]) end
    bodies[4] = nil
    assert.has_error(function() sms.all(bodies) end, "sms.all: entry 4 is not a function")
    bodies[4] = bodies[1]
    assert.equal(10, #sms.all(bodies, { in_flight = 100 }))
    assert.equal(10, most)
    assert.same({}, sms.all({}, { in_flight = 1 }))
  end)

  it("run as many as a list has, whatever its metatable says of that", function()
    local list = setmetatable({ function() return 1 end }, { __len = function() end })
    assert.same({ { 1 } }, sms.all(list))
  end)

  it("lets functions yield by themselves", function()
    local order = {}
    local results = sms.all {
      function()
        for i = 1, 3 do
          order[#order + 1] = "a" .. i
          coroutine.yield(i)
        end
        return "a"
      end,
      function()
        for i = 1, 2 do
          order[#order + 1] = "b" .. i
          coroutine.yield()
        end
        return assert(client:get_version()).message
      end,
    }
    assert.same({ { "a" }, { "OK" } }, results)
    assert.equal("a1 b1 a2 b2 a3", table.concat(order, " "))
  end)

  it("leaves a generator that calls the client to its user", function()
    local function versions(count)
      return coroutine.wrap(function()
        for i = 1, count do coroutine.yield(assert(client:get_version()).message .. i) end
      end)
    end
    local function all_of(generator)
      local list = {}
      for item in generator do list[#list + 1] = item end
      return table.concat(list, " ")
    end
    assert.equal("OK1 OK2", all_of(versions(2)))
    local results = sms.all {
      function() return all_of(versions(3)) end,
      function() return client:get_version() end,
      function() return all_of(versions(1)) end,
    }
    assert.same({ "OK1 OK2 OK3", "OK1" }, { results[1][1], results[3][1] })
    assert.equal("OK", results[2][1].message)
  end)
end)
