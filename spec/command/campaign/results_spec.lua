-- The files of sms campaign: what is lost, full, or no file of results.

local campaigns = require "spec.support.runs.campaigns"
local child = require "spec.support.child"

local CAN_MOUNT = child.shell("unshare -m mount -t tmpfs none /tmp").status == 0

describe("sms campaign", function()
  local made = campaigns.for_specs()
  local campaign, box, people, line, arrived
    = made.run, made.box, made.people, made.line, made.arrived

  it("says what it knows of each where the file of the results was lost", function()
    people:numbered(3)
    assert.equal(0, campaign("--yes").status)
    people:remove(campaigns.RESULT)
    local ended = campaign "--yes"
    assert.same({ 0, 3 }, { ended.status, (people:rows()) })
    people:numbered(5)
    box:fault { ref = "line 5", kind = "nexmo_status", code = 6, count = 1 }
    assert.equal(6, campaign("--yes").status)
    people:remove(campaigns.RESULT)
    ended = campaign "--yes"
    assert.matches("5 unknown", ended.out)
    assert.same({ 5, "it ended in a run that was killed" }, { ended.status,
      select(2, people:rows())["5"][4] })
    assert.equal(5, arrived())
  end)

  it("refuses to send all again where the journal is gone", function()
    people:numbered(2)
    assert.equal(0, campaign("--yes").status)
    people:remove(campaigns.JOURNAL)
    local ended = campaign "--yes"
    assert.same({ 2, 2 }, { ended.status, arrived() })
    assert.matches("%.journal%.sandbox is gone, and %S+%.result%.csv%.sandbox has results",
      ended.err)
  end)

  it("leaves out half a row of a killed run, and leaves alone what is no result file", function()
    people:numbered(2)
    campaign "--yes"
    people:append(campaigns.RESULT, "2,447700918001,rej")
    assert.matches("^2 accepted", campaign("--yes").out)
    assert.equal(2, (people:rows()))
    for text, message in pairs { ['my "notes"\n'] = "line 1: a quote inside of a field",
      ["my,notes\n"] = "is not the result file of a campaign" } do
      people:write(text, campaigns.RESULT)
      local ended = campaign "--yes"
      assert.same({ 2, text }, { ended.status, people:read(campaigns.RESULT) })
      assert.matches(message, ended.err, 1, true)
    end
  end)

  it("sends nothing where the file of the results cannot be made", function()
    people:numbered(2)
    local ended = campaign("--yes", "--result", "/nowhere/result")
    assert.same({ 2, 0 }, { ended.status, box:count() })
    assert.matches("sms: /nowhere/result%.sandbox: cannot be written: No such file or directory\n$",
      ended.err)
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
    assert.matches("\nsms: " .. folder .. "/result%.sandbox: cannot be written: No space left on "
      .. "device\n"
      .. "sms: stopped; run it again to go on: %d+ left\n", ended.err)
    assert.matches("^%d+ accepted, 0 rejected, 0 not sent, 0 ambiguous, %d+ left: ", ended.out)
    assert.is_true(arrived() > 8 and arrived() < 30)
    assert.equal(0, campaign("--yes").status)
    assert.same({ 30, 30 }, { arrived(), (people:rows()) })
  end)
end)
