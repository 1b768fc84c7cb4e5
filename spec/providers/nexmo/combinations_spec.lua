-- What goes together in a call of Nexmo, what does not, and what is taken in several spellings.

local sandbox = require "spec.support.servers.sandbox"
local wire = require "spec.support.wire"

local box, nexmo

local base = { from = "Acme", to = "447700900000" }

-- A value for each key that is bound to a type.
local values = { text = "Hello", body = "00", udh = "050003010101", vcard = "BEGIN:VCARD",
  vcal = "BEGIN:VCALENDAR", title = "Offer", url = "https://example.com",
  validity = "300000" }

-- For each type what it needs, what it may have; all other keys it must not have.
local types = {
  text = { needs = { "text" }, may = { "udh" } },
  unicode = { needs = { "text" }, may = { "udh" } },
  binary = { needs = { "udh", "body" }, may = { "text" } },
  wappush = { needs = { "title", "url" }, may = { "validity", "text", "udh" } },
  vcard = { needs = { "vcard" }, may = { "text", "udh" } },
  vcal = { needs = { "vcal" }, may = { "text", "udh" } },
}

local common = { ttl = 20000, ["status-report-req"] = 1, callback = "https://example.com/r",
  ["client-ref"] = "r-1", ["message-class"] = 1, ["account-ref"] = "a", ["entity-id"] = "1",
  ["content-id"] = "2", ["trusted-number"] = true, ["pool-id"] = "p", ["network-code"] = "23410",
  ["protocol-id"] = "127" }

local function with_needed(kind)
  local params = wire.changed(base, { type = kind })
  for _, name in ipairs(types[kind].needs) do
    params[name] = values[name]
  end
  return params
end

--- Problems as { path = message }.
local function problems_of(params, operation, client)
  local result, err = (client or nexmo)[operation or "send_sms"](client or nexmo, params)
  assert.is_nil(result)
  assert.same({ "invalid", "not_sent" }, { err.kind, err.outcome })
  local found = {}
  for _, problem in ipairs(err.problems) do
    assert.is_nil(found[problem.path], problem.path)
    found[problem.path] = problem.message
  end
  return found, err
end

local function body_of(params, client)
  local shown, err = (client or nexmo):prepare("send_sms", params)
  assert.is_nil(err)
  return shown.body
end

describe("Nexmo", function()
  box = sandbox.for_specs({}, { strict = true })
  setup(function() nexmo = wire.nexmo(box) end)
  teardown(function() nexmo:close() end)

  for kind, rule in pairs(types) do
    it("knows what goes with the type " .. kind, function()
      local whole = with_needed(kind)
      assert(nexmo:send_sms(whole))
      assert(nexmo:send_sms(wire.changed(whole, common)))
      assert.equal(2, box:count())
      local allowed = {}
      for _, name in ipairs(rule.needs) do
        allowed[name] = true
        assert.same({ [name] = ("is required with type '%s'"):format(kind) },
          problems_of(wire.changed(whole, { [name] = wire.none })))
      end
      for _, name in ipairs(rule.may) do
        allowed[name] = true
        assert(nexmo:send_sms(wire.changed(whole, { [name] = values[name] })))
      end
      for name, value in pairs(values) do
        if not allowed[name] then
          assert.same({ [name] = ("does not go with type '%s'"):format(kind) },
            problems_of(wire.changed(whole, { [name] = value })))
        end
      end
      assert.equal(2 + #rule.may, box:count())
    end)
  end

  it("takes a message without a type for a text", function()
    assert.same({ text = "is required with type 'text'", body = "does not go with type 'text'" },
      problems_of(wire.changed(base, { body = "00" })))
  end)

  it("says nothing of the rest where the type is wrong", function()
    local found = problems_of(wire.changed(base, { type = "sms", body = "00" }))
    assert.matches("^must be one of", found.type)
    assert.is_nil(found.body)
    assert.is_nil(found.text)
  end)

  it("finds all problems at once", function()
    local found, err = problems_of {
      from = 447700900000, text = 5, typ = "text", ttl = 1, ["status_report_req"] = 1,
      body = "0", url = "https://example.com", [1] = "x",
    }
    assert.same({
      from = "must be a string: write it in quotes",
      to = "is required",
      text = "must be a string",
      typ = "is not known; did you mean 'type'?",
      ttl = "must be 20000 to 604800000",
      status_report_req = "is not known; did you mean 'status-report-req'?",
      body = "must be hexadecimal: two digits an octet",
      url = "does not go with type 'text'",
      ["1"] = "is not known",
    }, found)
    assert.equal("from: must be a string: write it in quotes (and 8 more)", err.message)
    assert.equal(0, box:count())
    assert(nexmo:send_sms(wire.changed(base, { text = "and the next call works" })))
    assert.equal(1, box:count())
  end)

  it("names what a misspelt key stands for", function()
    for wrong, right in pairs { client_ref = "client-ref", clientRef = "client-ref", From = "from",
      txt = "text", ["message_class"] = "message-class", callbak = "callback", TTL = "ttl" } do
      local params = wire.changed(base, { text = "Hello", [wrong] = "x" })
      assert.same({ [wrong] = ("is not known; did you mean '%s'?"):format(right) },
        problems_of(params))
    end
    assert.same({ whatever = "is not known" },
      problems_of(wire.changed(base, { text = "Hello", whatever = 1 })))
    assert.same({ Search_Pattern = "is not known; did you mean 'search_pattern'?" },
      problems_of({ Search_Pattern = 1 }, "list_owned_numbers"))
    assert.same({ index = "is not known" }, problems_of({ index = 1 }, "list_applications"))
    assert.equal(0, box:count())
  end)

  it("takes no params for a table without keys", function()
    assert.same({ from = "is required", to = "is required", text = "is required with type 'text'" },
      problems_of(nil))
  end)

  it("chooses unicode exactly where the text does not fit the alphabet", function()
    local strict = wire.nexmo(box, { auto_unicode = false })
    for text, fits in pairs { Hello = true, ["Füße €[]"] = true, ["ça va"] = false,
      ["’"] = false,
      ["a\tb"] = false, ["`"] = false, ["😀"] = false } do
      local params = wire.changed(base, { text = text })
      assert.equal(fits, not body_of(params):find("type=", 1, true))
      assert.equal(not fits, body_of(params):find("&type=unicode", 1, true) ~= nil)
      local position = text:find "[\128-\255\9`]"
      local message = ("the character at byte %d does not fit type 'text'"):format(position or 0)
      for _, case in ipairs { { nexmo, "text" }, { strict, "text" }, { strict, nil } } do
        params.type = case[2]
        if fits then
          assert.is_truthy(body_of(params, case[1]))
        else
          assert.same({ text = message }, problems_of(params, "send_sms", case[1]))
        end
      end
    end
    strict:close()
  end)

  it("takes the search pattern as a word, a figure, and under the seed's name", function()
    for _, case in ipairs { { "starts", 0 }, { "contains", 1 }, { "ends", 2 }, { 0, 0 }, { 1, 1 },
      { 2.0, 2 }, { "0", 0 }, { "1", 1 }, { "2", 2 } } do
      for _, name in ipairs { "search_pattern", "Search Pattern" } do
        local shown = assert(nexmo:prepare("list_owned_numbers", { [name] = case[1] }))
        assert.equal(box.urls.nexmo .. "/account/numbers?search_pattern=" .. case[2], shown.url)
      end
    end
    assert.same({ ["Search Pattern"] = "is the same as 'search_pattern'; give one" },
      problems_of({ search_pattern = 1, ["Search Pattern"] = 1 }, "list_owned_numbers"))
  end)
end)
