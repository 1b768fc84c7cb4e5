-- sms status: what becomes of Retarus jobs.

local child = require "spec.support.child"
local cjson = require "cjson"
local process = require "spec.support.process"
local retarus = require "spec.support.servers.retarus"
local run = require "spec.support.runs.command"
local sandbox = require "spec.support.servers.sandbox"

describe("sms status", function()
  local box, home = sandbox.for_specs(), run.home()

  local function line(...)
    return run.line({ "status", ... }, run.with(box, { HOME = home }))
  end

  local function status(...)
    return child.shell("exec " .. line(...))
  end

  --- The id of a new job.
  local function job(...)
    local recipients = {}
    for i, number in ipairs { ... } do
      recipients[i] = { dst = number, customerRef = "r" .. i }
    end
    local sent = assert(retarus.client(box, { username = "user" }):send_job {
      options = { statusRequested = true },
      messages = { { text = "Hi", recipients = recipients } } })
    return sent.jobId
  end

  it("refuses seconds that are no number, as LuaJIT knows some", function()
    for _, text in ipairs { "nan", "inf", "-inf", "0x", "soon" } do
      local ended = status("J.1", "--follow", "--timeout=" .. text)
      assert.same({ 2, "" }, { ended.status, ended.out })
      assert.matches("^sms: %-%-timeout: must be a number", ended.err)
    end
  end)

  it("with --dry-run shows what it would ask, and asks nothing", function()
    box:reset()
    for _, flag in ipairs { "--follow", "--json" } do
      local ended = status("J.1", "J.2", "--dry-run", flag)
      assert.same({ 0, "" }, { ended.status, ended.err })
      assert.matches("jobId=J%.1.*jobId=J%.2", ended.out)
    end
    assert.same(0, box:count())
  end)

  it("tells of each recipient, in a table or as lines of JSON", function()
    local id = job("+4917600000001", "+4917600000901")
    assert.equal(0, status(id, "--follow").status)
    local ended = status(id)
    assert.same({ 0, "" }, { ended.status, ended.err })
    assert.matches("^Number +Status +Reference +Finished +Reason\n"
      .. "%+4917600000001  SUC_FIN +r1 +%d+%-%S+Z  message_state:%C+\n"
      .. "%+4917600000901  INVALID_DST  r2 +%d+%-%S+Z  number invalid\n$", ended.out)
    local rows = {}
    for text in status(id, "--json").out:gmatch "[^\n]+" do rows[#rows + 1] = cjson.decode(text) end
    assert.same({ 2, "SUC_FIN", true, "r2" },
      { #rows, rows[1].status, rows[1].final, rows[2].customerRef })
  end)

  it("follows jobs until all is final", function()
    local ended = status(job "+4917600000001", job "+4917600000901", "--follow")
    assert.same({ 0, "" }, { ended.status, ended.err })
    assert.matches("%+4917600000001  SUC_FIN  r1  %S+Z  message_state.*\n"
      .. "%+4917600000901  INVALID_DST  r1  %S+Z  number invalid\n$", ended.out)
    local last
    for text in status(job "+4917600000001", "--follow", "--json").out:gmatch "[^\n]+" do
      last = cjson.decode(text)
    end
    assert.same({ true, true }, { last.final, last.success })
  end)

  it("fails where the read fails, and tells of the other jobs", function()
    local id = job "+4917600000001"
    local ended = status("nowhere", id)
    assert.equal(1, ended.status)
    assert.matches("^sms: retarus list_recipients: no data centre has this job", ended.err)
    assert.matches("\n%+4917600000001  ", ended.out)
    ended = status(job "+4917600000912", "--follow", "--timeout", "1")
    assert.equal(1, ended.status)
    assert.matches("^sms: retarus follow: after 1 s 1 of 1 have not ended", ended.err)
    assert.equal(2, status().status)
    assert.matches("--timeout: must be a number", status(id, "--timeout", "soon").err, 1, true)
  end)

  it("ends at Ctrl-C, and quietly where nobody reads it", function()
    local id = job "+4917600000912"
    local ended = process.interrupted(line(id, "--follow"),
      function() return #box:arrivals "list_recipients" > 1 end)
    assert.equal(130, ended.status)
    assert.equal("", child.shell(line(id, "--json") .. " | true").err)
  end)
end)
