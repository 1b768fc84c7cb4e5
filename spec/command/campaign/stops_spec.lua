-- sms campaign stopped, killed and run again: each text is sent once.

local campaigns = require "spec.support.runs.campaigns"
local child = require "spec.support.child"
local cjson = require "cjson"

describe("sms campaign", function()
  local made = campaigns.for_specs()
  local campaign, box, people, line, stopped, arrived
    = made.run, made.box, made.people, made.line, made.stopped, made.arrived

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
    local before, count, by_line = arrived(), people:rows()
    assert.equal(40, count)
    local unknown = 0
    for _, row in pairs(by_line) do
      assert.is_true(row[3] == "accepted" or row[3] == "ambiguous", row[3])
      unknown = unknown + (row[3] == "ambiguous" and 1 or 0)
    end
    assert.is_true(unknown >= 1 and unknown <= 4, unknown)
    assert.is_true(before <= 40 and before >= 40 - unknown, before) -- some may not have left
    ended = campaign("--yes", "--resend-ambiguous")
    assert.same({ 0, before + unknown }, { ended.status, box:count() })
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
    people:numbered(20)
    box:fault { kind = "latency", seconds = 0.2 }
    local ended = child.shell(
      ("%s >/dev/null 2>&1 & until [ -s %s ]; do sleep 0.02; done; %s; wait"):format(
        line("--yes", "--in-flight", "2"), people.path .. campaigns.JOURNAL, line "--yes"))
    assert.matches("%.journal%.sandbox: is in use already, by process %d+ %(lua", ended.err)
    assert.same({ 20, 20 }, { arrived(), (people:rows()) })
  end)
end)
