-- sms campaign as people use it: asked, stopped, killed, run again.

local child = require "spec.support.child"
local cjson = require "cjson"
local process = require "spec.support.process"
local run = require "spec.support.runs.command"
local sandbox = require "spec.support.servers.sandbox"
local files = require "spec.support.runs.campaign_files"

local CAN_MOUNT = child.shell("unshare -m mount -t tmpfs none /tmp").status == 0

describe("sms campaign", function()
  local box, home = sandbox.for_specs(), run.home()
  local people = files.new(home)

  after_each(function() people:remove() end)

  local function line(...)
    return run.line({ "campaign", people.path, "--provider", "nexmo", "--from", "Acme", ... },
      run.with(box, { HOME = home }))
  end

  local function campaign(...)
    return child.shell("exec " .. line(...))
  end

  --- What a process in the middle of its work does when it gets a signal.
  local function stopped(signal, ...)
    return process.interrupted(line("--yes", ...), function() return box:count() > 5 end, signal)
  end

  --- No reference arrived twice; how many did.
  local function arrived()
    local seen, count = {}, 0
    for _, arrival in ipairs(box:arrivals "send_sms") do
      assert.is_nil(seen[arrival.ref], arrival.ref)
      seen[arrival.ref], count = true, count + 1
    end
    return count
  end

  it("measures first, sends once it may, and writes down what became of each", function()
    people:write('\239\187\191number,text\r\n447700910000,"Hello, ""you"""\r\n\r\n'
      .. "447700900907,Hi\r\nnobody,Hi\r\n447700910001," .. ("x"):rep(161) .. "\r\n")
    local asked = campaign()
    assert.same({ 2, "" }, { asked.status, asked.out })
    assert.matches("^3 messages, 4 parts\n1 row cannot be sent:\n  line 5: to: must be a phone",
      asked.err)
    assert.matches("needs %-%-yes, .*: Send 3 messages, 4 parts, through Nexmo%?\n$", asked.err)
    assert.equal(0, box:count())
    local ended = campaign "--yes"
    assert.equal(6, ended.status, ended.err)
    assert.matches("^2 accepted, 1 rejected, 1 not sent, 0 ambiguous: %S+%.result%.csv\n"
      .. "0%.0999 EUR in all, %d+%.%d+ EUR left in the account\n$", ended.out)
    local result = people:read ".result.csv"
    for _, row in ipairs { "^line,number,outcome,id or reason,parts,price\n",
      "\n2,447700910000,accepted,0A%x+,1,0%.03330000\n", "\n4,447700900907,rejected,Number barred",
      '\n5,nobody,not_sent,"?to: must be a phone number',
      "\n6,447700910001,accepted,0A%x+,2,0%.06660000\n$" } do
      assert.matches(row, result)
    end
    assert.equal(4, people:rows())
    local sent = box:arrivals()
    assert.matches("text=Hello%%2C%%20%%22you%%22", sent[1].body .. sent[2].body .. sent[3].body)
  end)

  it("with --dry-run measures and sends nothing", function()
    people:write "number,text,ref\n447700910000,It’s,a\n447700910000,Hi,b\nnobody,Hi,c\n"
    local ended = campaign "--dry-run"
    assert.same({ 6, "" }, { ended.status, ended.err })
    assert.matches("^2 messages, 2 parts\n1 row cannot be sent:\n  line 4: to: must be .*\n"
      .. "1 message goes to a number of an earlier row\n$", ended.out)
    local value = cjson.decode(campaign("--dry-run", "--json").out)
    assert.same({ 2, 2, 1, 4 }, { value.messages, value.parts, value.invalid,
      value.problems[1].line })
    assert.same({ 0, false }, { box:count(), people:exists ".journal" })
  end)

  it("goes on after Ctrl-C", function()
    people:numbered(60)
    box:fault { kind = "latency", seconds = 0.05 }
    local ended = stopped("INT", "--in-flight", "4")
    assert.equal(130, ended.status, ended.err)
    assert.matches("\nsms: interrupted; run it again to go on: %d+ left\n$", ended.err)
    assert.equal(arrived(), people:rows())
    assert.is_true(arrived() < 60)
    assert.equal(tonumber(ended.err:match "(%d+) left"), 60 - arrived())
    box:clear_faults()
    ended = campaign("--yes", "--json")
    assert.equal(0, ended.status, ended.err)
    assert.same({ 60, 60 }, { arrived(), (people:rows()) })
    local value = cjson.decode(ended.out)
    assert.same({ 60, 0, "1.9980" }, { value.accepted, value.left, ("%.4f"):format(value.price) })
  end)

  it("goes on after it was killed, and says of whom it is not known", function()
    people:numbered(40)
    box:fault { kind = "latency", seconds = 0.05 }
    assert.equal(137, stopped("KILL", "--in-flight", "4").status)
    box:clear_faults()
    local ended = campaign "--yes"
    assert.equal(5, ended.status, ended.err)
    assert.equal(40, arrived())
    local count, by_line = people:rows()
    assert.equal(40, count)
    local unknown = 0
    for _, row in pairs(by_line) do
      assert.is_true(row[3] == "accepted" or row[3] == "ambiguous", row[3])
      unknown = unknown + (row[3] == "ambiguous" and 1 or 0)
    end
    assert.is_true(unknown >= 1 and unknown <= 4, unknown)
    ended = campaign("--yes", "--resend-ambiguous")
    assert.same({ 0, 40 + unknown }, { ended.status, box:count() })
  end)

  it("loses no row to a Ctrl-C while it is written", function()
    people:numbered(5)
    local ended = child.shell("export LUA_INIT='" .. [[local rename = os.rename
      os.rename = function()
        os.rename = rename
        error("interrupted!", 0)
      end]] .. "'; " .. line("--yes"):gsub("^env %-i", "env -i LUA_INIT=\"$LUA_INIT\""))
    assert.equal(130, ended.status, ended.err)
    local count, by_line = people:rows()
    assert.same({ box:count(), "accepted" }, { count, by_line["2"][3] })
  end)

  it("stops before there are more parts than it may send, run by run", function()
    people:write("number,text\n447700910001,Hi\n447700910002," .. ("x"):rep(161)
      .. "\n447700910003,Hi\n447700910004,Hi\n")
    for i, expected in ipairs { { 6, 1, 3 }, { 6, 2, 2 }, { 0, 4, 0 } } do
      local ended = campaign("--yes", "--max-parts", "2")
      assert.same(expected, { ended.status, (people:rows()), tonumber(ended.err:match
        "stopped by %-%-max%-parts; run it again to go on: (%d+) left\n$" or 0) }, i)
    end
    assert.equal(4, arrived())
  end)

  it("stops at a time, also those that wait for the rate limit", function()
    people:numbered(60)
    local ended = campaign("--yes", "--until", os.date("!%Y-%m-%dT%H:%M:%SZ", os.time() + 2))
    assert.equal(6, ended.status, ended.err)
    assert.matches("sms: stopped by %-%-until; run it again to go on: %d+ left\n$", ended.err)
    assert.equal(arrived(), people:rows())
    assert.is_true(arrived() > 0 and arrived() < 60)
  end)

  it("takes a time of the day, and none that has passed or is none", function()
    people:numbered(1)
    for time, message in pairs { ["00:00"] = "00:00 has passed",
      ["2020-01-01T00:00Z"] = "2020-01-01T00:00Z has passed", ["25:00"] = "'25:00' is no time",
      ["2027-02-29T10:00"] = "is no time", ["tomorrow"] = "'tomorrow' is no time" } do
      local ended = campaign("--yes", "--until", time)
      assert.same({ 2, "" }, { ended.status, ended.out })
      assert.matches(message, ended.err, 1, true)
    end
    assert.equal(0, box:count())
  end)

  it("sends again what was refused, where it is told to", function()
    people:numbered(4)
    box:fault { ref = "line 3", kind = "nexmo_status", code = 6, count = 1 }
    assert.equal(6, campaign("--yes").status)
    assert.equal(6, campaign("--yes").status)
    assert.equal(4, box:count())
    local ended = campaign("--yes", "--resend-refused")
    assert.same({ 0, 5 }, { ended.status, box:count() }, ended.err)
  end)

  it("leaves another run at work alone, and says which process that is", function()
    people:numbered(40)
    box:fault { kind = "latency", seconds = 0.1 }
    local ended = child.shell(("%s >/dev/null 2>&1 & sleep 0.4; %s; wait"):format(
      line("--yes", "--in-flight", "4"), line "--yes"))
    assert.matches("%.journal: is in use already, by process %d+ %(lua", ended.err)
    assert.same({ 40, 40 }, { arrived(), (people:rows()) })
  end)

  it("says what it knows of each where the file of the results was lost", function()
    people:numbered(3)
    assert.equal(0, campaign("--yes").status)
    people:remove ".result.csv"
    local ended = campaign "--yes"
    assert.same({ 0, 3 }, { ended.status, (people:rows()) })
    people:numbered(5)
    box:fault { ref = "line 5", kind = "nexmo_status", code = 6, count = 1 }
    assert.equal(6, campaign("--yes").status)
    people:remove ".result.csv"
    ended = campaign "--yes"
    assert.matches("5 unknown", ended.out)
    assert.same({ 5, "it ended in a run that was killed" }, { ended.status,
      select(2, people:rows())["5"][4] })
    assert.equal(5, arrived())
  end)

  it("leaves out half a row of a killed run, and leaves alone what is no result file", function()
    people:numbered(2)
    campaign "--yes"
    people:append(".result.csv", "2,447700918001,rej")
    assert.matches("^2 accepted", campaign("--yes").out)
    assert.equal(2, (people:rows()))
    for text, message in pairs { ['my "notes"\n'] = "line 1: a quote inside of a field",
      ["my,notes\n"] = "is not the result file of a campaign" } do
      people:write(text, ".result.csv")
      local ended = campaign "--yes"
      assert.same({ 2, text }, { ended.status, people:read ".result.csv" })
      assert.matches(message, ended.err, 1, true)
    end
  end)

  it("ends where the file of the results cannot be written, and goes on later", function()
    if not CAN_MOUNT then return pending "nothing can be mounted here" end
    local text = { "number,text" }
    for i = 1, 30 do text[i + 1] = ("4477009%s%05d,Hi"):format((" "):rep(300), i + 10000) end
    people:write(table.concat(text, "\n") .. "\n")
    local folder = people.path .. ".d"
    local ended = child.shell(("mkdir %s; unshare -m sh -c %s"):format(folder, child.quoted(
      ("mount -t tmpfs -o size=4k none %s && exec %s"):format(folder,
        line("--yes", "--in-flight", "4", "--result", folder .. "/result")))))
    child.shell("rmdir " .. folder)
    assert.equal(6, ended.status, ended.err)
    assert.matches("/result: cannot be written: No space left on device\n"
      .. "sms: stopped; run it again to go on: %d+ left\n", ended.err)
    assert.matches("^%d+ accepted, 0 rejected, 0 not sent, 0 ambiguous, %d+ left: ", ended.out)
    assert.is_true(arrived() > 8 and arrived() < 30)
    assert.equal(0, campaign("--yes").status)
    assert.same({ 30, 30 }, { arrived(), (people:rows()) })
  end)

  it("refuses a file with anything wrong in it, with the line, before anything is sent", function()
    for text, message in pairs {
      ["447700910001,Hello, you"] = "line 3: 3 fields, and the first line has 2",
      ['447700910001,"Hello\n447700910002,Hi'] = "line 3: a quoted field does not end",
      ['"447700\n910001",Hello'] = "line 3: a line end in a number",
      ["447700910001;Hello, you"] = "line 3: a separator in a number",
      ['447700910001, "Hello"'] = "line 3: a quote inside of a field",
      ["447700910001,\255"] = "line 3: not valid UTF-8 at byte 1",
    } do
      people:write("number,text\n447700910000,Hi\n" .. text .. "\n447700910003,Hi\n")
      local ended = campaign "--yes"
      assert.same({ 2, "" }, { ended.status, ended.out })
      assert.matches(message, ended.err, 1, true)
    end
    for heading, message in pairs {
      ["number;text"] = "the first line must name the columns 'number' and 'text', and is: "
        .. "number;text; columns are separated by commas, not by ';'",
      ["number,txt"] = "there is no column 'txt'",
      ["number,text,to"] = "the columns 'number' and 'to' are the same",
      ["text,ref"] = "the first line must name the columns 'number' and 'text', and is: text,ref",
      ["\255\254n\0"] = "the file is UTF-16; save it as UTF-8",
    } do
      people:write(heading .. "\n")
      assert.matches(message, campaign("--yes").err, 1, true)
    end
    people:remove ""
    assert.matches("No such file", campaign("--yes").err)
    assert.equal(0, box:count())
  end)

  it("refuses options that are wrong before anything is sent", function()
    people:numbered(1)
    for _, case in ipairs {
      { "--ttl", "7", "--ttl: must be 20000 to 604800000" },
      { "--flash", "--yes", "--flash is not an option of Nexmo" },
      { "--max-parts", "0", "--max-parts: must be a whole number" },
      { "--use", "2", "--use: must be above 0" },
      { "--in-flight", "many", "--in-flight: must be a number" },
    } do
      local ended = campaign(case[1], case[2])
      assert.same({ 2, "" }, { ended.status, ended.out }, case[3])
      assert.matches(case[3], ended.err, 1, true)
    end
    people:append("", "447700910009,Hello\n")
    assert.equal(0, campaign("--yes").status)
    local ended = campaign("--yes", "--ttl", "20000")
    assert.equal(6, ended.status)
    assert.matches("the file or its options have changed since %S+%.journal was begun", ended.err)
    assert.equal(2, box:count())
  end)

  it("ends where the account is refused, and nothing was sent", function()
    people:numbered(3)
    local ended = run.sms({ "campaign", people.path, "--from", "Acme", "--yes", "--provider",
      "nexmo" }, run.with_account(box, { HOME = home, NEXMO_API_SECRET = "wrong" }))
    assert.equal(3, ended.status)
    assert.matches("sms: nexmo send_sms: authentication failed", ended.err)
    assert.matches("^0 accepted, .*, 3 left: ", ended.out)
  end)

  it("ends quietly where nobody reads what it prints, and has sent all", function()
    people:numbered(3)
    local ended = child.shell(line("--yes") .. " | true")
    assert.same({ "", 3, 3 }, { (ended.err:gsub("^3 messages, 3 parts\n", "")), arrived(),
      (people:rows()) })
  end)

  it("shows a bar on a terminal, where it asks", function()
    people:numbered(20)
    local ended = child.shell("(sleep 0.3; echo y) | script -qec " .. child.quoted(line())
      .. " /dev/null")
    assert.matches("Send 20 messages, 20 parts, through Nexmo%? %[y/N%] ", ended.out)
    assert.matches("%[" .. ("#"):rep(30) .. "%] 20 of 20, %d+/s, 0 s left", ended.out)
    assert.equal(20, arrived())
  end)
end)
