-- sms job: the texts of a file as Retarus jobs, all of them or none.

local child = require "spec.support.child"
local cjson = require "cjson"
local process = require "spec.support.process"
local run = require "spec.support.runs.command"
local sandbox = require "spec.support.servers.sandbox"

describe("sms job", function()
  local box, home = sandbox.for_specs(), run.home()
  local path = home .. "/job.csv"

  local function write(text)
    local file = assert(io.open(path, "wb"))
    file:write(text)
    file:close()
  end

  local function line(...)
    return run.line({ "job", path, ... }, run.with(box, { HOME = home }))
  end

  local function job(...)
    return child.shell("exec " .. line(...))
  end

  --- What the provider was sent, decoded.
  local function bodies()
    local list = {}
    for i, arrival in ipairs(box:arrivals "send_job") do list[i] = cjson.decode(arrival.body) end
    return list
  end

  it("sends them as one job, with its options, and prints its id", function()
    write "dst,text,customerRef\n+49 176 0000001,Hi,a\n4917600000002,It’s,\n+4917600000003,Hi,c\n"
    local ended = job("--from", "Acme", "--statusRequested", "--validity-min", "10")
    assert.equal(0, ended.status, ended.err)
    assert.matches("^J%.%S+\n$", ended.out)
    assert.equal("3 of 3 texts were taken\n", ended.err)
    local body = bodies()[1]
    assert.same({ src = "Acme", statusRequested = true, validityMin = 10,
      invalidCharacters = "TO_UTF16" }, body.options)
    assert.same({ "Hi", "+491760000001", "a", "It’s", "line 3" },
      { body.messages[1].text, body.messages[1].recipients[1].dst,
      body.messages[1].recipients[1].customerRef, body.messages[2].text,
      body.messages[2].recipients[1].customerRef })
    ended = job "--json"
    assert.matches("^J%.", cjson.decode(ended.out).jobId)
    assert.same({ 0, 2 }, { ended.status, #bodies() })
  end)

  it("sends more than a job takes as several", function()
    local lines = { "number,text" }
    for i = 1, 3001 do lines[i + 1] = ("+4917600%05d,Hello"):format(i) end
    write(table.concat(lines, "\n"))
    local ended = job()
    assert.same({ 0, 2 }, { ended.status, select(2, ended.out:gsub("J%.%S+\n", "")) }, ended.err)
    local arrivals = box:arrivals "send_job"
    assert.equal(3001, arrivals[1].recipients + arrivals[2].recipients)
  end)

  it("keeps a long text whole", function()
    write("dst,text\n+4917600000001," .. ("x"):rep(161) .. "\n")
    assert.equal(0, job().status)
    assert.same({ maxParts = 2 }, bodies()[1].options)
    local ended = job("--maxParts", "1", "--strict-parts")
    assert.same({ 3, "" }, { ended.status, ended.out })
    assert.matches("line 2: text: needs 2 parts", ended.err)
    assert.equal(1, #bodies())
  end)

  it("sends nothing where a row is wrong, and says which", function()
    write "dst,text\n+4917600000001,Hi\nnobody,Hi\n+4917600000003,\n"
    local ended = job()
    assert.same({ 3, "" }, { ended.status, ended.out })
    assert.matches("^2 rows cannot be sent:\n  line 3: dst: must be a phone number.*\n"
      .. "  line 4: text: .*\nsms: nothing was sent\n$", ended.err)
    local value = cjson.decode(job("--json").out)
    assert.same({ 2, 3, 4 }, { value.invalid, value.problems[1].line, value.problems[2].line })
    for text, message in pairs {
      ["dst,text\n1,2,3\n"] = "line 2: 3 fields, and the first line has 2",
      ["dst,text,from\n+4917600000001,Hi,me\n"] = "a column 'from' is not known; known are ",
    } do
      write(text)
      ended = job()
      assert.same({ 2, "" }, { ended.status, ended.out })
      assert.matches(message, ended.err, 1, true)
    end
    write "dst,text\n+4917600000001,Hi\n"
    ended = job("--validityMin", "1")
    assert.same({ 2, "" }, { ended.status, ended.out })
    assert.matches("--validityMin: must be 0 or 5 to 2880", ended.err, 1, true)
    assert.equal(0, box:count())
  end)

  it("with --dry-run measures and sends nothing", function()
    write("dst,text\n+4917600000001," .. ("x"):rep(161) .. "\n")
    assert.same({ status = 0, out = "1 message, 2 parts\n", err = "" }, job "--dry-run")
    assert.equal(0, box:count())
  end)

  it("ends with what became of it", function()
    write "dst,text\n+4917600000001,Hi\n+4917600000002,Hi\n"
    for code, fault in pairs { [5] = { kind = "lost_answer", how = "close", count = 1 },
      [4] = { kind = "status", status = 400, count = 1 } } do
      fault.operation = "send_job"
      box:fault(fault)
      local ended = job()
      assert.same({ code, "" }, { ended.status, ended.out }, ended.err)
      assert.matches("^sms: retarus send_job: [^\n]+\n0 of 2 texts were taken", ended.err)
    end
    local ended = run.sms({ "job", path },
      run.with_account(box, { HOME = home, RETARUS_PASSWORD = "wrong" }))
    assert.same({ 3, "" }, { ended.status, ended.out })
    assert.matches("^sms: retarus send_job: Unauthorized", ended.err)
  end)

  it("tells the ids on the other output where the output cannot be written", function()
    write "dst,text\n+4917600000001,Hi\n"
    local ended = child.shell(line() .. " >/dev/full")
    assert.equal(1, ended.status)
    assert.matches("^J%.%S+\n1 of 1 texts were taken\nsms: the results cannot be written: .*\n$",
      ended.err)
  end)

  it("ends cleanly at Ctrl-C, with the ids of what was sent", function()
    write "dst,text\n+4917600000001,Hi\n"
    box:fault { kind = "latency", seconds = 0.5 }
    local ended = process.interrupted(line(), function() return box:count() > 0 end)
    assert.equal(130, ended.status)
    assert.matches("^J%.%S+\n$", ended.out)
    assert.matches("1 of 1 texts were taken", ended.err)
  end)
end)
