-- sms.measure: what a text costs, by the vectors of the standards.

local sms = require "sms"

-- UTF-8 of a code point, as both Luas can write it.
local ya, smile, curly, euro = "я", "😀", "’", "€"
local a = "a"

-- text, encoding, units, parts
local vectors = {
  { "", "GSM-7", 0, 1 },
  { a:rep(160), "GSM-7", 160, 1 },
  { a:rep(161), "GSM-7", 161, 2 },
  { euro:rep(80), "GSM-7", 160, 1 },
  { euro:rep(81), "GSM-7", 162, 2 },
  { a:rep(158) .. euro, "GSM-7", 160, 1 },
  { a:rep(159) .. euro, "GSM-7", 161, 2 },
  { a:rep(152) .. euro .. ("b"):rep(8), "GSM-7", 162, 2 },
  { a:rep(306), "GSM-7", 306, 2 },
  { a:rep(307), "GSM-7", 307, 3 },
  { a:rep(305) .. euro, "GSM-7", 307, 3 },
  { (a:rep(152) .. euro):rep(2), "GSM-7", 308, 3 },
  { a:rep(459), "GSM-7", 459, 3 },
  { a:rep(460), "GSM-7", 460, 4 },
  { ("\n"):rep(160), "GSM-7", 160, 1 },
  { ("\r\n"):rep(80), "GSM-7", 160, 1 },
  { ("\f"):rep(80), "GSM-7", 160, 1 },
  { a:rep(159) .. "Ç", "GSM-7", 160, 1 },
  { a:rep(69) .. "ç", "UCS-2", 70, 1 },
  { a:rep(159) .. curly, "UCS-2", 160, 3 },
  { "`", "UCS-2", 1, 1 },
  { "\t", "UCS-2", 1, 1 },
  { "e\204\129", "UCS-2", 2, 1 },
  { ya:rep(70), "UCS-2", 70, 1 },
  { ya:rep(71), "UCS-2", 71, 2 },
  { ya:rep(134), "UCS-2", 134, 2 },
  { ya:rep(135), "UCS-2", 135, 3 },
  { smile:rep(35), "UCS-2", 70, 1 },
  { smile:rep(36), "UCS-2", 72, 2 },
  { smile:rep(66), "UCS-2", 132, 2 },
  { smile:rep(67), "UCS-2", 134, 3 },
  { ya .. smile:rep(67), "UCS-2", 135, 3 },
  { ya:rep(66) .. smile .. ya:rep(4), "UCS-2", 72, 2 },
  { euro:rep(69) .. ya, "UCS-2", 70, 1 },
  { "[]{}\\^~|", "GSM-7", 16, 1 },
  { "[]{}\\^~|" .. curly, "UCS-2", 9, 1 },
}

-- text, the byte and the character that does not fit
local misfits = {
  { curly, 1, curly }, { "a" .. curly .. "b" .. smile, 2, curly }, { "€€`", 7, "`" },
  { "Füße ç", 8, "ç" }, { "abc\tdef", 4, "\t" }, { "a\0b", 2, "\0" },
  { "x\194\160y", 2, "\194\160" },
  { "Ωμέγα", 3, "μ" }, { "abc" .. smile, 4, smile }, { "\27", 1, "\27" }, { "Α", 1, "Α" },
}

-- text, the first byte that is wrong
local invalid = {
  { "\255", 1 }, { "a\128", 2 }, { "ab\195", 3 }, { "é\237\160\128", 3 }, { "\192\175", 1 },
  { "\224\128\128", 1 }, { "\240\128\128\128", 1 }, { "\244\144\128\128", 1 }, { "abc\226\130", 4 },
  { "\248\136\128\128\128", 1 }, { "\195a", 1 },
}

describe("measure", function()
  for i, vector in ipairs(vectors) do
    it(("counts vector %d: %s, %d units, %d parts"):format(i, vector[2], vector[3], vector[4]),
      function()
        local measured = sms.measure(vector[1])
        assert.same({ vector[2], vector[3], vector[4] },
          { measured.encoding, measured.units, measured.parts })
        assert.equal(vector[2] == "UCS-2", measured.misfit ~= nil)
        if math.type then
          assert.same({ "integer", "integer" },
            { math.type(measured.units), math.type(measured.parts) })
        end
      end)
  end

  it("names the first character that does not fit, and its byte", function()
    for _, case in ipairs(misfits) do
      assert.same({ position = case[2], character = case[3] }, sms.measure(case[1]).misfit)
    end
  end)

  it("tells that a text is not UTF-8, and from where", function()
    for _, case in ipairs(invalid) do
      local measured, err = sms.measure(case[1])
      assert.is_nil(measured)
      assert.same({ "invalid", "not_sent" }, { err.kind, err.outcome })
      assert.equal(("not valid UTF-8 at byte %d"):format(case[2]), err.message)
    end
  end)
end)
