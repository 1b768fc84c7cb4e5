-- Retarus: jobs, their course, lists of them.

local calls = require "sandbox.spec.calls"

local call, job = calls.call, calls.job
local send_job, first_recipient = calls.send_job, calls.first_recipient

return function(it, assert)
  it("keeps jobs in the data centre that took them", function()
    calls.box:settings { job_open = 0, job_running = 0 }
    local seen = {}
    for _ = 1, 2 do
      local _, answer = call("POST", "/rest/v1/jobs", job(), nil, "retarus_send")
      assert.matches("^J%.%d+%-%d+%.%d+%-0%w+$", answer.jobId)
      assert.is_true(#answer.jobId <= 40)
      for _, host in ipairs { "de1", "de2" } do
        local status = call("GET", "/rest/v1/jobs/" .. answer.jobId, nil, nil, "retarus_" .. host)
        if status == 200 then seen[host] = true end
      end
      assert.equal(200, (call("GET", "/rest/v1/jobs/" .. answer.jobId)))
    end
    assert.same({ de1 = true, de2 = true }, seen)
    assert.equal(404, (call("GET", "/rest/v1/sms?jobId=x")))
    calls.box:settings { missing_recipients = "empty" }
    local status, list = call("GET", "/rest/v1/sms?jobId=x")
    assert.same({ 200, {} }, { status, list })
    local _, one = call("GET", "/rest/v1/version", nil, nil, "retarus_de1")
    local _, two = call("GET", "/rest/v1/version", nil, nil, "retarus_de2")
    assert.are_not.equal(one.buildNumber, two.buildNumber)
  end)

  it("lets a job go its way", function()
    calls.box:settings { job_open = 100, job_running = 100, visible_after = 10 }
    local id = send_job { statusRequested = true, customerRef = "run" }
    assert.equal(404, (call("GET", "/rest/v1/jobs/" .. id)))
    for _, case in ipairs {
      { 11, "OPEN", "" }, { 101, "RUNNING", "" }, { 201, "DONE", "SUC_FIN" },
    } do
      calls.box:settings { clock_offset = case[1] }
      local recipient = first_recipient(id)
      assert.same({ case[2], case[3] }, { recipient.processStatus, recipient.status })
      local _, report = call("GET", "/rest/v1/jobs/" .. id)
      assert.equal(case[2] == "DONE", report.finishedTs ~= nil)
      assert.same({ "standard", "run", true, { recipient.smsId } },
        { report.encoding, report.customerRef, report.statusRequested, report.recipientIds })
    end
  end)

  it("ends a job in every way of the table", function()
    calls.box:settings { job_open = 0, job_running = 0 }
    for ending, expected in pairs {
      ["01"] = "DONE INVALID_DST", ["02"] = "DONE BLOCKED", ["03"] = "DONE TIMEOUT",
      ["04"] = "DONE CON_ERR", ["05"] = "DONE FAILED_FIN", ["06"] = "DONE NOT_ACC_FIN",
      ["07"] = "DONE SEND_ERR", ["08"] = "DONE STATUS_ERR", ["09"] = "CANCELED ",
      ["10"] = "CANCELED NOT_ACC_REC", ["11"] = "KILL NOT_ACC_REC", ["12"] = "OPEN ",
      ["13"] = "OPEN CON_ERR", ["14"] = "RUNNING SUC_ACC", ["15"] = "PARKED NEW_STATE",
      ["16"] = "PARKED NEW_END", ["17"] = "DONE SUC_FIN",
    } do
      local id = send_job({ statusRequested = true }, "+4917600009" .. ending)
      local recipient = first_recipient(id)
      assert.equal(expected, recipient.processStatus .. " " .. recipient.status)
    end
    for _, dst in ipairs { "+491760000000", "+491760000903", "+491760000914" } do
      assert.equal("SUC_ACC", first_recipient(send_job({}, dst)).status)
    end
  end)

  it("refuses wrong jobs", function()
    local many, period = {}, { "2030-01-01T18:00Z/2030-01-02T07:00Z" }
    for i = 1, 3001 do many[i] = { dst = "+491760000000" } end
    for _, case in ipairs {
      { 400, "{" }, { 400, "[]" }, { 400, {} }, { 400, { messages = { { text = "x" } } } },
      { 400, { messages = { { recipients = { { dst = "1" } } } } } }, { 400, job({}, "") },
      { 400, { messages = { { text = "x", recipients = many } } } },
      { 400, job { src = "ABCDEFGHIJKL" } }, { 400, job { src = "Ä" } },
      { 201, job { src = "a`b" } },
      { 201, job { src = "+" .. ("1"):rep(20) } }, { 400, job { src = ("1"):rep(21) } },
      { 400, job { encoding = "UTF16" } }, { 400, job { qos = "slow" } },
      { 400, job { billcode = ("x"):rep(71) } }, { 400, job { customerRef = ("x"):rep(193) } },
      { 400, job { customerRef = ("ä"):rep(71) } }, { 400, job { flash = 1 } },
      { 400, job { validityMin = "5" } }, { 201, job { validityMin = 1, maxParts = 99 } },
      { 400, job { jobPeriod = "2030-01-01T00:00:00" } },
      { 201, job { jobPeriod = "2030-01-01T00:00+0100" } },
      { 400, job { blackoutPeriods = { "2030-01-02T07:00Z" } } },
      { 201, job { jobPeriod = "2030-01-01t00:00:00,5+01" } },
      { 201, job { blackoutPeriods = period } },
      { 201, job { blackoutPeriods = { "2030-01-01T18:00Z/PT13H" } } },
      { 201, job { blackoutPeriods = { "P1DT0.5S/2030-01-02T18:00z" } } },
      { 400, job { blackoutPeriods = { "2030-01-01T18:00Z/PT0H" } } },
      { 400, job { blackoutPeriods = { "2030-01-01T18:00Z/13H" } } },
      { 400, job { blackoutPeriods = { "2030-01-02T07:00Z/2030-01-01T18:00Z" } } },
      { 422, job({ invalidCharacters = "REFUSE" }, nil, "я") },
      { 201, job({ invalidCharacters = "REFUSE", encoding = "UTF-16" }, nil, "я") },
    } do
      assert.equal(case[1], (call("POST", "/rest/v1/jobs", case[2])))
    end
    assert.equal(405, (call("DELETE", "/rest/v1/jobs")))
    assert.equal(404, (call("GET", "/rest/v1/nothing")))
    calls.box:settings { strict = true }
    assert.equal(400, (call("POST", "/rest/v1/jobs", job { customerref = "x" })))
  end)

  it("waits for the end of a blackout period, an hour at least", function()
    local offset = 1893456000 - os.time() -- to 2030
    calls.box:settings { job_open = 0, job_running = 0, clock_offset = offset }
    local id = send_job { blackoutPeriods = { "2029-12-31T23:59Z/2030-01-01T00:10Z" } }
    assert.equal("OPEN", first_recipient(id).processStatus)
    calls.box:settings { clock_offset = offset + 3550 }
    assert.equal("2030-01-01T00:59:00.000Z", first_recipient(id).sentTs)
  end)

  it("lists jobs", function()
    calls.box:settings { job_open = 0, job_running = 0 }
    for _ = 1, 5 do send_job() end
    send_job({}, "+491760000912")
    local month = "&fromTs=2030-01-01T00:00Z&toTs=2030-01-31T00:00"
    for _, case in ipairs {
      { 200, "jobIdsOnly=true", 6 }, { 200, "jobIdsOnly=true&open=true", 1 },
      { 200, "jobIdsOnly=true&open=false", 5 }, { 200, "jobIdsOnly=true&offset=4&limit=1000", 2 },
      { 200, "jobIdsOnly=true&limit=0", 0 }, { 200, "jobIdsOnly=true" .. month .. "Z", 0 },
      { 400, "" }, { 400, "jobIdsOnly=false" }, { 400, "jobIdsOnly=yes" },
      { 400, "jobIdsOnly=true&limit=1001" }, { 400, "jobIdsOnly=true&offset=-1" },
      { 400, "jobIdsOnly=true&fromTs=2030-01-01T00:00:00+01:00" },
      { 400, "jobIdsOnly=true" .. month .. "-00:01" }, { 400, "jobIdsOnly=true" .. month },
      { 400, "jobIdsOnly=true&fromTs=2030-01-02T00:00Z&toTs=2030-01-01T00:00Z" },
    } do
      local status, list = call("GET", "/rest/v1/jobs?" .. case[2])
      assert.equal(case[1], status, case[2])
      if case[3] then assert.equal(case[3], #list, case[2]) end
    end
    local _, one = call("GET", "/rest/v1/jobs?jobIdsOnly=true", nil, nil, "retarus_de1")
    assert.equal(3, #one)
  end)

  it("refuses the same bytes for ten minutes", function()
    local function send(host)
      return (call("POST", "/rest/v1/jobs", '{"options":{"duplicateDetection":true},"messages":'
        .. '[{"text":"a","recipients":[{"dst":"1"}]}]}', nil, host))
    end
    assert.same({ 201, 409 }, { send "retarus_de1", send "retarus_de2" })
    calls.box:settings { clock_offset = 599 }
    assert.equal(409, send())
    calls.box:settings { clock_offset = 601 }
    assert.equal(201, send())
    calls.box:settings { duplicate_scope = "store" }
    assert.same({ 201, 201, 409 }, { send "retarus_de1", send "retarus_de2", send "retarus_de1" })
  end)
end
