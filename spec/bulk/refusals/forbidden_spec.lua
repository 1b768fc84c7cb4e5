-- send_all where a call is answered 403: that may be the account, or one text that a firewall
-- dislikes.

local cjson = require "cjson"
local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"
local texts = require "spec.support.texts"
local wire = require "spec.support.wire"

local list_of, count_of = texts.list_of, texts.count_of

local OWN = {
  '{"error-code":"403","error-code-label":"forbidden"}',
  '{"message-count":"1","messages":[{"status":"29","error-text":"Non White-listed"}]}',
  '{"type":"https://developer.nexmo.com/api-errors#unprovisioned","title":"Forbidden",'
    .. '"detail":"Your account has not been provisioned"}',
}
local FOREIGN = { "", "<html>Forbidden</html>", '{"message":"Forbidden"}', "[]", "null",
  '{"status":403,"error":"Forbidden","message":"Access Denied","path":"/sms/json"}',
  '{"type":"https://tools.ietf.org/html/rfc7231#section-6.5.3","title":"Forbidden","status":403}' }

describe("send_all with an answer of 403", function()
  local box = sandbox.for_specs()
  local path

  before_each(function()
    path = os.tmpname()
    os.remove(path)
  end)
  after_each(function() os.remove(path) end)

  local function run(source, options, client)
    return texts.collect(client or wire.nexmo(box), source,
      wire.changed({ journal = path, in_flight = 1 }, options or {}))
  end

  local function forbid(refs, body)
    for _, ref in ipairs(refs) do
      box:fault { ref = ref, kind = "status", status = 403, body = body or "" }
    end
  end

  local function outcomes_of(errs)
    local outcomes = {}
    for ref, err in pairs(errs) do outcomes[ref] = err.status .. " " .. err.outcome end
    return outcomes
  end

  for _, body in ipairs(OWN) do
    it("ends where the body is the provider's own: " .. body, function()
      forbid({ "r2" }, body)
      local seen, errs, fatal = run(list_of(4))
      assert.same({ { r1 = 1 }, {} }, { seen, errs })
      assert.same({ true, 403 }, { fatal.account, fatal.status })
      box:reset()
      assert.same({ r2 = 1, r3 = 1, r4 = 1 }, (run(list_of(4))))
    end)
  end

  for _, body in ipairs(FOREIGN) do
    it("goes on where the body is nobody's: " .. body, function()
      forbid({ "r2" }, body)
      local seen, errs, fatal = run(list_of(4))
      assert.is_nil(fatal)
      assert.equal(4, count_of(seen))
      assert.same({ r2 = "403 rejected" }, outcomes_of(errs))
      assert.is_nil(errs.r2.account)
      box:reset()
      assert.same({}, (run(list_of(4))))
      assert.same({ r2 = 1 }, (run(list_of(4), { resend_refused = true })))
    end)
  end

  it("ends after three in a row, which stay new", function()
    forbid { "r2", "r3", "r4" }
    local seen, errs, fatal = run(list_of(6))
    assert.same({ { r1 = 1 }, {} }, { seen, errs })
    assert.same({ true, 403, "auth", "rejected" },
      { fatal.account, fatal.status, fatal.kind, fatal.outcome })
    assert.matches("^the last calls were all answered with HTTP status 403: ", fatal.message)
    assert.equal(4, box:count())
    box:reset()
    assert.same({ r2 = 1, r3 = 1, r4 = 1, r5 = 1, r6 = 1 }, (run(list_of(6))))
  end)

  it("ends after three in a row without a journal, too", function()
    forbid { "r1", "r2", "r3" }
    local seen, errs, fatal = texts.collect(wire.nexmo(box), list_of(6), { in_flight = 1 })
    assert.same({ {}, {} }, { seen, errs })
    assert.same({ true, 403 }, { fatal.account, fatal.status })
    assert.equal(3, box:count())
  end)

  it("goes on where another answer comes between", function()
    forbid { "r1", "r2", "r4", "r5", "r7" }
    local seen, errs, fatal = run(list_of(7))
    assert.is_nil(fatal)
    assert.equal(7, count_of(seen))
    assert.equal(5, count_of(errs))
    box:reset()
    assert.same({}, (run(list_of(7))))
  end)

  it("is an item's own where the source ends before the third", function()
    forbid { "r2", "r3" }
    local seen, errs, fatal = run(list_of(3))
    assert.is_nil(fatal)
    assert.equal(3, count_of(seen))
    assert.same({ r2 = "403 rejected", r3 = "403 rejected" }, outcomes_of(errs))
    assert.equal(1, seen.r2)
  end)

  it("counts what is in flight side by side, and ends with few calls", function()
    box:fault { kind = "status", status = 403 }
    local seen, errs, fatal = run(list_of(300), { in_flight = 32 })
    assert.same({ {}, {} }, { seen, errs })
    assert.is_true(fatal.account)
    assert.is_true(box:count() <= 32 + 2, box:count())
    box:reset()
    assert.equal(300, count_of((run(list_of(300), { in_flight = 32 }))))
    assert.equal(300, box:count())
  end)

  it("leaves those before a refusal of the account new", function()
    forbid { "r1", "r2" }
    box:fault { ref = "r3", kind = "nexmo_status", code = 9 }
    local seen, _, fatal = run(list_of(5))
    assert.same({}, seen)
    assert.equal("9", fatal.code)
    box:reset()
    assert.equal(5, count_of((run(list_of(5)))))
  end)

  it("is told where the run ends for another reason", function()
    forbid { "r1", "r2" }
    local list = list_of(2)
    list[3] = "nobody"
    local seen, errs, fatal = run(list)
    assert.same({ r1 = 1, r2 = 1 }, seen)
    assert.same({ r1 = "403 rejected", r2 = "403 rejected" }, outcomes_of(errs))
    assert.same({ "invalid" }, { fatal.kind, fatal.account })
  end)

  it("is told where the loop goes on after close", function()
    forbid { "r4", "r5" } -- two: whichever order they come in, they are no row of three
    local items = wire.nexmo(box):send_all(list_of(9), { journal = path, in_flight = 5 })
    assert.is_table((items()))
    items:close()
    local told = 1
    for _ in items do told = told + 1 end
    assert.equal(box:count(), told)
    box:reset()
    assert.equal(9 - told, count_of((run(list_of(9)))))
  end)

  it("counts a job once, and knows Retarus' own body", function()
    local client, list = retarus.client(box), {}
    local function item(i)
      return { dst = ("+49176%07d"):format(i), text = "Hello", customerRef = "c" .. i }
    end
    for i = 1, 6100 do list[i] = item(i) end
    local function told(body, skip)
      box:clear_faults()
      box:clear_arrivals()
      box:fault { kind = "status", status = 403, body = body, skip = skip, count = skip and 1 }
      local count, fatal = 0, nil
      for sent, _, err in client:send_all(list, { in_flight = 1, journal = path }) do
        if sent then count = count + 1 else fatal = err end
      end
      return { count, fatal and fatal.account, #box:arrivals() }
    end
    assert.same({ 0, true, 1 }, told(cjson.encode { message = "no", code = 403 }))
    assert.same({ 0, true, 3 }, told '{"message":"Forbidden"}')
    os.remove(path)
    for i = #list, 6001, -1 do list[i] = nil end
    assert.same({ 0, true, 2 }, told '{"message":"Forbidden"}') -- nobody was let through
    os.remove(path)
    for i = #list, 3001, -1 do list[i] = nil end
    assert.same({ 0, true, 1 }, told '{"message":"Forbidden"}')
    for i = 3001, 6001 do list[i] = item(i) end
    assert.same({ 6001, nil, 3 }, told('{"message":"Forbidden"}', 1))
    assert.same({ 0, nil, 0 }, told "")
  end)
end)
