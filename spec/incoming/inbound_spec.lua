-- Parts of long inbound texts become one text, whatever order they come in.

local parts = require "spec.support.parts"
local permutations = require "spec.support.permutations"
local sms = require "sms"
local stores = require "spec.support.stores.init"

local NOW = parts.now

local part = parts.part

for name, kind in pairs(stores) do
  describe(("Inbound parts in the %s store"):format(name), function()
    kind.around()

    local inbound

    before_each(function() inbound = sms.inbound.new(kind.make()) end)

    it("are joined in every order, once, however often they come", function()
      for _, order in ipairs(permutations { 1, 2, 3, 4 }) do
        for again = 0, 4 do
          inbound = sms.inbound.new(kind.make())
          local messages = {}
          for i, number in ipairs(order) do
            for _ = 1, again == i and 2 or 1 do
              local message = inbound:add(part(number, 4), NOW + i)
              messages[#messages + 1] = message or nil
              assert.equal(i == 4 and 1 or 0, #messages)
            end
          end
          for number = 1, 4 do assert.is_false((inbound:add(part(number, 4), NOW + 10))) end
          assert.equal("<1><2><3><4>", messages[1].fields.text)
          assert.is_true(messages[1].complete)
          assert.same({}, messages[1].missing)
          assert.same({}, inbound:expired(NOW + 9999))
        end
      end
    end)

    it("keep the fields of the first", function()
      assert.is_false((inbound:add(part(2, 2, { type = "unicode", text = "é" }), NOW)))
      local message = inbound:add(part(1, 2), NOW)
      assert.same({ msisdn = "447700900001", to = "447700900500", type = "unicode", concat = "true",
        messageId = "0B1", text = "<1>é", keyword = "K1", ["concat-ref"] = "17",
        ["concat-total"] = "2" }, message.fields)
      assert.equal(2, #message.parts)
    end)

    it("may be binary", function()
      local more = { type = "binary", data = "00ff", udh = "050003110201" }
      local first, second = part(1, 2, more), part(2, 2, { type = "binary", data = "11" })
      first.text, second.text = nil, nil
      inbound:add(second, NOW)
      local message = inbound:add(first, NOW)
      assert.equal("00ff11", message.fields.data)
      assert.is_nil(message.fields.text)
    end)

    it("are told apart by numbers, reference and count", function()
      for _, more in ipairs { { msisdn = "447700900002" }, { to = "447700900501" },
        { ["concat-ref"] = "18" }, { ["concat-total"] = "3" } } do
        inbound = sms.inbound.new(kind.make())
        assert.is_false((inbound:add(part(1, 2), NOW)))
        more.messageId = "0B2"
        assert.is_false((inbound:add(part(2, 2, more), NOW)))
        assert.is_truthy((inbound:add(part(2, 2), NOW)))
      end
    end)

    it("of a reference that is used again become two texts", function()
      local function second(number)
        return part(number, 2, { messageId = "0C" .. number, text = ("[%d]"):format(number) })
      end
      assert.is_false((inbound:add(part(1, 2), NOW)))
      assert.is_false((inbound:add(second(1), NOW)))
      assert.equal("<1><2>", inbound:add(part(2, 2), NOW).fields.text)
      assert.is_false((inbound:add(part(1, 2), NOW)))
      assert.equal("[1][2]", inbound:add(second(2), NOW).fields.text)
      local third = part(1, 2, { messageId = "0D1" })
      assert.is_false((inbound:add(third, NOW)))
      assert.equal("<1>{2}",
        inbound:add(part(2, 2, { messageId = "0D2", text = "{2}" }), NOW).fields.text)
    end)
  end)
end

describe("Inbound texts", function()
  local inbound = sms.inbound.new(sms.stores.table())

  it("of one part are given at once, as they came, and once", function()
    for i, fields in ipairs { part(1, 1), { msisdn = "1", to = "2", messageId = "3", text = "Hello",
      type = "text" }, part(1, 2, { concat = "false" }), part(3, 2), part(0, 2), part(1, 256),
      part(1, 2, { ["concat-part"] = "x" }), part(1, 2, { ["concat-total"] = "" }) } do
      fields.messageId = "0A" .. i
      local message = inbound:add(fields, NOW)
      assert.same(fields, message.fields)
      assert.same({}, message.missing)
      assert.is_true(message.complete)
      assert.is_false((inbound:add(fields, NOW)))
    end
  end)

  it("may have 255 parts", function()
    for number = 255, 2, -1 do assert.is_false((inbound:add(part(number, 255), NOW))) end
    local message = inbound:add(part(1, 255), NOW)
    assert.matches("^<1><2>.*<254><255>$", message.fields.text)
  end)

  it("of nobody are refused", function()
    for _, fields in ipairs { 1, "x", {}, { msisdn = "1", to = "2" }, { messageId = "1", to = "2" },
      { messageId = "1", msisdn = "1" } } do
      local message, why = inbound:add(fields, NOW)
      assert.is_nil(message)
      assert.matches("with messageId, msisdn and to", why.message)
    end
  end)

  it("pass on that their store fails", function()
    local message, single = { parts = { part(1, 2) } }, { parts = { part(1, 1) } }
    local works = sms.stores.table()
    for failing = 1, 4 do
      local count = 0
      local function step(name)
        return function(_, ...)
          count = count + 1
          if count == failing then return nil, "gone" end
          return works[name](works, ...)
        end
      end
      local broken = sms.inbound.new { get = step "get", update = step "update" }
      local ways = { function() return broken:add(part(1, 2), NOW) end,
        function() return broken:put_back(message, NOW) end,
        function() return broken:expired(NOW + 9 * 86400) end,
        function() return broken:add(part(1, 1), NOW) end,
        function() return broken:put_back(single, NOW) end }
      for i, f in ipairs(ways) do
        count = 0
        local result, why = f()
        if failing <= (i > 2 and 1 or 2) then
          assert.is_nil(result)
          assert.same({ "internal", "the store failed: gone" }, { why.kind, why.message })
        end
      end
    end
  end)

  it("are joined by what the program says", function()
    for _, store in ipairs { 1, {}, { get = print } } do
      assert.has_error(function() sms.inbound.new(store) end,
        "sms.inbound: a store with get and update was expected")
    end
    assert.has_error(function() sms.inbound.new(sms.stores.table(), { window = 0 }) end,
      "sms.inbound: window: a number of seconds was expected")
  end)
end)
