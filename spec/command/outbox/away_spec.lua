-- sms worker without its Redis: it waits, goes on, and ends where it is told to.

local outboxes = require "spec.support.outbox.commands"

describe("sms worker without Redis", function()
  local made = outboxes.for_specs()

  it("waits for a Redis that is not there yet", function()
    made:add(1)
    made.server:kill()
    local is_back
    local ended = made:stopped("TERM", function(said)
      if not is_back and said():find "waiting for it" then
        is_back = true
        made.server:launch()
      end
      return made.box:count() == 1
    end, "--lease", "1")
    assert.equal(0, ended.status, ended.err)
    assert.matches(("^sms: Redis at 127.0.0.1:%d: connection refused; waiting for it\n"):format(
      made.server.port), ended.err)
    assert.matches("1 accepted\n$", ended.err)
  end)

  it("goes on when a Redis that went away is back, and says so once", function()
    made:add(1)
    local step = 0
    local ended = made:stopped("TERM", function(said)
      if step == 0 and made.box:count() == 1 then
        step = 1
        made.server:kill()
      elseif step == 1 and said():find "nothing begins" then
        step = 2
        made.server:launch()
        made:add(2)
      end
      return made.box:count() == 2
    end, "--lease", "1")
    assert.equal(0, ended.status, ended.err)
    assert.equal(1, select(2, ended.err:gsub("nothing begins", "")), ended.err)
    assert.matches("2 accepted\n$", ended.err)
  end)

  it("says that a Redis which is back is not safe", function()
    made:add(1)
    local step, safe = 0, made.server.options
    local ended = made:stopped("TERM", function(said)
      if step == 0 and made.box:count() == 1 then
        step = 1
        made.server:kill()
      elseif step == 1 and said():find "nothing begins" then
        step = 2
        made.server.options = safe:gsub("appendfsync always", "appendfsync everysec")
        made.server:launch()
      end
      return step == 2 and said():find "appendfsync is everysec"
    end, "--lease", "1")
    made.server.options = safe
    made.server:kill()
    made.server:launch()
    assert.equal(0, ended.status, ended.err)
    assert.equal(1, select(2, ended.err:gsub("appendfsync is", "")), ended.err)
  end)

  it("ends where it is told to before Redis is there", function()
    made:add(1)
    made.server:kill()
    local ended = made:stopped("TERM", function(said) return said():find "waiting for it" end)
    made.server:launch()
    assert.equal(0, ended.status, ended.err)
    assert.equal(0, made.box:count())
  end)

  it("says that it could not write down how messages ended", function()
    made:add(3)
    made.box:fault { kind = "latency", seconds = 0.5 }
    local ended = made:stopped("TERM", function()
      if made.box:count() < 3 then return false end
      made.server:kill()
      return true
    end)
    made.server:launch()
    assert.equal(0, ended.status, ended.err)
    assert.matches("\nsms: Redis could not be told how the last messages ended: they become "
      .. "ambiguous\nsms: ended by SIGTERM: 3 accepted\n$", ended.err)
    assert.equal(3, made:outbox():status().begun)
  end)
end)
