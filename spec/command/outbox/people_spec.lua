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
    assert.equal(5, made:sms("worker", "--block", "0.3").status)
    return id
  end

  local function json(...)
    local ended = made:sms("outbox", ...)
    assert.equal(0, ended.status, ended.err)
    return cjson.decode(ended.out)
  end

  it("adds texts, one for each number", function()
    local ended = made:sms("outbox", "add", "--from", "Acme", "--to", "+44 7700 900001", "--to",
      "447700900002", "--ttl", "60000", "Hello")
    assert.equal(0, ended.status, ended.err)
    assert.matches("^%+44 7700 900001  added  %d+\n447700900002  added  %d+\n$", ended.out)
    assert.equal(2, made:outbox():status().queued)
    ended = made:sms("worker", "--block", "0.3")
    assert.equal(0, ended.status, ended.err)
    assert.matches("ttl=60000", made.box:arrivals("send_sms")[1].body)
  end)

  it("adds one message for one key", function()
    local first = json("add", "--from", "Acme", "--to", "447700900001", "--key", "order-17",
      "--json", "Hello")
    local again = json("add", "--from", "Acme", "--to", "447700900001", "--key", "order-17",
      "--json", "Hello again")
    assert.same({ true, false, first.id }, { first.is_new, again.is_new, again.id })
    assert.equal("queued", json("result", "order-17", "--json").state)
    local ended = made:sms("outbox", "add", "--to", "1", "--to", "2", "--key", "x", "Hi")
    assert.equal(2, ended.status)
    assert.matches("--key: stands for one message", ended.err, 1, true)
  end)

  it("adds with times and a priority", function()
    json("add", "--from", "Acme", "--to", "447700900001", "--not-before", "2099-12-24T20:00Z",
      "--priority", "high", "--json", "Hello")
    assert.equal(1, made:outbox():status().delayed)
    local ended = made:sms("outbox", "add", "--to", "447700900001", "--not-after",
      "2020-01-01T00:00Z", "Hi")
    assert.equal(2, ended.status)
    assert.matches("--not-after: 2020-01-01T00:00Z has passed", ended.err, 1, true)
  end)

  it("adds none where one is wrong", function()
    local ended = made:sms("outbox", "add", "--from", "Acme", "--to", "447700900001", "--to",
      "nobody", "Hello")
    assert.equal(3, ended.status, ended.err)
    assert.matches("^sms: .*phone number", ended.err)
    assert.equal(0, made:outbox():status().queued)
  end)

  it("tells how much there is", function()
    made:add(3)
    local status = json("status", "--json")
    assert.same({ 3, 0, 0 }, { status.queued, status.begun, status.ambiguous })
    local ended = made:sms("outbox", "status")
    assert.matches("^queued +3\ndelayed +0\ntaken +0\nbegun +0\nambiguous +0\noldest ", ended.out)
  end)

  it("pauses and resumes", function()
    made:add(1)
    assert.equal(0, made:sms("outbox", "pause", "they called").status)
    assert.matches("paused +they called\n", made:sms("outbox", "status").out)
    assert.equal(0, made:sms("worker", "--block", "0.3").status)
    assert.equal(0, made.box:count())
    assert.equal("resumed\n", made:sms("outbox", "resume").out)
    assert.equal(0, made:sms("worker", "--block", "0.3").status)
    assert.equal(1, made.box:count())
  end)

  it("lists what is ambiguous, and sends it again only when it is told to", function()
    local id = ambiguous()
    assert.matches(("\n%s  k1 "):format(id), made:sms("outbox", "ambiguous").out)
    assert.equal(id, json("ambiguous", "--json").id)
    local ended = made:sms("outbox", "resend", id)
    assert.equal(2, ended.status)
    assert.matches("needs --yes, .* may get it twice", ended.err)
    assert.equal(0, made:sms("outbox", "resend", id, "--yes").status)
    assert.equal(0, made:sms("worker", "--block", "0.3").status)
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
    assert.equal(0, made:sms("worker", "--block", "0.3").status)
    assert.equal(1, made.box:count())
    local ended = made:sms("outbox", "cancel", "k2", "--yes")
    assert.same({ 1, "sms: k2: is ended: it cannot be cancelled any more\n" },
      { ended.status, ended.err })
  end)

  it("erases texts and numbers", function()
    made:add(1)
    assert.equal(0, made:sms("worker", "--block", "0.3").status)
    assert.equal(0, made:sms("outbox", "erase", "k1", "--yes").status)
    assert.not_matches("44770090", made:sms("outbox", "result", "k1").out, 1, true)
  end)

  it("with --dry-run changes nothing", function()
    made:add(1)
    for _, words in ipairs { { "pause" }, { "cancel", "k1" }, { "erase", "k1" } } do
      words[#words + 1] = "--dry-run"
      local ended = made:sms("outbox", (table.unpack or unpack)(words))
      assert.same({ 0, "" }, { ended.status, ended.out })
      assert.matches("^sms: would " .. words[1], ended.err)
    end
    local ended = made:sms("outbox", "add", "--to", "447700900001", "--dry-run", "Hi")
    assert.same({ to = "447700900001", text = "Hi" }, cjson.decode(ended.out))
    assert.equal(1, made:outbox():status().queued)
  end)

  it("says what there is not", function()
    for _, words in ipairs { { "result", "nothing" }, { "cancel", "nothing", "--yes" },
      { "resend", "1", "--yes" } } do
      local ended = made:sms("outbox", (table.unpack or unpack)(words))
      assert.is_true(ended.status == 1 or ended.status == 3, ended.err)
      assert.matches("^sms: ", ended.err)
    end
  end)
end)
