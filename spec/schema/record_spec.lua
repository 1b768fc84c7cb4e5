-- Whole tables against declared fields: all problems at once, rules, and what is left as it was.

local schema = require "sms.schema"

local recipient = { type = "record", shorthand = "dst", fields = {
  { "dst", type = "string", required = true, format = "e164" },
  { "ref", type = "string", max_length = 3 },
} }
local message = { type = "record", fields = {
  { "text", type = "string", required = true, min_length = 1 },
  { "recipients", type = "array", required = true, min_items = 1, items = recipient },
} }
local job = { type = "record", fields = {
  { "messages", type = "array", required = true, min_items = 1, items = message },
  { "options", type = "record", fields = { { "customerRef", type = "string" },
    { "validity", type = "integer", min = 1 } } },
} }

--- Problems as sorted lines.
local function problems_of(record, params, context)
  local _, problems = schema.check(record, params, context)
  local lines = {}
  for i, problem in ipairs(problems) do
    lines[i] = problem.path .. ": " .. problem.message
  end
  table.sort(lines)
  return lines
end

describe("A table", function()
  it("is sent as it is meant, and the caller's is left", function()
    local params = { messages = { { text = "a", recipients = { "+44 7700 900000",
      { dst = "00447700900001", ref = "b" } } } }, options = { validity = 1 } }
    local sent, problems, warnings = schema.check(job, params)
    assert.same({ {}, {} }, { problems, warnings })
    assert.same({ messages = { { text = "a", recipients = { { dst = "447700900000" },
      { dst = "447700900001", ref = "b" } } } }, options = { validity = 1 } }, sent)
    assert.same({ messages = { { text = "a", recipients = { "+44 7700 900000",
      { dst = "00447700900001", ref = "b" } } } }, options = { validity = 1 } }, params)
  end)

  it("has all its problems told with their paths", function()
    assert.same({
      "messages[1].recipients[1].dst: must be a phone number with its country code: "
        .. "7 to 15 digits, not starting with 0",
      "messages[1].recipients[2].dst: is required",
      "messages[1].recipients[2].ref: must have at most 3 characters",
      "messages[1].recipients[3]: must be a table",
      "messages[1].text: must not be empty",
      "messages[2].recipients: must have at least one entry",
      "messages[2].text: is required",
      "messages[3]: must be a table",
      "messages[4].recipient: is not known; did you mean 'recipients'?",
      "messages[4].recipients: is required",
      "options.customer_ref: is not known; did you mean 'customerRef'?",
      "options.validity: must be 1 or more",
      "what: is not known",
    }, problems_of(job, {
      messages = {
        { text = "", recipients = { "123", { ref = "abcd" }, 447700900000 } },
        { recipients = {} }, "x", { text = "a", recipient = {} },
      },
      options = { customer_ref = "a", validity = 0 },
      what = 1,
    }))
  end)

  it("must be one", function()
    for _, params in ipairs { "x", 5, true, print } do
      assert.same({ ": must be a table" }, problems_of(job, params))
    end
  end)

  it("may contain itself without harm", function()
    local params = { options = {} }
    params.messages = { params }
    params.options.options = params
    assert.same({
      "messages[1].messages: is not known",
      "messages[1].options: is not known",
      "messages[1].recipients: is required",
      "messages[1].text: is required",
      "options.options: is not known",
    }, problems_of(job, params))
  end)

  it("has nothing of what its metatable would give it", function()
    local defaults = { customerRef = "c", validity = 5 }
    local function with(given, meta)
      return (schema.check(job.fields[2], setmetatable(given, meta)))
    end
    assert.same({}, with({}, { __index = defaults }))
    assert.same({ customerRef = "d" }, with({ customerRef = "d" }, { __index = defaults }))
    assert.same({ customerRef = "d" }, with({ customerRef = "d" },
      { __pairs = function() return next, defaults end, __len = function() return 7 end,
        __metatable = false }))
    assert.same({ "messages: is required" }, problems_of(job,
      setmetatable({}, { __index = { messages = { { text = "a",
        recipients = { "1234567" } } } } })))
  end)

  it("is read raw at each depth, its lists and what is handed through, too", function()
    local function hidden(value)
      local function fail() error("is asked") end
      return setmetatable(value, { __index = fail, __len = fail, __pairs = fail, __ipairs = fail })
    end
    local params = hidden { messages = hidden { hidden { text = "a", recipients = hidden { hidden {
      dst = "447700900000" } } } } }
    local expected = { messages = { { text = "a", recipients = { { dst = "447700900000" } } } } }
    local sent, problems = schema.check(job, params)
    assert.same({ expected, {} }, { sent, problems })
    local seen
    local record = { type = "record", fields = { { "any", type = "any" },
      { "set", type = "set", enum = { "A,B" } } }, rules = { function(_, _, _, given)
        seen = given.nothing or true
      end } }
    sent, problems = schema.check(record, hidden { any = hidden { hidden { a = 1 } },
      set = hidden { "b", "a" } })
    assert.same({ { any = { { a = 1 } }, set = "A,B" }, {} }, { sent, problems })
    assert.is_true(seen)
  end)

  it("may have any number of wrong values in what is handed through", function()
    local wide = {}
    for i = 1, 100000 do
      wide["k" .. i] = print
    end
    local lines = problems_of({ type = "record", fields = { { "any", type = "any" } } },
      { any = wide })
    assert.is_true(#lines > 1 and #lines < 100)
  end)
end)

describe("A rule", function()
  local function with_rules(...)
    return { type = "record", rules = { ... }, fields = {
      { "a", type = "integer" }, { "b", type = "integer", required = true },
      { "c", type = "record", rules = { function(sent, problem)
        if sent.d then
          problem("d", "is against the rule")
        end
      end }, fields = { { "d", type = "string" } } },
    } }
  end

  it("tells its problems beside the others, with their paths", function()
    local record = with_rules(function(sent, problem)
      if sent.a then
        problem("a", "does not go with b")
      end
    end)
    assert.same({ "a: does not go with b", "b: is required", "c.d: is against the rule" },
      problems_of(record, { a = 1, c = { d = "x" } }))
    assert.same({}, problems_of(record, { b = 1, c = {} }))
  end)

  it("says nothing of a field that is wrong already", function()
    local record = with_rules(function(sent, problem)
      if sent.a == nil then
        problem("a", "is required with b")
      end
    end)
    assert.same({ "a: must be a whole number" }, problems_of(record, { a = "x", b = 1 }))
    assert.same({ "a: is required with b" }, problems_of(record, { b = 1 }))
  end)

  it("sees what is sent, the context, and what was given; and may change what is sent", function()
    local seen
    local record = with_rules(function(sent, _, context, given)
      seen = { sent.a, context.client, given.a }
      sent.b = 7
    end)
    local context, params = { client = true }, { a = 2.0, b = 1 }
    local sent = schema.check(record, params, context)
    assert.same({ 2, true, 2.0 }, seen)
    assert.same({ a = 2, b = 7 }, sent)
    assert.equal(1, params.b)
  end)
end)
