-- What the sandbox answers to an SMS.

local cjson = require "cjson"
local calls = require "sandbox.spec.calls"

local call, sms = calls.call, calls.sms

return function(it, assert)
  it("answers an SMS with one entry a part", function()
    local status, answer = sms { text = ("a"):rep(161), ["client-ref"] = "r-1" }
    assert.equal("0", status)
    assert.equal("2", answer["message-count"])
    assert.equal(2, #answer.messages)
    local part = answer.messages[2]
    assert.matches("^%x+$", part["message-id"])
    assert.are_not.equal(part["message-id"], answer.messages[1]["message-id"])
    assert.same({ "447700900000", "r-1", "0.03330000", "99999.93340000", "23410" },
      { part.to, part["client-ref"], part["message-price"], part["remaining-balance"],
        part.network })
    local _, balance = call("GET", "/account/get-balance")
    assert.equal(99999.9334, balance.value)
  end)

  it("counts parts by the standard", function()
    local a, euro, ya, smile = "a", "€", "я", "😀"
    for _, case in ipairs {
      { a:rep(160), 1 }, { a:rep(161), 2 }, { a:rep(306), 2 }, { a:rep(307), 3 },
      { euro:rep(80), 1 }, { euro:rep(81), 2 }, { a:rep(305) .. euro, 3 },
      { (a:rep(152) .. euro):rep(2), 3 }, { ("\r\n"):rep(80), 1 }, { ("\f"):rep(80), 1 },
      { a:rep(159) .. "Ç", 1 }, { ya:rep(70), 1, "unicode" }, { ya:rep(71), 2, "unicode" },
      { ya:rep(135), 3, "unicode" }, { smile:rep(36), 2, "unicode" },
      { smile:rep(67), 3, "unicode" }, { ya:rep(66) .. smile .. ya:rep(4), 2, "unicode" },
      { a:rep(159) .. "’", 3, "unicode" }, { ya:rep(160), 1, "text" },
    } do
      local _, answer = sms { text = case[1], type = case[3] }
      assert.equal(tostring(case[2]), answer["message-count"], case[1])
    end
  end)

  it("checks every SMS parameter", function()
    for _, case in ipairs {
      { "2", { from = false } }, { "2", { to = false } }, { "2", { text = false } },
      { "2", { type = "binary", body = "00" } }, { "2", { type = "wappush", title = "t" } },
      { "2", { type = "vcard" } }, { "2", { type = "vcal" } },
      { "3", { from = "ABCDEFGHIJKL" } }, { "3", { from = ("1"):rep(16) } },
      { "3", { from = "+44" } },
      { "3", { to = "+447700900000" } }, { "3", { to = "123456" } }, { "3", { type = "fax" } },
      { "3", { to = { "447700900000" } } }, { "3", { text = "\255" } },
      { "3", { ["status-report-req"] = "2" } }, { "3", { ["client-ref"] = ("x"):rep(101) } },
      { "3", { ttl = 19999 } }, { "3", { ttl = 604800001 } }, { "3", { ["message-class"] = 4 } },
      { "3", { type = "binary", body = "0", udh = "00" } },
      { "3", { type = "binary", body = "00", udh = "0300" } },
      { "3", { type = "binary", body = "00", udh = "00", ["protocol-id"] = 256 } },
      { "3", { type = "wappush", title = "t", url = "example" } },
      { "6", { to = "0447700900000" } }, { "12", { text = ("a"):rep(3201) } },
      { "12", { type = "binary", body = ("00"):rep(140), udh = "00" } },
      { "22", { ["network-code"] = "1" } }, { "23", { callback = "example.com" } },
      { "23", { callback = "https://example.com/" .. ("x"):rep(90) } },
      { "0", { text = ("a"):rep(3200), ttl = 20000, ["message-class"] = 0 } },
      { "0", { callback = "https://example.com/c" } },
      { "0", { type = "binary", body = ("00"):rep(133), udh = "06050415811581" } },
      { "0", { type = "wappush", title = "t", url = "https://a.b", validity = "300000" } },
      { "0", { type = "vcard", vcard = "BEGIN:VCARD", text = false } },
      { "0", { unknown = "x", ["status-report-req"] = true } },
    } do
      local status, answer = sms(case[2])
      assert.equal(case[1], status, cjson.encode { case, answer })
    end
    calls.box:settings { strict = true, north_america_sender = true }
    assert.equal("3", (sms { unknown = "x" }))
    assert.equal("15", (sms { to = "12025550100" }))
  end)

  it("gives every status of the table by the number's end", function()
    for _, code in ipairs { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
      22, 23, 29, 32, 33, 34, 99 } do
      assert.equal(tostring(code), (sms { to = ("447700900%03d"):format(900 + code) }))
    end
    for i = 1, 3 do assert.equal("10" .. i, (sms { to = "44770090098" .. i })) end
    local _, answer = sms { to = "447700900807", text = ("a"):rep(307) }
    local codes = {}
    for i, part in ipairs(answer.messages) do codes[i] = part.status end
    assert.same({ "0", "7", "7" }, codes)
    assert.is_true(calls.box:arrivals()[31].accepted)
    assert.is_false(calls.box:arrivals()[30].accepted)
    calls.box:settings { magic = false }
    assert.equal("0", (sms { to = "447700900907" }))
  end)

  it("takes the published signatures, in their time", function()
    local vectors = {
      md5hash = "9a7a8a2d8477a08b176d9ae6e1e16894",
      md5 = "dd94ab06600054c442470b9894393ce7",
      sha1 = "8ccc33679280bb83349959f2e335af794ee0d261",
      sha256 = "7ee1efb44267a3db6a6bcbcf29ea1d53c7983a665de40104bcd1988d0e59dfc0",
      sha512 = "76959a078f4dc86710bd8bd81bc55c32cd3d6845940b61215e3d1e0339b92b34"
        .. "8d4eb3a1790f38c4c61a46f5718f70a64707de8e1971cad0761cbb4d69ba0426",
    }
    local function signed(sig)
      return (sms({
        api_key = "abcd1234", ["client-ref"] = "r-1", ["status-report-req"] = 1, sig = sig,
        text = "Füße & Größe = 5€", timestamp = "1700000000",
      }, { authorization = false }))
    end
    local offset = 1700000000 - os.time()
    for method, sig in pairs(vectors) do
      calls.box:settings { clock_offset = offset, nexmo_signature_method = "any" }
      assert.equal("0", signed(sig))
      assert.equal("0", signed(sig:upper()))
      assert.equal("14", signed((sig:gsub("^.", "0"))))
      calls.box:settings { nexmo_signature_method = method == "md5" and "sha1" or "md5" }
      assert.equal("14", signed(sig))
      calls.box:settings { nexmo_signature_method = method, clock_offset = offset + 400 }
      assert.equal("14", signed(sig))
    end
  end)

  it("runs out of credit", function()
    calls.box:settings { balance = 0.05 }
    local _, answer = sms { text = ("a"):rep(200) }
    assert.same({ "0", "9" }, { answer.messages[1].status, answer.messages[2].status })
    assert.equal("9", (sms {}))
  end)
end
