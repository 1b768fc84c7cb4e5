-- sms campaign: measured, asked for, sent once, through either provider.

local campaigns = require "spec.support.runs.campaigns"
local child = require "spec.support.child"
local cjson = require "cjson"
local run = require "spec.support.runs.command"

describe("sms campaign", function()
  local made = campaigns.for_specs()
  local campaign, box, home, people, line, arrived
    = made.run, made.box, made.home, made.people, made.line, made.arrived

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
    assert.matches("^2 accepted, 1 rejected, 1 not sent, 0 ambiguous: %S+%.result%.csv%.sandbox\n"
      .. "0%.0999 EUR in all, %d+%.%d+ EUR left in the account\n$", ended.out)
    local result = people:read(campaigns.RESULT)
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
    assert.same({ 0, false }, { box:count(), people:exists(campaigns.JOURNAL) })
  end)

  it("asks for what is left, at the price so far, and for nothing where nothing is", function()
    people:numbered(4)
    assert.equal(6, campaign("--yes", "--max-parts", "3").status)
    local asked = campaign()
    assert.matches("^1 message, 1 part; 3 ended in earlier runs, for 0%.0999 EUR\n.* Send 1 "
      .. "message, 1 part, through Nexmo, for about 0%.0333 EUR%?\n$", asked.err)
    assert.same({ 2, 3 }, { asked.status, arrived() })
    assert.equal(0, campaign("--yes").status)
    assert.matches("^4 accepted", campaign().out)
    assert.equal(4, arrived())
  end)

  it("sends through Retarus as jobs, from the same file", function()
    people:write "Number,Text,ref\n+49 176 0000001,It’s,a\n+49176 0000002,Hi,\nnobody,Hi,\n"
    local ended = run.sms({ "campaign", people.path, "--provider", "retarus", "--from", "Acme",
      "--status-requested", "--yes" }, run.with(box, { HOME = home }))
    assert.equal(6, ended.status, ended.err)
    assert.matches("^2 accepted, 0 rejected, 1 not sent, 0 ambiguous: %S+\n$", ended.out)
    local body = cjson.decode(box:arrivals("send_job")[1].body)
    assert.same({ { src = "Acme", statusRequested = true, invalidCharacters = "TO_UTF16" }, "a",
      "line 3" }, { body.options, body.messages[1].recipients[1].customerRef,
      body.messages[2].recipients[1].customerRef })
    assert.matches("\n2,%+49 176 0000001,accepted,J%.%S+,1,\n", people:read(campaigns.RESULT))
  end)

  it("ends quietly where nobody reads what it prints, and has sent all", function()
    people:numbered(3)
    local ended = child.shell(line("--yes") .. " | true")
    assert.same({ "", 3, 3 }, { (ended.err:gsub("^3 messages, 3 parts\n", "")), arrived(),
      (people:rows()) })
  end)

  it("shows a bar on a terminal, where it asks", function()
    people:numbered(20)
    local ended = child.shell("echo y | script -qec " .. child.quoted(line())
      .. " /dev/null")
    assert.matches("Send 20 messages, 20 parts, through Nexmo%? "
      .. "The account has 100000%.00 EUR%. %[y/N%] ", ended.out)
    assert.matches("%[" .. ("#"):rep(30) .. "%] 20 of 20, %d+/s, 0 s left", ended.out)
    assert.equal(20, arrived())
  end)
end)
