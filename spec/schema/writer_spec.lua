-- The pass in C next to sms.schema and sms.wire.request, over every declared field: what it writes
-- is what they make of the same params; it writes nothing where they refuse or warn, and all that
-- is sent as it is given. SMS_TEST_LONG=1 tries more random changes; and the values in the fullest
-- params in each Lua, which in short is done in the quicker one.

local changes = require "spec.support.declared.changes"
local writer = require "sms.schema.writer"
local fields = require "spec.support.declared.fields"
local layout = require "sms.schema.layout"
local steps = require "spec.support.declared.steps"
local values = require "spec.support.declared.values"

local LONG = os.getenv "SMS_TEST_LONG"
local IS_FULL = LONG or rawget(_G, "jit") ~= nil
local CHANGES = LONG and 100000 or 1500 -- of the params of an operation
local CASES = { "nexmo", "nexmo_codes", "nexmo_numbers", "nexmo_refused", "nexmo_replies",
  "outcomes", "retarus", "retarus_refused" }
local NO_UNICODE = { auto_unicode = false }
local CONTEXT = { auto_unicode = true }

local declared, named = fields.declared(), {}
for _, each in ipairs(declared) do
  named[each.name] = each
end

local function compare(each, params, context)
  local expected, sent = steps.body(each, params, context)
  local written = writer.body(each.record, params, context)
  if written and written ~= expected then assert.equal(expected, written) end
  return expected, written, sent
end

--- Whether what is sent is what was given, in plain tables.
local function is_same(given, sent)
  if type(given) ~= "table" or type(sent) ~= "table" then
    return given == sent
  elseif getmetatable(given) then
    return false
  end
  for key, value in pairs(given) do
    if not is_same(value, sent[key]) then return false end
  end
  for key in pairs(sent) do
    if given[key] == nil then return false end
  end
  return true
end

-- What the pass leaves to Lua though it is sent as it is given: values of a choice or set, and
-- types that have rules of their own.
local LEFT = { [values.part_of(named.send_sms.record, "type")] = true }

local function try(each, field, params, context)
  local expected, written, sent = compare(each, params, context)
  if expected and not written and layout.writer(each.record) and field.type ~= "choice"
    and field.type ~= "set" and not LEFT[field] then
    assert.is_false(is_same(params, sent), "is in order, and left to Lua")
  end
  return expected, written
end

--- Tries each value of each field in what a maker makes; how many are in order and how many are
--- not. The pass writes all those that are in order and sent as they are given (`try`).
local function try_all(each, maker)
  local fine, refused = 0, 0
  fields.walk(each.record, each.name, maker, function(path, field, with)
    local fine_before, written = fine, 0
    for _, value in ipairs(values.of(field, maker)) do
      local params = with(value)
      for _, context in ipairs(steps.contexts(each)) do
        local ok, expected, body = pcall(try, each, field, params, context)
        if not ok then
          error(("%s = %q: %s"):format(path, tostring(value), tostring(expected)))
        end
        fine, refused = fine + (expected and 1 or 0), refused + (expected and 0 or 1)
        written = written + (body and 1 or 0)
      end
    end
    local is_record = not field.type or field.type == "record" and not field.shorthand
    local is_left = field.type == "choice" or field.type == "set"
    if not is_record and not is_left and layout.writer(each.record) then
      assert.is_true(written > 0 or fine == fine_before, path)
    end
  end)
  return fine, refused
end

describe("Params written in one pass", function()
  for _, each in ipairs(declared) do
    it("come to what the steps in Lua make of any value in " .. each.name, function()
      local fine, refused = try_all(each, steps.smallest(each))
      assert.is_true(fine > 0 and refused > 0)
      if IS_FULL and layout.writer(each.record) then
        try_all(each, steps.fullest(each))
      end
    end)
  end

  it("are those of operations that send and of reads without a path, and items", function()
    local list = {}
    for _, each in ipairs(declared) do
      list[#list + 1] = layout.writer(each.record) and each.name or nil
    end
    table.sort(list)
    assert.same({ "an item of retarus", "buy_number", "cancel_number",
      "create_application of version 1", "list_applications of version 1",
      "list_inbound_numbers", "list_owned_numbers", "send_job", "send_sms", "send_voice",
      "update_number" }, list)
  end)
end)

describe("Params written in one pass, by example,", function()
  local params_of, pool = {}, {}
  local sending = { "list_inbound_numbers", "list_owned_numbers", "send_job", "send_sms",
    "send_voice", "update_number" }
  for _, name in ipairs(sending) do params_of[name] = {} end

  --- Collects the params of all cases, and every value in them.
  local function collect(value, name, seen)
    if type(value) == "table" and not seen[value] then
      seen[value] = true
      local list, params = params_of[value.operation or name], value.params or value.base
      if list and type(params) == "table" then
        table.insert(list, params)
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

  it("come to what the steps in Lua make of every case", function()
    for _, name in ipairs(sending) do
      local written = 0
      for _, params in ipairs(params_of[name]) do
        local _, body = compare(named[name], params, CONTEXT)
        compare(named[name], params, NO_UNICODE)
        written = written + (body and 1 or 0)
      end
      assert.is_true(written > 0, name)
    end
  end)

  it("come to what the steps in Lua make of random changes", function()
    local random = math.random
    local seed = os.time()
    math.randomseed(seed)
    for _, name in ipairs(sending) do
      local record, taken, fine = named[name].record, 0, 0
      local parts = {}
      fields.walk(record, "", steps.smallest(named[name]), function(_, field)
        parts[#parts + 1] = field[1] and field or nil
      end)
      for _ = 1, CHANGES do
        local params = changes.copy_of(params_of[name][random(#params_of[name])])
        for _ = 1, random(3) do
          changes.make(params, parts, pool)
        end
        local ok, expected, body = pcall(compare, named[name], params,
          random(4) == 1 and NO_UNICODE or CONTEXT)
        assert.is_true(ok, ("seed %d: %s"):format(seed, tostring(expected)))
        fine, taken = fine + (expected and 1 or 0), taken + (body and 1 or 0)
      end
      assert.is_true(taken > fine / 3, ("%s: %d of %d were written"):format(name, taken, fine))
    end
  end)
end)

describe("One pass", function()
  local send_sms, send_job = named.send_sms, named.send_job

  local function job(recipients, options)
    return { messages = { { text = "Hi", recipients = recipients } }, options = options }
  end

  it("writes what most people send", function()
    for _, one in ipairs {
      { send_sms, { from = "Acme", to = "447700900000", text = "Hello" } },
      { send_sms, { from = "447700900001", to = "+44 7700 900000", text = "Grüße, 5 €\n[x]" } },
      { send_sms, { from = "Acme", to = "0044 7700 900000", text = "Привет" } },
      { send_sms, { from = "Acme", to = "447700900000", text = "Привет", type = "unicode" } },
      { send_sms, { from = "24-7", to = "447700900000", text = "Hi", ["client-ref"] = "order 1",
        ttl = 20000, ["status-report-req"] = true, callback = "https://example.com/?a=1" } },
      { send_job, job { "+491760000001" } },
      { send_job, job({ { dst = "0176 0000-003", customerRef = "r1" }, "00491760000002" },
        { src = "Acme", statusRequested = false, validityMin = 0, qos = "EXPRESS",
          jobPeriod = "2030-07-09T11:25:24.683+02:00" }) },
    } do
      local expected, written = compare(one[1], one[2], CONTEXT)
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
    assert.is_nil(writer.body(send_job.record, job(recipients), CONTEXT))
  end)

  it("leaves alone tables that are more than tables, and lists that are not in order", function()
    local behind = setmetatable({}, { __index = { from = "Acme", to = "447700900000" } })
    behind.text = "Hi"
    assert.is_nil(writer.body(send_sms.record, behind, CONTEXT))
    assert.is_nil(writer.body(send_job.record, job { [1] = "+491760000001", [3] = "+491760000002" },
      CONTEXT))
    assert.is_nil(writer.body(send_job.record, job { "+491760000001", n = 1 }, CONTEXT))
    local circle = { from = "Acme", to = "447700900000" }
    circle.text = circle
    assert.is_nil(writer.body(send_sms.record, circle, CONTEXT))
  end)

  it("leaves alone what is larger than a request may be", function()
    local params = { from = "Acme", to = "447700900000", text = "Hi",
      ["account-ref"] = ("x"):rep(17 * 1024 * 1024) }
    assert.is_nil(writer.body(send_sms.record, params, CONTEXT))
  end)

  it("does not keep its place in memory from being collected", function()
    local text = ("x"):rep(1000)
    local params = { from = "Acme", to = "447700900000", text = text,
      ["account-ref"] = text:rep(100) }
    collectgarbage()
    local before = collectgarbage "count"
    for _ = 1, 100 do
      writer.body(send_sms.record, params, CONTEXT)
    end
    collectgarbage()
    assert.is_true(collectgarbage "count" - before < 1000)
  end)
end)
