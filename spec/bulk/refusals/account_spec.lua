-- send_all where the provider refuses the account: the run ends, and no item pays for it.

local cjson = require "cjson"
local codes = require "spec.cases.nexmo_codes"
local core = require "sms.core"
local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"
local texts = require "spec.support.texts"
local wire = require "spec.support.wire"

local list_of, count_of = texts.list_of, texts.count_of

describe("send_all whose account is refused", function()
  local box = sandbox.for_specs()
  local path

  before_each(function()
    path = os.tmpname()
    os.remove(path)
  end)
  after_each(function() os.remove(path) end)

  local function run(source, options, client)
    return texts.collect(client or wire.nexmo(box), source,
      wire.changed({ journal = path }, options or {}))
  end

  --- The same run, now that the account is right again, sends so many, each once.
  local function assert_goes_on(list, expected, options)
    box:reset()
    local seen, errs, fatal = run(list, options)
    assert.is_nil(fatal)
    assert.same({}, errs)
    assert.equal(expected, count_of(seen))
    assert.equal(expected, box:count())
    return seen
  end

  it("by wrong credentials makes no more calls than are in flight, and sends all later", function()
    local wrong = wire.nexmo(box, { api_secret = "Wrong0123456789" })
    local seen, errs, fatal = run(list_of(300), nil, wrong)
    assert.same({ {}, {} }, { seen, errs })
    assert.same({ true, "auth", "rejected", "nexmo", "send_sms" },
      { fatal.account, fatal.kind, fatal.outcome, fatal.provider, fatal.operation })
    assert.is_true(box:count() <= 32, box:count())
    assert_goes_on(list_of(300), 300)
  end)

  it("ends the same without a journal", function()
    local wrong = wire.nexmo(box, { api_secret = "Wrong0123456789" })
    local seen, _, fatal = texts.collect(wrong, list_of(300))
    assert.same({}, seen)
    assert.is_true(fatal.account)
    assert.is_true(box:count() <= 32, box:count())
  end)

  for _, case in ipairs(codes.sms) do
    local verb = case.account and "ends" or "does not end"
    it(("%s by code %s"):format(verb, case[1]), function()
      box:fault { ref = "r3", kind = "nexmo_status", code = tonumber(case[1]), count = 1 }
      local seen, errs, fatal = run(list_of(5), { in_flight = 1 })
      if case.account then
        assert.same({ r1 = 1, r2 = 1 }, seen)
        assert.same({}, errs)
        assert.same({ true, case[1], case[2][1], "rejected" },
          { fatal.account, fatal.code, fatal.kind, fatal.outcome })
        assert_goes_on(list_of(5), 3)
      else
        assert.is_nil(fatal)
        assert.equal(5, count_of(seen))
        assert.same({ case[1], case[2][2] }, { errs.r3.code, errs.r3.outcome })
        assert.is_nil(errs.r3.account)
      end
    end)
  end

  for _, status in ipairs { 401, 402, 407 } do
    for _, body in ipairs { "", "<html>No</html>", '{"error-code":"420"}' } do
      it(("ends by HTTP status %d with %q"):format(status, body), function()
        box:fault { ref = "r3", kind = "status", status = status, body = body }
        local seen, errs, fatal = run(list_of(5), { in_flight = 1 })
        assert.same({ { r1 = 1, r2 = 1 }, {} }, { seen, errs })
        assert.same({ true, status, "rejected" }, { fatal.account, fatal.status, fatal.outcome })
        assert_goes_on(list_of(5), 3)
      end)
    end
  end

  it("ends by a proxy that wants other credentials, before a tunnel or behind none", function()
    local proxy = raw_server.start()
    proxy:reply(raw_server.http(407, ""))
    for _, base in ipairs { "https://rest.nexmo.com", "http://rest.nexmo.com" } do
      proxy:forget()
      local nexmo = wire.nexmo(box, { proxy = proxy.url, base_url = base, allow_http = true })
      local seen, errs, fatal = run(list_of(50), { in_flight = 2 }, nexmo)
      assert.same({ {}, {} }, { seen, errs })
      assert.same({ true, 407 }, { fatal.account, fatal.status })
      assert.is_true(#proxy:requests() <= 2)
    end
    proxy:stop()
    assert_goes_on(list_of(50), 50)
  end)

  it("tells what was in flight, and starts nothing more", function()
    box:fault { ref = "r3", kind = "nexmo_status", code = 9, count = 1 }
    box:fault { kind = "latency", seconds = 0.2 }
    local seen, errs, fatal = run(list_of(100), { in_flight = 10 })
    assert.is_true(fatal.account)
    assert.same({}, errs)
    assert.equal(9, count_of(seen))
    assert.is_nil(seen.r3)
    assert.equal(10, box:count())
    assert.is_nil(assert_goes_on(list_of(100), 91).r1)
  end)

  it("lets those that wait for slots stay new", function()
    local nexmo = wire.nexmo(box, { rate_limit = { calls = 3, period = 2 },
      api_key = "refused" .. core.random() })
    box:settings { nexmo_key = nexmo.identity }
    box:fault { ref = "r2", kind = "nexmo_status", code = 8, count = 1 }
    local seen, errs, fatal = run(list_of(20), { use = 1 }, nexmo)
    assert.same({ { r1 = 1, r3 = 1 }, {} }, { seen, errs })
    assert.is_true(fatal.account)
    assert.equal(3, box:count())
    assert_goes_on(list_of(20), 18)
  end)

  it("does not send what still waits for the disk", function()
    box:fault { ref = "r1", kind = "nexmo_status", code = 9, count = 1 }
    local items = wire.nexmo(box):send_all(list_of(4), { journal = path, sync = true,
      in_flight = 2 })
    local begun = 0
    items.queue.ledger.wait = function(_, sleep)
      begun = begun + 1
      if begun == 2 then sleep(0.3) end
      return true
    end
    local sent, _, fatal = items()
    assert.same({ false, true }, { sent, fatal.account })
    assert.equal(1, box:count())
    assert_goes_on(list_of(4), 4)
  end)

  it("keeps a message settled of which a part was taken", function()
    box:fault { ref = "r2", kind = "shape", count = 1, body = cjson.encode { messages = {
      { status = "0", ["client-ref"] = "r2" }, { status = "7" }, { status = "9" } } } }
    local seen, errs, fatal = run(list_of(4), { in_flight = 1 })
    assert.same({ r1 = 1, r2 = 1 }, seen)
    assert.same({ "partial", "accepted", true },
      { errs.r2.kind, errs.r2.outcome, errs.r2.account })
    assert.same({ true, "rejected" }, { fatal.account, fatal.outcome })
    assert.same({ r3 = 1, r4 = 1 }, assert_goes_on(list_of(4), 2))
    assert.same({}, assert_goes_on(list_of(4), 0, { resend_refused = true }))
  end)

  it("counts nobody as refused", function()
    local reports = {}
    run(list_of(40), { on_progress = function(report) reports[#reports + 1] = report end },
      wire.nexmo(box, { api_secret = "Wrong0123456789" }))
    assert.same({ 0, 0 }, { reports[#reports].done, reports[#reports].refused })
  end)

  it("ends runs of jobs, too", function()
    local client, list = retarus.client(box), {}
    for i = 1, 7000 do
      list[i] = { dst = ("+49176%07d"):format(i), text = "Hello", customerRef = "c" .. i }
    end
    box:settings { retarus_username = "somebody else" }
    local function told(options)
      local count, fatal = 0, nil
      for sent, _, err in client:send_all(list, wire.changed({ journal = path }, options or {})) do
        if sent then count = count + 1 else fatal = err end
      end
      return count, fatal
    end
    local count, fatal = told { in_flight = 1 }
    assert.same({ 0, true, 401, 1 }, { count, fatal.account, fatal.status, box:count() })
    box:settings { retarus_username = "user1" }
    client:close()
    client = retarus.client(box)
    count, fatal = told()
    assert.is_nil(fatal)
    assert.equal(7000, count)
  end)

  it("is told and sent again by resend_refused, in a journal of an earlier version", function()
    local canonical = require "sms.bulk.canonical"
    local list = list_of(4)
    local journal = assert(core.journal(path, false))
    for i, outcome in ipairs { "accepted", "rejected", "ambiguous" } do
      journal:begin(i, core.sha256(canonical.text(list[i])))
      journal:finish(i, outcome)
    end
    journal:close()
    assert.same({ r4 = 1 }, assert_goes_on(list, 1))
    assert.same({ r2 = 1 }, assert_goes_on(list, 1, { resend_refused = true }))
    assert.same({}, assert_goes_on(list, 0, { resend_refused = true }))
    assert.same({ r3 = 1 },
      assert_goes_on(list, 1, { resend_refused = true, resend_ambiguous = true }))
  end)
end)
