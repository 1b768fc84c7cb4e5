-- The cases of the table of outcomes, made of spec.cases.outcomes: whatever the engine can see of
-- an attempt, for every operation, to kind, outcome and who may repeat it.
--
--   outcomes.cases[name](function(operation, reply, meaning) … end)
--   outcomes.judge(outcome.read, retry.is_retryable, operation, reply) == meaning

local written = require "spec.cases.outcomes"
local cjson = require "cjson"
local nexmo = require "sms.providers.nexmo"
local retarus = require "sms.providers.retarus"

local outcomes = { operations = {}, cases = {} }

local OK = { [200] = true }
local operations, names = outcomes.operations, {} -- by name: provider, operation; in one order
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
function outcomes.judge(read, allowed, name, reply)
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
outcomes.WHOSE = { '{"message":"Forbidden"}', '{"message":"no","code":403}',
  '{"error-code":"401","error-code-label":"no"}' }

local cases = outcomes.cases

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

return outcomes
