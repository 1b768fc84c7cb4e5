-- examples/campaign.lua as people use it: asked, killed by Ctrl-C, run again.

local child = require "spec.support.child"
local sandbox = require "spec.support.servers.sandbox"

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
    assert.matches("\n?1 accepted, 2 refused, 0 ambiguous: %S+%.result%.csv\n$", ended.out)
    local lines = {}
    for line in read(".result.csv"):gmatch "[^\n]+" do
      lines[#lines + 1] = line:gsub('"0A%x+"', "ID")
    end
    table.sort(lines)
    assert.same({ "line 2,447700910000,accepted,ID" }, { lines[1] })
    assert.matches('^line 4,447700900907,rejected,"Number barred', lines[2])
    assert.matches('^line 5,nobody,not_sent,"to: must be a phone number', lines[3])
    local sent = box:arrivals()
    assert.matches("text=Hello%%2C%%20%%22you%%22", sent[1].body .. sent[2].body)
  end)

  it("ends cleanly at Ctrl-C, and goes on when it is run again", function()
    people(400)
    box:fault { kind = "latency", seconds = 0.05 }
    local ended = child.shell(("timeout --foreground -s INT 0.5 %s"):format(command "--yes"))
    assert.equal(124, ended.status)
    assert.matches("interrupted!.*\nRun it again to go on%.\n$", ended.err)
    local first = box:count()
    assert.is_true(first > 0 and first < 400, first)
    local _, written = read(".result.csv"):gsub("\n", "")
    assert.equal(first, written)
    box:clear_faults()
    local shell = child.shell(("timeout --foreground -s INT 2 %s"):format(command "--yes"))
    local seen = {}
    for _, arrival in ipairs(box:arrivals()) do
      assert.is_nil(seen[arrival.ref], arrival.ref)
      seen[arrival.ref] = true
    end
    assert.is_true(box:count() > first)
    _, written = read(".result.csv"):gsub("\n", "")
    assert.equal(box:count(), written, shell.err)
  end)

  it("sends nothing again once it is through", function()
    people(20)
    assert.equal(0, child.shell(command "--yes").status)
    local again = child.shell(command "--yes")
    assert.same({ 0, "" }, { again.status, again.err })
    assert.matches("20 accepted, 0 refused", again.out)
    assert.equal(20, box:count())
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
