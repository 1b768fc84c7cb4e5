-- Parts of inbound texts that never become whole: how long they are waited for, and what is left.

local parts = require "spec.support.parts"
local sms = require "sms"
local stores = require "spec.support.stores.init"

local NOW, WINDOW = parts.now, 3600

local part = parts.part

for name, kind in pairs(stores) do
  describe(("Inbound parts in the %s store"):format(name), function()
    kind.around()

    local inbound

    before_each(function() inbound = sms.inbound.new(kind.make(), { window = WINDOW }) end)

    it("are given up after the window, and what there is is given once", function()
      assert.is_false((inbound:add(part(3, 4), NOW)))
      assert.is_false((inbound:add(part(1, 4), NOW + WINDOW - 1)))
      assert.same({}, inbound:expired(NOW + WINDOW - 1))
      local messages = inbound:expired(NOW + WINDOW)
      assert.equal(1, #messages)
      assert.equal("<1><3>", messages[1].fields.text)
      assert.is_false(messages[1].complete)
      assert.same({ 2, 4 }, messages[1].missing)
      assert.same({}, inbound:expired(NOW + WINDOW))
      assert.is_false((inbound:add(part(3, 4), NOW + WINDOW + 1))) -- a repeat
      assert.same({}, inbound:expired(NOW + 2 * WINDOW + 1))
    end)

    it("are known again for as long after they were given", function()
      inbound:add(part(1, 2), NOW)
      assert.is_truthy((inbound:add(part(2, 2), NOW + WINDOW - 1)))
      assert.same({}, inbound:expired(NOW + WINDOW + 1))
      assert.is_false((inbound:add(part(1, 2), NOW + 2 * WINDOW - 2)))
      assert.same({}, inbound:expired(NOW + 9 * WINDOW))
    end)

    it("that come after the text was given up are given for themselves", function()
      inbound:add(part(1, 2), NOW)
      assert.equal("<1>", inbound:expired(NOW + WINDOW)[1].fields.text)
      assert.is_false((inbound:add(part(2, 2), NOW + WINDOW + 1)))
      local messages = inbound:expired(NOW + 9 * WINDOW)
      assert.equal(1, #messages)
      assert.equal("<2>", messages[1].fields.text)
    end)

    it("that come later than the window are of another text", function()
      inbound:add(part(1, 2), NOW)
      assert.is_false((inbound:add(part(2, 2), NOW + WINDOW)))
      local texts = {}
      for _, message in ipairs(inbound:expired(NOW + WINDOW)) do
        texts[#texts + 1] = message.fields.text
      end
      for _, message in ipairs(inbound:expired(NOW + 2 * WINDOW)) do
        texts[#texts + 1] = message.fields.text
      end
      assert.same({ "<1>", "<2>" }, texts)
    end)

    it("wait for their own window only, however many others come", function()
      inbound:add(part(1, 2), NOW)
      local given
      for i = 1, 20 do
        local now = NOW + i * WINDOW / 10
        inbound:add(part(1, 2, { messageId = "0C" .. i }), now)
        for _, message in ipairs(inbound:expired(now)) do
          if message.fields.messageId == "0B1" then given = given or i end
        end
      end
      assert.equal(10, given)
    end)

    it("leave nothing behind", function()
      for i = 1, 20 do
        inbound:add(part(1, 2, { ["concat-ref"] = tostring(i) }), NOW + i)
        if i % 2 == 0 then inbound:add(part(2, 2, { ["concat-ref"] = tostring(i) }), NOW + i) end
      end
      assert.equal(10, #inbound:expired(NOW + 9 * WINDOW))
      assert.equal(0, #inbound:expired(NOW + 99 * WINDOW))
      assert.is_true(kind.is_empty(inbound.store))
    end)

    it("that could not be dealt with are given again", function()
      inbound:add(part(1, 2), NOW)
      local message = inbound:add(part(2, 2), NOW)
      assert.is_true(inbound:put_back(message, NOW))
      message = inbound:add(part(2, 2), NOW + 60)
      assert.equal("<1><2>", message.fields.text)
      assert.is_false((inbound:add(part(1, 2), NOW + 61)))
      assert.is_true(inbound:put_back(message, NOW + 100))
      message = inbound:expired(NOW + 100 + WINDOW)[1]
      assert.equal("<1><2>", message.fields.text)
      assert.is_true(message.complete)
      assert.is_true(inbound:put_back(message, NOW + 99 * WINDOW)) -- forgotten by then
      assert.equal(1, #inbound:expired(NOW + 100 * WINDOW))
      local fields = { msisdn = "1", to = "2", messageId = "3" }
      message = inbound:add(fields, NOW)
      assert.is_false((inbound:add(fields, NOW)))
      assert.is_true(inbound:put_back(message, NOW))
      assert.same(fields, inbound:add(fields, NOW).fields)
      assert.is_false((inbound:add(fields, NOW)))
    end)
  end)
end
