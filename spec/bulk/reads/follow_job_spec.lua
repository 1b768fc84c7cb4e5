-- Following what send_job gives, and jobs whose first lists are not complete.

local cjson = require "cjson"
local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"

local function row(id, process)
  return { smsId = id, dst = "1", processStatus = process or "DONE", status = "SUC_FIN" }
end

describe("Following a job", function()
  local server, client

  before_each(function()
    server = raw_server.start()
    client = retarus.client_of(server.url, { retry = false })
  end)
  after_each(function()
    client:close()
    server:stop()
  end)

  --- Follows through these lists; what is seen, and the error of the last round.
  local function follow(lists, options)
    local replies, seen = {}, {}
    for i, list in ipairs(lists) do
      replies[i] = type(list) == "number" and raw_server.http(list, "")
        or raw_server.http(200, cjson.encode(list))
    end
    server:replies(replies)
    for recipient, err in client:follow("J", options or retarus.QUICK) do
      if not recipient then return table.concat(seen, " "), err end
      seen[#seen + 1] = recipient.smsId .. (recipient.final and "!" or "")
    end
    return table.concat(seen, " ")
  end

  it("does not end on a first list that is not complete", function()
    assert.equal("a! b! c!", (follow { { row "a" }, { row "a", row "b", row "c" },
      { row "a", row "b", row "c" } }))
    assert.equal(3, #server:requests())
    server:forget()
    assert.equal("a! b b!", (follow { { row "a" }, { row "a", row("b", "RUNNING") },
      { row "a", row "b" } }))
    assert.equal(3, #server:requests())
  end)

  it("looks once more where all of a first list are final", function()
    assert.equal("a!", (follow { { row "a" }, { row "a" } }))
    assert.equal(2, #server:requests())
  end)

  it("goes on where that look fails for a while", function()
    assert.equal("a! b!", (follow { { row "a" }, 503, 404, { row "a", row "b" },
      { row "a", row "b" } }))
  end)

  it("ends without an error where time is over, and all are final that were seen", function()
    local seen, err = follow({ { row "a" }, { row "a" } },
      { interval = { first = 5 }, timeout = 0.3 })
    assert.same({ "a!" }, { seen, err })
  end)
end)

describe("The result of send_job", function()
  local box, client

  setup(function() box = sandbox.start() end)
  teardown(function() box:stop() end)
  before_each(function()
    box:reset { job_open = 0.05, job_running = 0.05 }
    client = retarus.client(box)
  end)

  it("is followed as it is", function()
    local job = assert(client:send_job(retarus.job("+4917600000001", "+4917600000002")))
    local final = 0
    for recipient, err in client:follow(job, retarus.QUICK) do
      assert(recipient, err)
      final = final + (recipient.final and 1 or 0)
    end
    assert.equal(2, final)
  end)

  it("without an id, and anything else, is an error in the last round", function()
    for _, wrong in ipairs { { jobIdUnknown = "the answer was lost" }, {}, 7, true, print } do
      local rounds = 0
      for recipient, err in client:follow(wrong) do
        rounds = rounds + 1
        assert.is_false(recipient)
        assert.same({ "invalid", "jobId" }, { err.kind, err.problems[1].path })
      end
      assert.equal(1, rounds)
    end
    assert.equal(0, box:count())
  end)
end)
