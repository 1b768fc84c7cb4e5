-- sms sandbox: both providers, until Ctrl-C.

local child = require "spec.support.child"
local cjson = require "cjson"
local process = require "spec.support.process"
local run = require "spec.support.runs.command"

describe("sms sandbox", function()
  local home = run.home()

  local count = 0

  -- Runs it, does something once it has said where it is, interrupts it; how it ended, what was
  -- done, and its folder.
  local function with_sandbox(words, act)
    count = count + 1
    local dir, out, done = home .. "/box" .. count, home .. "/out" .. count, nil
    local all = { "sandbox", "--dir", dir }
    for _, word in ipairs(words) do all[#all + 1] = word end
    local ended = process.interrupted(run.line(all, { HOME = home }) .. " >" .. out, function()
      if not (process.read(out) or ""):find "nexmo_api" then return false end
      done = act(dir)
      return true
    end)
    ended.out = process.read(out)
    return ended, done, dir
  end

  it("says where it is, and ends with Ctrl-C", function()
    local ended, sent, dir = with_sandbox({}, function(dir)
      return run.sms({ "send", "--provider", "nexmo", "--from", "Acme", "--to", "447700900000",
        "Hello" }, { HOME = home, SMS_SANDBOX = dir })
    end)
    assert.same(0, sent.status, sent.err)
    assert.same(130, ended.status, ended.err)
    local first = tonumber(ended.out:match "page +http://127%.0%.0%.1:(%d+)/")
    local lines = { "export SMS_SANDBOX=" .. dir,
      ("page         http://127.0.0.1:%d/"):format(first) }
    for i, name in ipairs { "control", "retarus", "retarus_send", "retarus_de2", "retarus_de1",
      "nexmo", "nexmo_rest", "nexmo_api" } do
      lines[i + 2] = ("%-12s http://127.0.0.1:%d"):format(name, first + i - 1)
    end
    assert.same(table.concat(lines, "\n") .. "\n", ended.out)
    assert.matches("until Ctrl-C", ended.err, 1, true)
    assert.is_nil(process.read(dir .. "/nginx.pid"))
    assert.is_nil(process.read(dir .. "/urls"))
  end)

  it("has its page on the port that it is told", function()
    local free = with_sandbox({}, function() end).out:match "page +http://127%.0%.0%.1:(%d+)/"
    local ended, page = with_sandbox({ "--port", free }, function()
      return process.output_of(("curl -s http://127.0.0.1:%s/"):format(free))
    end)
    assert.matches("page +http://127%.0%.0%.1:" .. free .. "/\n", ended.out)
    assert.matches("<title>SMS sandbox</title>", page, 1, true)
  end)

  it("has an application, where it is told to: calls are those of the Voice API", function()
    local _, called, dir = with_sandbox({ "--application" }, function(dir)
      return run.sms({ "call", "--to", "447700900000", "--dry-run", "Hello" },
        { HOME = home, SMS_SANDBOX = dir })
    end)
    assert.same(0, called.status, called.err)
    assert.matches("/v1/calls\n", called.out)
    assert.is_nil(process.read(dir .. "/application.key"))
  end)

  it("says the same to programs", function()
    local ended, _, dir = with_sandbox({ "--json" }, function() end)
    assert.same({ 130, "" }, { ended.status, ended.err })
    local said = cjson.decode(ended.out)
    assert.same(dir, said.dir)
    assert.matches("^http://127%.0%.0%.1:%d+$", said.urls.retarus_send)
  end)

  it("leaves one alone that is there already", function()
    local ended, second = with_sandbox({}, function(dir)
      return run.sms({ "sandbox", "--dir", dir }, { HOME = home })
    end)
    assert.same({ 1, "" }, { second.status, second.out })
    assert.matches("already running", second.err, 1, true)
    assert.same(130, ended.status)
  end)

  it("leaves nothing behind", function()
    local folder = home .. "/temporary"
    child.shell("mkdir -p " .. folder)
    local ended = process.interrupted(run.line({ "sandbox" }, { HOME = home, TMPDIR = folder }),
      function() return process.output_of("cat " .. folder .. "/*/urls") ~= "" end)
    assert.same(130, ended.status, ended.err)
    assert.same({}, child.names_in(folder))
  end)

  it("ends with what started it, and leaves nothing behind then, either", function()
    local folder = home .. "/orphan"
    child.shell("mkdir -p " .. folder)
    child.shell(("%s >/dev/null 2>&1 & echo $! >%s.pid"):format(
      run.line({ "sandbox" }, { HOME = home, TMPDIR = folder }), folder))
    process.wait("the sandbox", 20, function()
      return process.output_of("cat " .. folder .. "/*/urls") ~= ""
    end)
    local nginx = tonumber(process.output_of("cat " .. folder .. "/*/nginx.pid"))
    process.signal("KILL", tonumber(process.read(folder .. ".pid")))
    process.wait("its end", 20, function()
      return not process.lives(nginx) and not child.names_in(folder)[1]
    end)
  end)

  it("says what is wrong with a port", function()
    local ended = run.sms({ "sandbox", "--port", "many" }, { HOME = home })
    assert.same({ 2, "" }, { ended.status, ended.out })
    assert.matches("'many' is no port", ended.err, 1, true)
  end)

  it("says what it needs and is not there", function()
    local ended = run.sms({ "sandbox" }, { HOME = home, SMS_NGINX = "/nowhere/nginx" })
    assert.same({ 1, "" }, { ended.status, ended.out })
    assert.matches("^sandbox: ", ended.err)
  end)
end)
