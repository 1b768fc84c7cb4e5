-- examples/campaign.lua as people use it: asked, killed by Ctrl-C, run again.

local child = require "spec.support.child"
local csv = require "sms_command.csv"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"

--- All records of a text; nil and what is wrong.
local function records_of(text)
  local list, next_record = {}, csv.records((text .. "\n"):gmatch "(.-)\n")
  local record, why = next_record()
  while record do
    list[#list + 1] = record
    record, why = next_record()
  end
  return not why and list or nil, why
end

describe("The campaign", function()
  local box, path

  setup(function() box = sandbox.start() end)
  teardown(function() box:stop() end)

  local function write(text)
    local file = assert(io.open(path, "wb"))
    file:write(text)
    file:close()
  end

  local function read(name)
    local file = assert(io.open(path .. name))
    local text = file:read "*a"
    file:close()
    return text
  end

  --- How many rows the result file has; each person once.
  local function rows()
    local seen, list = {}, assert(records_of(read ".result.csv"))
    for _, record in ipairs(list) do
      assert.is_nil(seen[record[1]], record[1])
      seen[record[1]] = record
    end
    return #list - 1, seen
  end

  before_each(function()
    box:reset()
    path = os.tmpname()
  end)
  after_each(function()
    for _, name in ipairs { "", ".journal", ".result.csv" } do os.remove(path .. name) end
  end)

  local function command(...)
    return child.command("examples/campaign.lua", { path, "Acme", ... }, {
      NEXMO_API_KEY = "abcd1234", NEXMO_API_SECRET = "Secret0123456789",
      NEXMO_BASE_URL = box.urls.nexmo, http_proxy = false, all_proxy = false, ALL_PROXY = false,
    })
  end

  local function people(count)
    local lines = { "number,text" }
    for i = 1, count do lines[i + 1] = ("+44 7700 91%04d,Hello %d"):format(i % 1000 + 8000, i) end
    write(table.concat(lines, "\n") .. "\n")
  end

  it("measures first, sends after it was asked, and writes down what became of each", function()
    write('\239\187\191number,text\r\n447700910000,"Hello, ""you"""\r\n\r\n447700900907,Hi\r\n'
      .. "nobody," .. ("x"):rep(161) .. "\r\n")
    local ended = child.shell("echo n | " .. command())
    assert.same({ 1, "" }, { ended.status, ended.err })
    assert.equal("3 messages, 4 parts\nSend them? [y/N] ", ended.out)
    assert.equal(0, box:count())
    ended = child.shell("echo y | " .. command())
    assert.equal(1, ended.status, ended.err)
    assert.matches(
      "\n?1 accepted, 1 rejected, 1 not sent, 0 ambiguous: %S+%.result%.csv\n$", ended.out)
    local lines = {}
    for line in read(".result.csv"):gmatch "[^\n]+" do
      lines[#lines + 1] = line:gsub("0A%x+$", "ID")
    end
    assert.same({ "line,number,outcome,id or reason", "line 2,447700910000,accepted,ID" },
      { lines[1], lines[2] })
    assert.matches("^line 4,447700900907,rejected,Number barred", lines[3])
    assert.matches('^line 5,nobody,not_sent,"?to: must be a phone number', lines[4])
    assert.equal(4, #lines)
    local sent = box:arrivals()
    assert.matches("text=Hello%%2C%%20%%22you%%22", sent[1].body .. sent[2].body)
  end)

  it("ends cleanly at Ctrl-C, and goes on when it is run again", function()
    people(400)
    box:fault { kind = "latency", seconds = 0.05 }
    local ended = process.interrupted(command "--yes", function() return box:count() > 5 end)
    assert.equal(130, ended.status)
    assert.matches("interrupted!.*\nRun it again to go on%.\n$", ended.err)
    local first = box:count()
    assert.is_true(first > 0 and first < 400, first)
    assert.equal(first, rows())
    box:clear_faults()
    local again = process.interrupted(command "--yes",
      function() return box:count() > first + 5 end)
    local seen = {}
    for _, arrival in ipairs(box:arrivals()) do
      assert.is_nil(seen[arrival.ref], arrival.ref)
      seen[arrival.ref] = true
    end
    assert.is_true(box:count() > first)
    assert.equal(box:count(), rows(), again.err)
  end)

  it("loses no row to a Ctrl-C while it is written", function()
    people(5)
    local ended = child.shell("LUA_INIT='" .. [[local rename = os.rename
      os.rename = function()
        os.rename = rename
        error("interrupted!", 0)
      end]] .. "' " .. command "--yes")
    assert.equal(130, ended.status)
    assert.same({ box:count(), "accepted" }, { rows(), select(2, rows())["line 2"][3] })
  end)

  it("sends nothing again once it is through", function()
    people(20)
    assert.equal(0, child.shell(command "--yes").status)
    local again = child.shell(command "--yes")
    assert.same({ 0, "" }, { again.status, again.err })
    assert.matches("20 accepted, 0 rejected, 0 not sent, 0 ambiguous", again.out)
    assert.same({ 20, 20 }, { box:count(), (rows()) })
  end)

  it("leaves another run at work alone, and says which process that is", function()
    people(60)
    box:fault { kind = "latency", seconds = 0.05 }
    local ended = child.shell(("%s >/dev/null & sleep 0.2; %s; wait"):format(
      command "--yes", command "--yes"))
    assert.matches("%.journal: is in use already, by process %d+ %(lua", ended.err)
    assert.same({ 60, 60 }, { box:count(), (rows()) })
  end)

  it("says of each person once what became of it, whatever number of runs it took", function()
    people(5)
    write(read "" .. "nobody,Hello\n")
    box:fault { ref = "line 3", kind = "throttle", count = 3 }
    box:fault { ref = "line 4", kind = "lost_answer", how = "close", count = 1 }
    local ended = child.shell(command "--yes")
    assert.matches("3 accepted, 0 rejected, 2 not sent, 1 ambiguous", ended.out)
    ended = child.shell(command "--yes")
    assert.matches("4 accepted, 0 rejected, 1 not sent, 1 ambiguous", ended.out)
    local count, seen = rows()
    assert.same({ 6, "accepted", "ambiguous", "not_sent" },
      { count, seen["line 3"][3], seen["line 4"][3], seen["line 7"][3] })
    os.remove(path .. ".result.csv")
    ended = child.shell(command "--yes")
    assert.matches("0 accepted, 0 rejected, 0 not sent, 0 ambiguous, 6 unknown", ended.out)
    count, seen = rows()
    assert.same({ 6, "it ended in a run that was killed" }, { count, seen["line 6"][4] })
    assert.equal(5 + 3, box:count()) -- three were throttled
  end)

  it("leaves out half a row of a killed run, and leaves alone what is no result file", function()
    people(2)
    child.shell(command "--yes")
    local file = assert(io.open(path .. ".result.csv", "ab"))
    file:write 'line 2,447700918001,rej'
    file:close()
    assert.matches("2 accepted", child.shell(command "--yes").out)
    assert.equal(2, (rows()))
    file = assert(io.open(path .. ".result.csv", "wb"))
    file:write 'my "notes"\n'
    file:close()
    local ended = child.shell(command "--yes")
    assert.equal(1, ended.status)
    assert.matches("%.result%.csv: line 1: a quote inside of a field", ended.err)
  end)

  it("refuses a file with anything wrong in it, with the line, before anything is sent", function()
    for text, message in pairs {
      ["447700910001,Hello, you"] = "line 3: 3 fields, and the first line has 2",
      ["447700910001"] = "line 3: 1 field, and the first line has 2",
      ['447700910001,"Hello\n447700910002,Hi'] = "line 3: a quoted field does not end",
      ['"447700\n910001",Hello'] = "line 3: a line end in a number",
      ["447700910001;Hello"] = "line 3: 1 field, .* where ';' stands in the place of a comma",
      ["447700910001;Hello, you"] = "line 3: a separator in a number",
      ["447700910001\tHello, you"] = "line 3: a separator in a number",
      ['447700910001, "Hello"'] = "line 3: a quote inside of a field",
      ["447700910001,\255"] = "line 3: not valid UTF%-8 at byte 1",
    } do
      write("number,text\n447700910000,Hi\n" .. text .. "\n447700910003,Hi\n")
      local ended = child.shell(command "--yes")
      assert.same({ 1, "" }, { ended.status, ended.out })
      assert.matches(message, ended.err)
    end
    write "number;text\n447700910000;Hi\n"
    assert.matches("the first line must be: number,text", child.shell(command "--yes").err)
    assert.equal(0, box:count())
  end)

  it("sends a text of several lines", function()
    write 'number,text\n447700910000,"Hello,\nyou"\n'
    assert.equal(0, child.shell(command "--yes").status)
    assert.matches("text=Hello%2C%0Ayou", box:arrivals()[1].body, 1, true)
  end)

  it("shows a bar on a terminal", function()
    people(20)
    local shown = child.shell("script -qec " .. child.quoted(command "--yes") .. " /dev/null")
    assert.matches("\r%[#+ *%] %d+ of 20, %d+/s, %d+ s left", shown.out)
    assert.matches("%[" .. ("#"):rep(30) .. "%] 20 of 20", shown.out)
  end)

  it("says what is wrong with its file", function()
    write "name,text\n"
    assert.matches("the first line must be", child.shell(command "--yes").err)
    write "number,text\n447700910000,\255\n"
    assert.matches("line 2: not valid UTF%-8 at byte 1", child.shell(command "--yes").err)
    os.remove(path)
    assert.matches("No such file", child.shell(command "--yes").err)
  end)
end)
