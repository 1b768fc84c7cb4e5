-- What sms campaign refuses before anything is sent.

local campaigns = require "spec.support.runs.campaigns"
local run = require "spec.support.runs.command"

describe("sms campaign", function()
  local made = campaigns.for_specs()
  local campaign, box, home, people = made.run, made.box, made.home, made.people

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
      ["number,txt"] = "a column 'txt' is not known; did you mean 'text'?",
      ["name,number,text"] = "a column 'name' is not known; known are account-ref, body, ",
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
      { "--yes", "--in-flight=10001", "--in-flight: must be 1 to 10000" },
      { "--yes", "--use=0.001", "--use: must be 0.01 to 1" },
      { "--yes", "--journal=", "--journal: must not be empty" },
      { "--journal=a/b", "--result=a/b", "--result: must be another file than the journal" },
    } do
      local ended = campaign(case[1], case[2])
      assert.same({ 2, "" }, { ended.status, ended.out }, case[3])
      assert.matches(case[3], ended.err, 1, true)
    end
    people:append("", "447700910009,Hello\n")
    assert.equal(0, campaign("--yes").status)
    local ended = campaign("--yes", "--ttl", "20000")
    assert.equal(6, ended.status)
    assert.matches("the file or its options have changed since %S+%.journal%.sandbox was begun",
      ended.err)
    assert.matches("^sms: item 1 of the source", ended.err:match "\n(.*)")
    assert.matches("^2 accepted, 0 rejected, 0 not sent, 0 ambiguous: ", ended.out)
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
end)
