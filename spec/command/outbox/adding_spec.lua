-- sms outbox add: puts texts into an outbox.

local cjson = require "cjson"
local outboxes = require "spec.support.outbox.commands"

describe("sms outbox add", function()
  local made = outboxes.for_specs()

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
    ended = made:sms("worker", "--block", "0")
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
    assert.matches("^sms: items%[2%]%.to: .*phone number", ended.err)
    assert.equal(0, made:outbox():status().queued)
    ended = made:sms("outbox", "add", "--from", "Acme", "--to", "nobody", "Hello")
    assert.matches("^sms: to: must be a phone number", ended.err)
  end)

  it("adds what is forgotten when it has ended", function()
    local id = json("add", "--from", "Acme", "--to", "447700900001", "--forget-texts", "--keep",
      "0.5", "--json", "Hello").id
    assert.equal(0, made:sms("worker", "--block", "0").status)
    local record = made.server:command("HGETALL", ("sms:{outbox:%s}:item:%s"):format(made.name, id))
    assert.not_matches("447700900001", table.concat(record, " "), 1, true)
    local left = made.server:command("PTTL", ("sms:{outbox:%s}:item:%s"):format(made.name, id))
    assert.is_true(left > 42000000 and left <= 43200000, left)
    local ended = made:sms("outbox", "add", "--to", "447700900001", "--keep", "0", "Hi")
    assert.equal(2, ended.status)
    assert.matches("^sms: %-%-keep: ", ended.err)
  end)

  it("with --dry-run shows what would be added", function()
    local ended = made:sms("outbox", "add", "--from", "Acme", "--to", "447700900001", "--dry-run",
      "Hi")
    assert.same({ from = "Acme", to = "447700900001", text = "Hi" }, cjson.decode(ended.out))
    assert.equal(0, made:outbox():status().queued)
  end)

  it("with --dry-run says what would be refused", function()
    local ended = made:sms("outbox", "add", "--from", "Acme", "--to", "447700900001", "--to",
      "(0)44", "--dry-run", "Hi")
    assert.equal(3, ended.status)
    assert.matches("items[2]: ", ended.err, 1, true)
    local seen = cjson.decode(ended.out)
    assert.equal("447700900001", seen.to)
  end)

  it("with --dry-run checks messages to Retarus as well", function()
    local ended = made:sms("outbox", "add", "--provider", "retarus", "--to", "12", "--dry-run",
      "Hi")
    assert.equal(3, ended.status)
    assert.matches("dst", ended.err, 1, true)
    ended = made:sms("outbox", "add", "--provider", "retarus", "--to", "+447700900001", "--dry-run",
      "Hi")
    assert.same({ dst = "+447700900001", text = "Hi" }, cjson.decode(ended.out))
  end)
end)
