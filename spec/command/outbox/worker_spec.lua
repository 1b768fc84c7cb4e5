-- sms worker: sends what is in an outbox, and says how each message ended.

local cjson = require "cjson"
local outboxes = require "spec.support.outbox.commands"
local process = require "spec.support.process"
local run = require "spec.support.runs.command"

describe("sms worker", function()
  local made = outboxes.for_specs()

  it("sends what is there, once, and prints how each ended", function()
    local ids = made:add(20)
    local ended = made:sms("worker", "--block", "0.1", "--label", "first")
    assert.equal(0, ended.status, ended.err)
    for i, id in ipairs(ids) do
      assert.matches(("%s  k%d  accepted  %%x+\n"):format(id, i), ended.out)
    end
    assert.matches(("^sms: worker first: the outbox %s at 127.0.0.1:%d, through Nexmo; Ctrl%%-C ")
      :format(made.name, made.server.port), ended.err)
    assert.matches("\nsms: nothing to do any more: 20 accepted\n$", ended.err)
    local counts, total = made:arrived()
    assert.equal(20, total)
    for _, count in pairs(counts) do assert.equal(1, count) end
    assert.equal("ended", made:outbox():result("k7").state)
  end)

  it("sends nothing that was added for another provider", function()
    local ended = made:sms("outbox", "add", "--from", "Acme", "--to", "447700900001", "Hello")
    assert.equal(0, ended.status, ended.err)
    ended = made:sms("worker", "--provider", "retarus", "--block", "0")
    assert.equal(2, ended.status, ended.err)
    assert.matches("\nsms: the outbox is for nexmo\n$", ended.err)
    assert.equal(1, made:outbox():status().queued)
    ended = made:sms("outbox", "add", "--provider", "retarus", "--to", "447700900001", "Hello")
    assert.equal(3, ended.status, ended.err)
    assert.matches("^sms: the outbox has items for nexmo", ended.err)
    assert.equal(0, made:sms("worker", "--block", "0", "--label", "").status)
    assert.equal(1, made.box:count())
  end)

  it("says what it waits for, where the limit is new", function()
    made:add(2)
    local path = made.home .. "/waits"
    local ended = process.interrupted(run.line({ "worker", "--outbox", made.name, "--provider",
      "nexmo", "--in-flight", "1" }, { HOME = made.home, NEXMO_API_KEY = made.name .. os.time(),
      NEXMO_API_SECRET = "Secret0123456789", NEXMO_BASE_URL = made.box.urls.nexmo,
      SMS_REDIS = "127.0.0.1:" .. made.server.port }) .. " 2>" .. path, function()
      return (process.read(path) or ""):find "waiting"
    end, "TERM")
    assert.equal(0, ended.status)
    assert.matches("\nsms: waiting %d+ s, to stay within the rate limit in Redis; [^\n]+\n"
      .. "sms: ended by SIGTERM: nothing was sent\n$", process.read(path))
  end)

  it("tells programs, a line for each", function()
    made.box:fault { ref = "k2", kind = "nexmo_status", code = 6 }
    local ids = made:add(2, { priority = "high" })
    local ended = made:sms("worker", "--block", "0.1", "--json", "--label", "first")
    assert.equal(6, ended.status, ended.err)
    local told = {}
    for line in ended.out:gmatch "[^\n]+" do
      local value = cjson.decode(line)
      told[value.key] = value
    end
    assert.same({ ids[1], "high", "first", "accepted" }, { told.k1.id, told.k1.priority,
      told.k1.worker, told.k1.outcome })
    assert.equal("447700900001", told.k1.result.messages[1].to)
    assert.same({ ids[2], "rejected", "6" }, { told.k2.id, told.k2.outcome, told.k2.error.code })
  end)

  it("ends with the code of all it has sent", function()
    made.box:fault { ref = "k1", kind = "lost_answer", how = "reset" }
    made:add(2)
    local ended = made:sms("worker", "--block", "0.1")
    assert.equal(5, ended.status, ended.err)
    assert.matches("sms: %d+  k1: ambiguous: ", ended.err)
    assert.equal(1, made:outbox():status().ambiguous)
  end)

  it("puts back what an account's refusal keeps from being sent, and ends with 4", function()
    made.box:fault { operation = "send_sms", kind = "nexmo_status", code = 9 }
    made:add(5)
    local ended = made:sms("worker", "--in-flight", "1", "--json")
    assert.equal(4, ended.status, ended.err)
    assert.is_true(cjson.decode(ended.out).error.account)
    assert.matches("\nsms: the account was refused: ", ended.err, 1, true)
    local status = made:outbox():status()
    assert.equal(5, status.queued + status.delayed)
    assert.is_string(status.paused)
    made.box:clear_faults()
    ended = made:sms("worker", "--block", "0.1", "--json")
    assert.same({ 0, "" }, { ended.status, ended.out })
    assert.matches("\nsms: the outbox is paused: ", ended.err, 1, true)
    assert.equal(0, made.box:count() - 1)
    assert.equal(0, made:sms("outbox", "resume").status)
    ended = made:sms("worker", "--block", "1.5")
    assert.equal(0, ended.status, ended.err)
    assert.matches("5 accepted\n$", ended.err)
  end)

  it("sends Retarus jobs with the options that it was given", function()
    local ended = made:sms("outbox", "add", "--provider", "retarus", "--to", "+447700900000",
      "--customerRef", "c1", "Hello")
    assert.equal(0, ended.status, ended.err)
    ended = made:sms("worker", "--provider", "retarus", "--block", "0.1", "--from", "Acme",
      "--flash")
    assert.equal(0, ended.status, ended.err)
    local body = cjson.decode(made.box:arrivals("send_job")[1].body)
    assert.same({ "Acme", true }, { body.options.src, body.options.flash })
    assert.equal("c1", body.messages[1].recipients[1].customerRef)
  end)

  it("with --dry-run sends nothing", function()
    made:add(1)
    local ended = made:sms("worker", "--dry-run")
    assert.same({ 0, "" }, { ended.status, ended.out })
    assert.matches("^sms: would send what is in the outbox ", ended.err)
    assert.same({ 0, 1 }, { made.box:count(), made:outbox():status().queued })
  end)

  it("asks before it sends to a sandbox", function()
    local ended = made:sms("worker", "--block", "0")
    assert.equal(0, ended.status, ended.err)
    ended = require("spec.support.runs.command").sms({ "worker", "--outbox", made.name },
      made:environment())
    assert.equal(2, ended.status)
    assert.matches("needs %-%-yes.*SMS_SANDBOX is set", ended.err)
  end)

  local refused = {
    ["--from=Acme"] = "%-%-from is an option of Retarus",
    ["--flash"] = "%-%-flash is an option of Retarus",
    ["--lease=nan"] = "%-%-lease: must be a number",
    ["--in-flight=0"] = "%-%-in%-flight: ",
    ["--lease=-1"] = "%-%-lease: ",
    ["--redis=redis://me:Hidden77@example.com"] = "takes HOST:PORT or unix:PATH alone: a password",
    ["--redis=example.com:x"] = "is not HOST:PORT or unix:PATH",
    ["--redis-password=Hidden77"] = "secrets are not taken from arguments",
  }
  for word, message in pairs(refused) do
    it("refuses " .. word, function()
      local ended = made:sms("worker", "--block", "0", word)
      assert.equal(2, ended.status, ended.err)
      assert.matches(message, ended.err)
      assert.not_matches("Hidden77", ended.err)
    end)
  end

  it("ends where Redis is not set as an outbox needs it, unless the risk is accepted", function()
    made:add(1)
    made.server:command("CONFIG", "SET", "appendfsync", "everysec")
    local ended = made:sms("worker", "--block", "0")
    assert.equal(1, ended.status, ended.err)
    assert.matches("appendfsync is everysec", ended.err)
    assert.equal(0, made.box:count())
    ended = made:sms("worker", "--block", "0.1", "--accept-risk")
    made.server:command("CONFIG", "SET", "appendfsync", "always")
    assert.equal(0, ended.status, ended.err)
    assert.equal(1, made.box:count())
  end)
end)
