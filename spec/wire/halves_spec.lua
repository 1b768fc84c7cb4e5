-- Texts with half a surrogate pair, or with bytes that are not UTF-8.

local halves = require "sms.wire.halves"

local HIGH, LOW = "\237\160\189", "\237\178\150" -- of U+1F496
local HEART, REPLACED = "\240\159\146\150", "\239\191\189"

--- U+FFFD so many times.
local function replaced(n) return REPLACED:rep(n) end

describe("Halves of surrogate pairs", function()
  it("are joined where both are there, and kept or replaced where one is", function()
    for text, joined in pairs {
      [""] = "", ["a"] = "a", ["é€" .. HEART] = "é€" .. HEART,
      [HIGH .. LOW] = HEART, [HIGH] = HIGH, [LOW] = LOW, [LOW .. HIGH] = LOW .. HIGH,
      ["a" .. HIGH .. "b" .. LOW] = "a" .. HIGH .. "b" .. LOW,
      [HIGH .. HIGH .. LOW .. LOW] = HIGH .. HEART .. LOW,
      [HIGH .. LOW .. "\0" .. HIGH .. LOW] = HEART .. "\0" .. HEART,
      ["\237\160\128\237\176\128"] = "\240\144\128\128", -- U+10000
      ["\237\175\191\237\191\191"] = "\244\143\191\191", -- U+10FFFF
    } do
      assert.equal(joined, halves.joined(text))
      assert.equal(joined:gsub("\237[\160-\191][\128-\191]", REPLACED), halves.replaced(text))
      assert.equal(joined, halves.joined(joined))
    end
  end)

  it("stand beside bytes that are not UTF-8, each of which is replaced", function()
    for text, clean in pairs {
      ["\255"] = replaced(1), ["\128\191"] = replaced(2), ["\192\175"] = replaced(2),
      ["\193\129"] = replaced(2), ["\224\128\128"] = replaced(3),
      ["\240\128\128\128"] = replaced(4),
      ["\244\144\128\128"] = replaced(4), ["\245\128"] = replaced(2), ["\195"] = replaced(1),
      ["\226\130"] = replaced(2), ["\195é"] = replaced(1) .. "é", ["\237\160"] = replaced(2),
      ["a\255" .. HIGH .. LOW] = "a" .. replaced(1) .. HEART,
    } do
      assert.equal(clean, halves.joined(text))
      assert.equal(clean, halves.replaced(text))
    end
  end)

  it("leave alone every character that there is", function()
    for code = 0x80, 0x10FFFF, 251 do
      local text
      if code < 0x800 then
        text = string.char(192 + math.floor(code / 64), 128 + code % 64)
      elseif code < 0x10000 then
        text = string.char(224 + math.floor(code / 4096), 128 + math.floor(code / 64) % 64,
          128 + code % 64)
      else
        text = string.char(240 + math.floor(code / 262144), 128 + math.floor(code / 4096) % 64,
          128 + math.floor(code / 64) % 64, 128 + code % 64)
      end
      local is_half = code >= 0xD800 and code <= 0xDFFF
      assert.equal((is_half and REPLACED or text) .. REPLACED, halves.replaced(text .. "\255"))
    end
  end)
end)
