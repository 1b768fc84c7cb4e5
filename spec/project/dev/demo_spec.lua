-- ./dev demo as people run it: what it says first and last, and lists of their own.

local checkout = require "spec.support.dev.checkout"
local process = require "spec.support.process"

local FIRST = "^All of this goes to the sandbox, which plays both providers: no text leaves this "
  .. "machine.\n"
local LAST = "\nThat was the sandbox: no text has left this machine, and nothing was charged.\n$"

describe("./dev demo", function()
  local copy

  before_each(function() copy = checkout.new() end)
  after_each(function() copy:remove() end)

  it("sends its own list, and says where to", function()
    local ended = copy:run "./dev demo"
    assert.equal(0, ended.status, ended.err)
    assert.matches(FIRST .. "37 texts: 47 parts", ended.out)
    assert.matches("Retarus  35 texts in the job" .. "[^\n]*" .. LAST, ended.out)
  end)

  it("takes a list by the path that it has for the caller", function()
    local ended = copy:run [[
      mkdir lists && cd lists && printf 'name,number\nAnn,447700900000\n' >mine.csv &&
      ../dev demo mine.csv]]
    assert.equal(0, ended.status, ended.err)
    assert.matches("\n1 text: 1 part; .*\n  Ann +1 ", ended.out)
    assert.matches(LAST, ended.out)
  end)

  it("says what is wrong with a list, and still where it was", function()
    local ended = copy:run "printf 'name;number\\nAnn;1\\n' >mine.csv && ./dev demo mine.csv"
    assert.equal(1, ended.status)
    assert.matches("^demo: [^\n]*/mine.csv: the first line must name the columns 'name' and "
      .. "'number', and is: name;number; columns are separated by commas, not by ';'\n$", ended.err)
    assert.matches(FIRST .. LAST:sub(2), ended.out)
  end)

  it("says so after Ctrl-C, too", function()
    local out = copy.dir .. "/out"
    os.execute(("cd %s && (setsid sh -c 'echo $$ >pid; exec env --default-signal=INT ./dev demo' "
      .. ">out 2>err </dev/null; echo $? >status) &"):format(copy.dir))
    process.wait("the demo", 20, function()
      local pid = tonumber(process.read(copy.dir .. "/pid") or "")
      for _, child_pid in ipairs(pid and process.children(pid) or {}) do
        local words = process.read(("/proc/%d/cmdline"):format(child_pid)) or ""
        if words:find("demo/demo.lua", 1, true) then return true end
      end
    end)
    copy:run "kill -INT -$(cat pid)" -- its group, as a terminal does
    local status = process.wait("its end", 20, function()
      return tonumber(process.read(copy.dir .. "/status") or "")
    end)
    assert.equal(130, status)
    assert.matches(LAST, process.read(out))
  end)
end)
