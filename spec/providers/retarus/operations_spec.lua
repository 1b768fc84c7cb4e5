-- Every Retarus operation against the provider's stand-in, over real sockets.

local cases = require "spec.cases.retarus"
local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"
local socket = require "socket"

local NUMBER = "+49176000000%02d"
local PATIENCE = 5 -- seconds

describe("Retarus' operations", function()
  local box, client

  setup(function() box = sandbox.start() end)
  teardown(function() box:stop() end)
  before_each(function()
    box:reset { strict = true }
    client = retarus.client(box)
  end)

  -- What a field must be in the documented shape.
  local REPORT = { jobId = "string", src = "string", encoding = "string", billcode = "string",
    statusRequested = "boolean", flash = "boolean", validityMin = "number",
    customerRef = "string", qos = "string", receiptTs = "string", finishedTs = "string",
    recipientIds = "table" }
  local RECIPIENT = { smsId = "string", dst = "string", processStatus = "string",
    status = "string", customerRef = "string", reason = "string", sentTs = "string",
    finishedTs = "string", final = "boolean", success = "boolean" }
  local VERSION = { buildNumber = "number", buildTimestamp = "string", majorVersion = "number",
    minorVersion = "number", versionInfo = "string", message = "string" }

  local function assert_shape(shape, record)
    local found = {}
    for name, value in pairs(record) do found[name] = type(value) end
    assert.same(shape, found)
  end

  local function finished(id)
    local give_up = socket.gettime() + PATIENCE
    repeat
      local report = assert(client:get_job { jobId = id })
      assert(socket.gettime() < give_up, "the job does not end")
    until report.finishedTs
    return client:get_job { jobId = id }, client:list_recipients { jobId = id }
  end

  it("take a job with everything and report it to its end", function()
    box:settings { job_open = 0, job_running = 0.02 }
    local params = cases.operations[2].params
    local sent = assert(client:send_job(params))
    assert.matches("^J%..+$", sent.jobId)
    assert.is_nil(assert(client:get_job(sent)).finishedTs)
    box:settings { clock_offset = 1925000000 - os.time() } -- 2031
    local report, recipients = finished(sent.jobId)
    assert_shape(REPORT, report)
    assert.same({ sent.jobId, "Acme", "utf-16", "Campaign123", true, true, 2880, "run-7",
      "EXPRESS", 4 }, { report.jobId, report.src, report.encoding, report.billcode,
      report.statusRequested, report.flash, report.validityMin, report.customerRef, report.qos,
      #report.recipientIds })
    assert.equal(4, #recipients)
    assert.same({ "+491760000001", "r1" }, { recipients[1].dst, recipients[1].customerRef })
    assert.same({ "01760000003", "01760000003" },
      { recipients[3].dst, recipients[3].customerRef })
  end)

  it("report what is open without the times to come", function()
    box:settings { job_open = 60, null_fields = true }
    local sent = assert(client:send_job(retarus.job "+491760000001"))
    local report = assert(client:get_job { jobId = sent.jobId })
    assert.is_nil(report.finishedTs)
    assert.is_nil(report.customerRef)
    assert.equal(1, #report.recipientIds)
    local recipients = assert(client:list_recipients { jobId = sent.jobId })
    assert.same({ smsId = report.recipientIds[1], dst = "+491760000001", processStatus = "OPEN",
      status = "", customerRef = "+491760000001", reason = "", final = false }, recipients[1])
  end)

  it("report every final state of the table as it is", function()
    box:settings { job_open = 0, job_running = 0, account_status_requested = true }
    local states = { "INVALID_DST", "BLOCKED", "TIMEOUT", "CON_ERR", "FAILED_FIN",
      "NOT_ACC_FIN", "SEND_ERR", "STATUS_ERR", "", "NOT_ACC_REC", "NOT_ACC_REC", "", "CON_ERR",
      "SUC_ACC", "NEW_STATE", "NEW_END" }
    local numbers = {}
    for i = 1, #states do numbers[i] = NUMBER:format(i):gsub("00(%d%d)$", "09%1") end
    local sent = assert(client:send_job { messages = { { text = "Hi", recipients = numbers } } })
    local recipients = assert(client:list_recipients(sent))
    for i, state in ipairs(states) do
      assert.equal(state, recipients[i].status)
    end
    assert.same({ "DONE", "CANCELED", "KILL", "OPEN", "RUNNING", "PARKED" },
      { recipients[1].processStatus, recipients[9].processStatus, recipients[11].processStatus,
        recipients[12].processStatus, recipients[14].processStatus, recipients[15].processStatus })
    assert_shape(RECIPIENT, recipients[5])
  end)

  it("give the version of the host that is asked", function()
    local version = assert(client:get_version())
    assert_shape(VERSION, version)
    assert.equal("send", retarus.asked(box))
    local other = retarus.client(box, { base_url = box.urls.retarus_de1 })
    assert.are_not.equal(20803, assert(other:get_version()).buildNumber)
  end)

  it("list the jobs of both data centres", function()
    local ids = {}
    for i = 1, 4 do ids[i] = assert(client:send_job(retarus.job "+491760000001")).jobId end
    box:clear_arrivals()
    local found = {}
    for i, entry in ipairs(assert(client:list_jobs())) do found[i] = entry.jobId end
    table.sort(ids)
    table.sort(found)
    assert.same(ids, found)
    assert.equal("de2 de1", retarus.asked(box))
    assert.same({}, assert(client:list_jobs { fromTs = "2030-01-01T00:00+01:00" }))
    assert.equal(2, #assert(client:list_jobs { limit = 1 }))
  end)

  it("take 3,000 recipients in several messages", function()
    local first, second = {}, {}
    for i = 1, 1500 do
      first[i] = ("+49176000%05d"):format(i)
      second[i] = ("+49176100%05d"):format(i)
    end
    local sent = assert(client:send_job { messages = {
      { text = "a", recipients = first }, { text = "b", recipients = second } } })
    local recipients = assert(client:list_recipients(sent))
    assert.equal(3000, #recipients)
    assert.equal(second[1500], recipients[3000].dst)
  end)

  it("say what the provider refuses", function()
    local job = retarus.job "+491760000001"
    job.options = { invalidCharacters = "REFUSE" }
    job.messages[1].text = "Привет"
    local result, err = client:send_job(job)
    assert.is_nil(result)
    assert.same({ kind = "rejected", outcome = "rejected", status = 422, code = "422",
      retryable = false }, retarus.brief(err))
    assert.equal("text has characters outside the alphabet", err.message)
    job.options = { duplicateDetection = true }
    assert(client:send_job(job))
    result, err = client:send_job(job)
    assert.is_nil(result)
    assert.same({ kind = "duplicate", outcome = "rejected", status = 409, code = "409",
      retryable = false }, retarus.brief(err))
  end)

  it("say that credentials are wrong, and do not ask again", function()
    local wrong = retarus.client(box, { username = "nobody" })
    for operation, params in pairs { send_job = retarus.job "+491760000001",
      get_job = { jobId = "J" }, list_recipients = { jobId = "J" }, list_jobs = {} } do
      box:clear_arrivals()
      local result, err = wrong[operation](wrong, params)
      assert.is_nil(result)
      assert.same({ kind = "auth", outcome = "rejected", status = 401, code = "401",
        retryable = false }, retarus.brief(err))
      assert.equal("retarus " .. operation .. ": Unauthorized [auth, rejected]", tostring(err))
      assert.equal(1, box:count())
    end
  end)

  it("check credentials by listing one job", function()
    assert.is_true(client:check())
    assert.equal("jobIdsOnly=true&limit=1", box:arrivals()[1].query)
    local result, err = retarus.client(box, { username = "nobody" }):check()
    assert.is_nil(result)
    assert.equal("auth", err.kind)
  end)
end)
