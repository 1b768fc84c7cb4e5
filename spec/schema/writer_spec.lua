-- The pass in C next to sms.schema and sms.request: what it writes is what they make of the
-- same params, and it writes nothing where they refuse or warn. All cases of spec/cases, and
-- random changes of them. SMS_TEST_LONG=1 tries more.

local changes = require "spec.support.changes"
local writer = require "sms.schema.writer"
local request = require "sms.wire.request"
local schema = require "sms.schema"

local LONG = os.getenv "SMS_TEST_LONG"
local CHANGES = LONG and 100000 or 1500 -- of the params of an operation
local CASES = { "nexmo", "nexmo_codes", "nexmo_refused", "nexmo_replies", "outcomes",
  "retarus", "retarus_refused" }
local NO_UNICODE = { auto_unicode = false }
local CONTEXT = { auto_unicode = true }

local operations, params_of, pool = {}, {}, {}

for _, name in ipairs { "nexmo", "retarus" } do
  for _, operation in ipairs(require("sms.providers." .. name).operations) do
    operations[operation[1]], params_of[operation[1]] = operation, {}
  end
end

--- Collects the params of all cases, and every value in them.
local function collect(value, name, seen)
  if type(value) == "table" and not seen[value] then
    seen[value] = true
    local operation = operations[value.operation or name]
    local params = operation and (value.params or value.base)
    if type(params) == "table" then
      table.insert(params_of[operation[1]], params)
    end
    for key, part in pairs(value) do
      collect(part, key, seen)
    end
  end
  if type(value) ~= "function" and name ~= "params" then
    pool[#pool + 1] = value
  end
end

for _, name in ipairs(CASES) do
  collect(require("spec.cases." .. name), name, {})
end

--- The body or query that the steps in Lua make; nil where they refuse, warn or change a
--- table.
local function by_steps(operation, params, context)
  local sent, problems, warnings = schema.check(operation, params, context)
  if problems[1] or warnings[1] then
    return nil
  end
  local built = request.build(operation, sent, "http://127.0.0.1")
  return built.body or built.url:match "%?(.*)$" or ""
end

local function compare(operation, params, context)
  local expected = by_steps(operation, params, context)
  local written = writer.body(operation, params, context)
  if written and written ~= expected then
    assert.equal(expected, written)
  end
  return expected, written
end

describe("Params written in one pass", function()
  local direct_operations = {}

  setup(function()
    for name, operation in pairs(operations) do
      writer.body(operation, {}, CONTEXT)
      if operation.writer then
        direct_operations[#direct_operations + 1] = name
      end
    end
    table.sort(direct_operations)
  end)

  it("are those of the operations that send, and of reads without a path", function()
    assert.same({ "list_inbound_numbers", "list_owned_numbers", "send_job", "send_sms",
      "send_voice" }, direct_operations)
  end)

  it("come to what the steps in Lua make of every case", function()
    local written = {}
    for _, name in ipairs(direct_operations) do
      for _, params in ipairs(params_of[name]) do
        local _, body = compare(operations[name], params, CONTEXT)
        compare(operations[name], params, NO_UNICODE)
        written[name] = (written[name] or 0) + (body and 1 or 0)
      end
      assert.is_true(written[name] > 0, name)
    end
  end)

  it("come to what the steps in Lua make of each value of every field", function()
    for _, name in ipairs(direct_operations) do
      local base = params_of[name][1]
      for _, field in ipairs(operations[name].fields) do
        for _, value in ipairs(pool) do
          local params = changes.copy_of(base)
          params[field[1]] = value
          compare(operations[name], params, CONTEXT)
        end
      end
    end
  end)

  it("come to what the steps in Lua make of random changes", function()
    local random = math.random
    local seed = os.time()
    math.randomseed(seed)
    for _, name in ipairs(direct_operations) do
      local operation, taken, fine = operations[name], 0, 0
      local fields = {}
      for _, field in ipairs(operation.fields) do
        fields[#fields + 1] = field
      end
      if name == "send_job" then
        for _, more in ipairs { "dst", "text", "recipients", "customerRef", "src" } do
          fields[#fields + 1] = { more }
        end
      end
      for _ = 1, CHANGES do
        local params = changes.copy_of(params_of[name][random(#params_of[name])])
        for _ = 1, random(3) do
          changes.make(params, fields, pool)
        end
        local ok, expected, body = pcall(compare, operation, params,
          random(4) == 1 and NO_UNICODE or CONTEXT)
        assert.is_true(ok, ("seed %d: %s"):format(seed, tostring(expected)))
        fine, taken = fine + (expected and 1 or 0), taken + (body and 1 or 0)
      end
      assert.is_true(taken > fine / 3, ("%s: %d of %d were written"):format(name, taken, fine))
    end
  end)
end)

describe("One pass", function()
  local send_sms, send_job = operations.send_sms, operations.send_job

  local function job(recipients, options)
    return { messages = { { text = "Hi", recipients = recipients } }, options = options }
  end

  it("writes what most people send", function()
    for _, params in ipairs {
      { from = "Acme", to = "447700900000", text = "Hello" },
      { from = "447700900001", to = "+44 7700 900000", text = "Grüße, 5 €\n[x]" },
      { from = "Acme", to = "0044 7700 900000", text = "Привет" },
      { from = "Acme", to = "447700900000", text = "Привет", type = "unicode" },
      { from = "24-7", to = "447700900000", text = "Hi", ["client-ref"] = "order 1", ttl = 20000,
        ["status-report-req"] = true, callback = "https://example.com/?a=1" },
    } do
      local expected, written = compare(send_sms, params, CONTEXT)
      assert.is_string(expected)
      assert.equal(expected, written)
    end
    for _, params in ipairs {
      job { "+491760000001" },
      job({ { dst = "0176 0000-003", customerRef = "r1" }, "00491760000002" },
        { src = "Acme", statusRequested = false, validityMin = 0, qos = "EXPRESS",
          jobPeriod = "2030-07-09T11:25:24.683+02:00" }),
    } do
      local expected, written = compare(send_job, params, CONTEXT)
      assert.is_string(expected)
      assert.equal(expected, written)
    end
  end)

  it("writes jobs of 3,000, and leaves longer ones alone", function()
    local recipients = {}
    for i = 1, 3000 do
      recipients[i] = { dst = ("+4917%08d"):format(i), customerRef = "order-" .. i }
    end
    local expected, written = compare(send_job, job(recipients), CONTEXT)
    assert.equal(expected, written)
    recipients[3001] = "+491760000001"
    assert.is_nil(writer.body(send_job, job(recipients), CONTEXT))
  end)

  it("leaves alone tables that are more than tables, and lists that are not in order", function()
    local behind = setmetatable({}, { __index = { from = "Acme", to = "447700900000" } })
    behind.text = "Hi"
    assert.is_nil(writer.body(send_sms, behind, CONTEXT))
    assert.is_nil(writer.body(send_job, job { [1] = "+491760000001", [3] = "+491760000002" },
      CONTEXT))
    assert.is_nil(writer.body(send_job, job { "+491760000001", n = 1 }, CONTEXT))
    local circle = { from = "Acme", to = "447700900000" }
    circle.text = circle
    assert.is_nil(writer.body(send_sms, circle, CONTEXT))
  end)

  it("leaves alone what is larger than a request may be", function()
    local params = { from = "Acme", to = "447700900000", text = "Hi",
      ["account-ref"] = ("x"):rep(17 * 1024 * 1024) }
    assert.is_nil(writer.body(send_sms, params, CONTEXT))
  end)

  it("does not keep its place in memory from being collected", function()
    local text = ("x"):rep(1000)
    local params = { from = "Acme", to = "447700900000", text = text,
      ["account-ref"] = text:rep(100) }
    collectgarbage()
    local before = collectgarbage "count"
    for _ = 1, 100 do
      writer.body(send_sms, params, CONTEXT)
    end
    collectgarbage()
    assert.is_true(collectgarbage "count" - before < 1000)
  end)
end)
