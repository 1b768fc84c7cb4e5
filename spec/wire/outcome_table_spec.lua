-- The whole table of outcomes, written down a second time: whatever the engine can see of an
-- attempt, for every operation, to kind, outcome and who may repeat it.

local branches = require "spec.support.branches"
local written = require "spec.cases.outcomes"
local cjson = require "cjson"
local nexmo = require "sms.providers.nexmo"
local outcome = require "sms.wire.outcome"
local retarus = require "sms.providers.retarus"
local retry = require "sms.wire.retry"

local OK = { [200] = true }
local operations, names = {}, {} -- by name: provider, operation; and in one order
for _, provider in ipairs { retarus, nexmo } do
  for _, operation in ipairs(provider.operations) do
    operations[operation[1]] = { provider, operation }
    names[#names + 1] = operation[1]
  end
end

local SAFE = { send_job = false, send_sms = false, send_voice = false,
  create_application = false, update_application = false, buy_number = false,
  cancel_number = false, update_number = false }

--- What an attempt comes to: kind, outcome, and whether it may be repeated without trust in
--- duplicate detection (twice) and with it.
local function judge(read, allowed, name, reply)
  local provider, operation = operations[name][1], operations[name][2]
  local whole = { ending = "answered", sent = true, status = 0, body = "", message = "words",
    phase = "answer", bound = "timeout", bound_seconds = 30 }
  for key, value in pairs(reply) do whole[key] = value end
  local status = whole.ending == "answered" and whole.status or nil
  local result, failure = read(provider, operation, status, status and whole.body or whole)
  if not failure then return result ~= nil and "success" or "nothing" end
  return table.concat({ failure.kind, failure.outcome,
    tostring(allowed(operation, failure, false)), tostring(allowed(operation, failure, nil)),
    tostring(allowed(operation, failure, true)) }, " ")
end

local function expected(name, row, first)
  if not row then return "success" end
  local kind, ended, who = row[first or 1], row[(first or 1) + 1], row[(first or 1) + 2]
  local own = who == "all" or who == "safe" and SAFE[name] == nil
  return table.concat({ kind, ended, tostring(own), tostring(own), tostring(own or who == "safe") },
    " ")
end

local function sms_of(...)
  local parts = {}
  for i, code in ipairs { ... } do parts[i] = { status = code } end
  return cjson.encode { messages = parts }
end

-- Of parts that ended differently: something was taken, or may have been, or nothing.
local function of_pair(one, other)
  local first, second = written.sms[one], written.sms[other]
  if one == other then return first end
  if not first or not second then return { "partial", "accepted", "none" } end
  local either = { [first[2]] = true, [second[2]] = true }
  return { "partial", either.ambiguous and "ambiguous" or either.rejected and "rejected"
    or "not_sent", "none" }
end

-- Bodies that are nobody's, a provider's own, or say that the account is refused.
local WHOSE = { '{"message":"Forbidden"}', '{"message":"no","code":403}',
  '{"error-code":"401","error-code-label":"no"}' }

local cases = {}

function cases.endings(check)
  for _, name in ipairs(names) do
    for _, row in ipairs(written.endings) do
      for _, phase in ipairs { "queue", "lookup", "connect", "tls", "send", "answer", "body" } do
        for _, status in ipairs { 0, 100, 200, 201, 204, 404, 429, 500 } do
          check(name, { ending = row[1], sent = row[2], phase = phase, status = status,
            body = written.good[name] }, expected(name, row, 3))
        end
      end
    end
  end
end

function cases.proxies(check)
  for _, name in ipairs(names) do
    for _, status in ipairs { 302, 403, 407, 429, 502 } do
      check(name, { ending = "unreached", sent = false, phase = "tls", proxy_status = status },
        expected(name, status == 407 and { "rejected", "not_sent", "none" }
          or { "connection", "not_sent", "all" }))
    end
  end
end

function cases.statuses(check)
  for _, name in ipairs(names) do
    local place, succeeds = operations[name], written.success[name] or OK
    for status = 0, 999 do
      if not succeeds[status] then
        local row
        for _, line in ipairs(written.statuses) do
          if status >= line[1] and status <= line[2] then row = { line[3], line[4], line[5] } end
        end
        row = place[1] == retarus and written.of_retarus[status] or row
        for _, body in ipairs { "", written.good[name], "<html>", '{"status":1,"title":"t"}' } do
          check(name, { status = status, body = body }, expected(name, row))
        end
      end
    end
  end
end

function cases.bodies(check)
  for _, name in ipairs(names) do
    for status in pairs(written.success[name] or OK) do
      check(name, { status = status, body = written.good[name] }, "success")
      for _, body in ipairs(written.bad) do
        local ignored = status == 204 or name == "delete_application"
        check(name, { status = status, body = body },
          expected(name, not ignored and written.unreadable or nil))
      end
      for _, body in ipairs(written.doubtful[name] or {}) do
        check(name, { status = status, body = body }, expected(name, written.unreadable))
      end
    end
  end
end

cases["codes inside of 200"] = function(check)
  for one, row in pairs(written.sms) do
    check("send_sms", { status = 200, body = sms_of(one) }, expected("send_sms", row))
    for other in pairs(written.sms) do
      check("send_sms", { status = 200, body = sms_of(one, other) },
        expected("send_sms", of_pair(one, other)))
    end
  end
  for code, row in pairs(written.voice) do
    check("send_voice", { status = 200, body = cjson.encode { status = code } },
      expected("send_voice", row))
  end
  for code, row in pairs(written.numbers) do
    for _, name in ipairs { "list_inbound_numbers", "list_owned_numbers", "buy_number",
      "cancel_number", "update_number", "get_balance" } do
      check(name, { status = 200, body = cjson.encode { ["error-code"] = code, value = 1 } },
        expected(name, row))
    end
  end
end

describe("The table of outcomes", function()
  for name, run in pairs(cases) do
    it("is as it is written down: " .. name, function()
      local wrong, count = {}, 0
      run(function(operation, reply, meaning)
        local found = judge(outcome.read, retry.is_retryable, operation, reply)
        count = count + 1
        if found ~= meaning and #wrong < 10 then
          wrong[#wrong + 1] = ("%s %s %d %q: %s, not %s"):format(operation, reply.ending or "",
            reply.status, reply.body, found, meaning)
        end
      end)
      assert.same({}, wrong)
      assert.is_true(count > 40)
    end)
  end

  it("tells the account from what was asked", function()
    local bodies = { nexmo = { '{"message":"Forbidden"}', '{"error-code":"420"}',
      '{"error-code":"401"}' }, retarus = { WHOSE[1], WHOSE[2], WHOSE[2] } }
    local by_status = { [400] = { retarus = {}, nexmo = { [3] = true } },
      [403] = { retarus = { [2] = true, [3] = true }, nexmo = { [2] = true, [3] = true } } }
    for _, status in ipairs { 401, 402, 407 } do
      local always = { true, true, true }
      by_status[status] = { retarus = always, nexmo = always }
    end
    for name, place in pairs(operations) do
      local provider = place[1]
      for status, expected_of in pairs(by_status) do
        for i, body in ipairs(bodies[provider.name]) do
          local _, failure = outcome.read(provider, place[2], status, body)
          assert.equal(expected_of[provider.name][i], failure.account, name .. status .. body)
        end
      end
    end
  end)

  it("never takes back that an earlier attempt may have been taken", function()
    local after = { -- outcome of the attempt: of a read, of everything else
      not_sent = { "ambiguous", "ambiguous" }, ambiguous = { "ambiguous", "ambiguous" },
      rejected = { "rejected", "ambiguous" }, accepted = { "accepted", "accepted" },
    }
    for own, expected_of in pairs(after) do
      for _, place in pairs(operations) do
        local is_read = place[2].method == "GET"
        assert.equal(expected_of[is_read and 1 or 2], outcome.of_call(place[2], own, true))
        assert.equal(own, outcome.of_call(place[2], own, false))
        assert.equal(own, outcome.of_call(place[2], own, nil))
      end
    end
  end)

  if not branches.possible then return end

  -- Measuring is slow: a part of the cases has to do, always the same.
  local EVERY = { endings = 211, proxies = 1, statuses = 199, bodies = 1,
    ["codes inside of 200"] = 7 }

  local function measure(path, read, allowed)
    local measured, list = branches.load(path), { { "send_job", { status = 409 } } }
    for name, run in pairs(cases) do
      local count = 0
      run(function(operation, reply)
        count = count + 1
        if count % EVERY[name] == 0 then list[#list + 1] = { operation, reply } end
      end)
    end
    measured:run(function()
      for _, case in ipairs(list) do
        judge(read or measured.module.read, allowed or measured.module.is_retryable, case[1],
          case[2])
      end
    end)
    return measured
  end

  it("has no branch that is not taken here", function()
    local measured = measure("lua/sms/wire/outcome.lua", nil, retry.is_retryable)
    measured:run(function()
      local secrets = { mask = function(_, text) return text end }
      for name, params in pairs { get_version = false, send_sms = { text = "t" },
        send_job = { messages = {} } } do
        measured.module.read({}, operations[name][2], 400, "words", params or nil, secrets)
        measured.module.read({}, operations[name][2], 400, "words", nil, secrets)
      end
      measured.module.read(retarus, operations.send_job[2], 407, "")
      local unmasked = { mask = function() return nil end }
      for _, is_closed in ipairs { true, false } do
        measured.module.read(retarus, operations.send_job[2], nil, { ending = "cancelled",
          is_closed = is_closed, status = 0, phase = "answer", message = "words" }, nil, unmasked)
      end
      for _, body in ipairs(WHOSE) do
        measured.module.read(retarus, operations.send_job[2], 403, body)
        measured.module.read(nexmo, operations.send_sms[2], 400, body)
      end
      for _, own in ipairs { "accepted", "rejected", "not_sent" } do
        for _, name in ipairs { "get_version", "send_sms" } do
          measured.module.of_call(operations[name][2], own, true)
          measured.module.of_call(operations[name][2], own, false)
        end
      end
    end)
    assert.same({}, measured:missing())
  end)

  it("leaves no branch of what may be repeated, and when", function()
    local measured = measure("lua/sms/wire/retry.lua", outcome.read)
    local module = measured.module
    measured:run(function()
      for _, asked in ipairs { false, 1, 301 } do
        module.delay({ attempts = 2, base = 1, cap = 9 }, 1, { retry_after = asked or nil }, 0.5)
      end
      module.delay({ attempts = 2 }, 2, {}, 0.5)
      for i = 0, 3 do
        for _, date in ipairs { false, "soon", "Sun, 06 Nov 1994 08:49:37 GMT" } do
          module.after(({ "7", "soon", "Sun, 06 Nov 1994 08:49:37 GMT" })[i], date or nil, 0)
        end
      end
      local budget = module.new_budget()
      for _ = 1, 11 do module.spend(budget) end
    end)
    assert.same({}, measured:missing())
  end)
end)
