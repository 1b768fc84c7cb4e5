-- sms outbox: what people ask of an outbox, and tell it.

local cjson = require "cjson"
local outboxes = require "spec.support.outbox.commands"
local terminal = require "spec.support.terminals.tmux"

describe("sms outbox", function()
  local made = outboxes.for_specs()
  terminal.for_specs()

  --- One that is ambiguous: its id.
  local function ambiguous()
    made.box:fault { ref = "k1", kind = "lost_answer", how = "reset", count = 1 }
    local id = made:add(1)[1]
    assert.equal(5, made:sms("worker", "--block", "0").status)
    return id
  end

  local function json(...)
    local ended = made:sms("outbox", ...)
    assert.equal(0, ended.status, ended.err)
    return cjson.decode(ended.out)
  end

  it("tells how much there is", function()
    made:add(3)
    local status = json("status", "--json")
    assert.same({ 3, 0, 0 }, { status.queued, status.begun, status.ambiguous })
    local ended = made:sms("outbox", "status")
    assert.matches("^queued +3\ndelayed +0\ntaken +0\nbegun +0\nambiguous +0\noldest ", ended.out)
  end)

  it("and a worker show no control characters of what others wrote", function()
    made:add(1)
    made:outbox():pause "gone\27[2J\r\n\194\155m\7"
    local label = "w\27[31m"
    local said = made:sms("outbox", "status").out
      .. made:sms("worker", "--block", "0", "--label", label).err
    assert.matches("paused\ngone%?%[2J\n%?m%?\n", said)
    assert.matches("is paused: gone%?%[2J", said)
    assert.is_nil(said:find "[%z\1-\9\11-\31\127]" or said:find "\194\155")
  end)

  it("pauses and resumes", function()
    made:add(1)
    assert.equal(0, made:sms("outbox", "pause", "they called").status)
    assert.matches("paused +they called\n", made:sms("outbox", "status").out)
    assert.equal(0, made:sms("worker", "--block", "0").status)
    assert.equal(0, made.box:count())
    assert.equal("resumed\n", made:sms("outbox", "resume").out)
    assert.equal(0, made:sms("worker", "--block", "0").status)
    assert.equal(1, made.box:count())
  end)

  it("lists what is ambiguous, and sends it again only when it is told to", function()
    local id = ambiguous()
    assert.matches(("\n%s  k1 "):format(id), made:sms("outbox", "ambiguous").out)
    assert.equal(id, json("ambiguous", "--json").id)
    local ended = made:sms("outbox", "resend", id)
    assert.equal(2, ended.status)
    assert.matches("needs %-%-yes, .* may get it twice", ended.err)
    assert.equal(0, made:sms("outbox", "resend", id, "--yes").status)
    assert.equal(0, made:sms("worker", "--block", "0").status)
    assert.equal(2, made.box:count())
    assert.equal("sms: there are none\n", made:sms("outbox", "ambiguous").err)
  end)

  it("writes down what was found out", function()
    local id = ambiguous()
    assert.equal(2, made:sms("outbox", "settle", id, "perhaps", "--yes").status)
    assert.equal(0, made:sms("outbox", "settle", id, "accepted", "--yes").status)
    local result = json("result", id, "--json")
    assert.same({ "ended", "accepted" }, { result.state, result.outcome })
    assert.not_equal(0, made:sms("outbox", "settle", id, "rejected", "--yes").status)
  end)

  it("asks at a terminal before what cannot be undone", function()
    local id = ambiguous()
    for _, answer in ipairs { "n", "y" } do
      local screen = terminal.open(made:line("outbox", "settle", id, "not_sent",
        { TERM = "screen" }))
      screen:see(("Write down that %s was not sent?"):format(id))
      screen:type(answer)
      screen:press "Enter"
      assert.equal(answer == "y" and 0 or 3, screen:status())
      assert.equal(answer == "y" and 0 or 1, made:outbox():status().ambiguous)
    end
  end)

  it("cancels what nobody has begun", function()
    made:add(2)
    assert.matches("cancelled", made:sms("outbox", "cancel", "k1", "--yes").out)
    assert.equal(0, made:sms("worker", "--block", "0").status)
    assert.equal(1, made.box:count())
    local ended = made:sms("outbox", "cancel", "k2", "--yes")
    assert.same({ 1, "sms: k2: is ended: it cannot be cancelled any more\n" },
      { ended.status, ended.err })
  end)

  it("erases texts and numbers", function()
    made:add(1)
    assert.equal(0, made:sms("worker", "--block", "0").status)
    assert.equal(0, made:sms("outbox", "erase", "k1", "--yes").status)
    assert.not_matches("44770090", made:sms("outbox", "result", "k1").out, 1, true)
  end)

  it("with --dry-run changes nothing", function()
    made:add(1)
    for _, words in ipairs { { "pause" }, { "cancel", "k1" }, { "erase", "k1" } } do
      words[#words + 1] = "--dry-run"
      local ended = made:sms("outbox", (table.unpack or unpack)(words))
      assert.same({ 0, "" }, { ended.status, ended.out })
      assert.matches(("^sms: would %s%s the outbox "):format(words[1], words[3]
        and " k1 in" or ""), ended.err)
    end
    assert.equal(1, made:outbox():status().queued)
  end)

  it("takes no id or reason that cannot be one", function()
    local long = ("x"):rep(1001)
    for _, words in ipairs { { "result", "" }, { "result", long }, { "cancel", long, "--yes" },
      { "pause", long } } do
      local ended = made:sms("outbox", (table.unpack or unpack)(words))
      assert.equal(2, ended.status)
      assert.matches("^sms: an? [%w ]+ was expected\n", ended.err)
    end
    assert.equal(0, made:sms("outbox", "pause", "").status)
    assert.matches("paused +by hand\n", made:sms("outbox", "status").out)
  end)

  it("says what there is not, and not that it was not sent", function()
    for _, words in ipairs { { "result", "nothing" }, { "cancel", "nothing", "--yes" },
      { "erase", "nothing", "--yes" }, { "settle", "nothing", "accepted", "--yes" },
      { "resend", "1", "--yes" } } do
      local ended = made:sms("outbox", (table.unpack or unpack)(words))
      assert.same({ 1, "sms: no item has that id or key, or it ended too long ago\n" },
        { ended.status, ended.err })
    end
  end)
end)
