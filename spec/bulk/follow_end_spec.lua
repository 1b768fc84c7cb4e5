-- Where following a job ends with an error: it never becomes visible, reads fail, time is over.

local core = require "sms.core"
local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"

local NOBODY = "J.20300101-120000.001-0abcdefghiJKLMNOPQ" -- has this id

local box, client

local function with(more)
  local all = {}
  for _, part in ipairs { retarus.QUICK, more } do
    for name, value in pairs(part) do all[name] = value end
  end
  return all
end

--- The error of the last round, and how many rounds there were.
local function last_error(id, options)
  local list = retarus.rounds(client, id, options)
  local last = list[#list]
  assert.is_false(last[1])
  for i = 1, #list - 1 do
    assert.is_nil(list[i][2])
  end
  return last[2], #list
end

describe("Following a Retarus job", function()
  box = sandbox.for_specs({ workers = 2 }, { job_open = 0.1, job_running = 0.2 })
  before_each(function() client = retarus.client(box, { retry = false }) end)
  after_each(function() client:close() end)

  it("ends where the job never becomes visible", function()
    local err, count = last_error(NOBODY,
      with { visible_within = 0.3 })
    assert.same({ "not_found", "list_recipients", 1 }, { err.kind, err.operation, count })
    err = last_error(NOBODY, with { visible_within = 0 })
    assert.equal("not_found", err.kind)
  end)

  it("ends where reads go on failing", function()
    box:fault { operation = "list_recipients", kind = "status", status = 503 }
    local began = core.now()
    local err = last_error(retarus.sent(client, "+4917600000000"), with { tolerate = 0.3 })
    assert.same({ "server", 503, true }, { err.kind, err.status, err.retryable })
    assert.is_true(core.now() - began >= 0.3)
    err = last_error(retarus.sent(client, "+4917600000000"), with { tolerate = 0 })
    assert.equal("server", err.kind)
  end)

  it("ends at once where no repeat can help", function()
    local id = retarus.sent(client, "+4917600000000")
    for status, kind in pairs { [400] = "rejected", [401] = "auth", [403] = "auth" } do
      box:clear_faults()
      box:clear_arrivals()
      box:fault { operation = "list_recipients", kind = "status", status = status }
      local err, count = last_error(id)
      assert.same({ kind, 1 }, { err.kind, count })
      assert.equal(1, box:count())
    end
    local err = last_error("")
    assert.same({ "invalid", "jobId" }, { err.kind, err.problems[1].path })
  end)

  it("ends after its whole time with what is known", function()
    local began = core.now()
    local err, count = last_error(retarus.sent(client, "+491760000912", "+491760000915",
      "+4917600000000"), with { timeout = 1.2 })
    assert.same({ "timeout", "ambiguous", "follow", "retarus", true },
      { err.kind, err.outcome, err.operation, err.provider, err.retryable })
    assert.equal("after 1.2 s 2 of 3 have not ended", err.message)
    assert.is_true(count >= 5)
    assert.is_true(core.now() - began < 10) -- two of them end never
    err = last_error("J.none-none-none-none", with { timeout = 0.2 })
    assert.equal("after 0.2 s nothing can be seen yet", err.message)
  end)

  it("ends after its whole time while a read hangs", function()
    local id = retarus.sent(client, "+4917600000000")
    box:fault { operation = "list_recipients", kind = "latency", seconds = 20 }
    local began = core.now()
    assert.equal("timeout", last_error(id, with { timeout = 0.5 }).kind)
    assert.is_true(core.now() - began < 10)
  end)
end)
