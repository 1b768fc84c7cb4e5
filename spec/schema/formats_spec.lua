-- Named formats of strings: what is taken, as what it is sent, and what is not.

local formats = require "sms.schema.formats"

-- format -> what is given = what is sent
local taken = {
  e164 = {
    ["447700900000"] = "447700900000", ["+447700900000"] = "447700900000",
    ["00447700900000"] = "447700900000", ["+44 (7700) 900-000"] = "447700900000",
    ["44.7700/900.000"] = "447700900000", ["(+44)7700900000"] = "447700900000",
    ["1234567"] = "1234567", ["123456789012345"] = "123456789012345",
    ["00123456789012345"] = "123456789012345",
  },
  phone = {
    ["447700900000"] = "447700900000", ["+447700900000"] = "+447700900000",
    ["00447700900000"] = "00447700900000", ["07700 900-000"] = "07700900000",
    ["+44 (7700) 900/000"] = "+447700900000", ["110"] = "110", ["+123456789012345"] =
    "+123456789012345",
  },
  e164_sender = {
    Acme = "Acme", ["Acme Shop"] = "Acme Shop", ["447700900000"] = "447700900000",
    ["+447700900000"] = "447700900000", ["00447700900000"] = "447700900000",
    ["+44 7700 900-000"] = "447700900000", ["12345"] = "12345", ["24-7"] = "24-7",
    ["ABCDEFGHIJK"] = "ABCDEFGHIJK", ["A B C D E F G H I J K"] = "A B C D E F G H I J K",
    ["123456789012345"] = "123456789012345",
  },
  sender = {
    Acme = "Acme", ["+447700900000"] = "+447700900000", ["12345678901234567890"] =
    "12345678901234567890", ["ABCDEFGHIJK"] = "ABCDEFGHIJK", ["A-B_C d"] = "A-B_C d",
  },
  timestamp = { ["2030-01-01T18:00:00Z"] = "2030-01-01T18:00:00Z",
    ["2030-01-01T18:00+01:00"] = "2030-01-01T18:00+01:00" },
  interval = {
    ["2030-01-01T18:00Z/2030-01-02T07:00Z"] = "2030-01-01T18:00Z/2030-01-02T07:00Z",
    ["2030-01-01T18:00+02:00/2030-01-01T16:01Z"] = "2030-01-01T18:00+02:00/2030-01-01T16:01Z",
  },
  url = { ["https://example.com"] = "https://example.com",
    ["HTTP://example.com:80/a?b=c#d"] = "HTTP://example.com:80/a?b=c#d" },
  hex = { ["00"] = "00", ["0aFf"] = "0aFf" },
  udh = {
    ["00"] = "00", ["050003CC0201"] = "050003CC0201", ["06080400CC0201"] = "06080400CC0201",
    ["0605040B8423F0"] = "0605040B8423F0", ["0B05040B8423F00003CC0201"] =
    "0B05040B8423F00003CC0201", ["020000"] = "020000", ["06050415811581"] = "06050415811581",
  },
  digits = { ["0"] = "0", ["0012"] = "0012" },
  octet = { ["0"] = "0", ["127"] = "127", ["255"] = "255", ["007"] = "007" },
  public_key = { ["-----BEGIN PUBLIC KEY-----\nMFww\n-----END PUBLIC KEY-----\n"] =
    "-----BEGIN PUBLIC KEY-----\nMFww\n-----END PUBLIC KEY-----\n",
    ["-----BEGIN RSA PUBLIC KEY-----\nMFww\n-----END RSA PUBLIC KEY-----"] =
    "-----BEGIN RSA PUBLIC KEY-----\nMFww\n-----END RSA PUBLIC KEY-----" },
  country = { GB = "GB" },
  language = { ["en-us"] = "en-us", ["EN-GB"] = "EN-GB", ["cmn-CHN"] = "cmn-CHN" },
  id = { a = "a", ["a/../b"] = "a/../b", ["..."] = "..." },
}

-- format -> what is not taken
local refused = {
  e164 = { "", "+", "00", "123456", "1234567890123456", "0447700900000", "+00447700900000",
    "000447700900000", "++447700900000", "44+7700900000", "447700900000x", "4477 00900\tx",
    "٤٤٧٧٠٠٩٠٠", "44,7700900000", "44;7700900000", "tel:447700900000" },
  phone = { "", "+", "12", "1234567890123456", "++447700900000", "+0447700900000",
    "000447700900000", "44+7700900000", "07700,900000", "abc", "+" .. ("1"):rep(16) },
  e164_sender = { "", " ", "ABCDEFGHIJKL", "Größe", "1234567890123456", "+1234567890123456",
    "A\tB" },
  sender = { "", "ABCDEFGHIJKL", "123456789012345678901", "+123456789012345678901",
    "Größe" },
  timestamp = { "", "2030-01-01T18:00:00", "2030-02-30T18:00:00Z", "tomorrow" },
  interval = { "", "/", "2030-01-01T18:00Z", "2030-01-01T18:00Z/", "/2030-01-01T18:00Z",
    "2030-01-01T18:00Z/2030-01-01T18:00Z", "2030-01-02T18:00Z/2030-01-01T18:00Z",
    "2030-01-01T18:00/2030-01-02T18:00", "2030-01-01T18:00Z/2030-01-02T18:00Z/2030-01-03T18:00Z",
    "2030-01-01T18:00Z--2030-01-02T18:00Z" },
  url = { "", "example.com", "//example.com", "ftp://example.com", "https://", "https:///x",
    "https:// x", "https://example.com/ x", "javascript:alert(1)" },
  hex = { "", "0", "0g", "00 00", "0x00" },
  udh = { "", "0", "01", "0100", "050003CC02", "040003CC0201", "060003CC0201", "050004CC0201",
    "050002CC0201", "FF00", "020001" },
  digits = { "", "-1", "1.0", "1a", " 1", "１" },
  octet = { "", "256", "-1", "0x1", "1000", "1.0" },
  public_key = { "", "MFww", "-----BEGIN PUBLIC KEY-----", "-----BEGIN PRIVATE KEY-----\nMFww\n"
    .. "-----END PRIVATE KEY-----", "x -----BEGIN PUBLIC KEY-----\nMFww\n-----END PUBLIC KEY" },
  country = { "", "gb", "G", "GBR", "G1", "Gb" },
  language = { "", "en", "en_us", "english-us", "en-", "-us", "e-us", "en-us-x", "12-34" },
  id = { ".", ".." },
}

describe("The format", function()
  for name, list in pairs(taken) do
    it(name .. " sends what is right, in one spelling", function()
      for given, sent in pairs(list) do
        assert.same({ sent }, { formats[name](given) })
      end
    end)
  end

  for name, list in pairs(refused) do
    it(name .. " refuses what is wrong, and says why", function()
      for _, given in ipairs(list) do
        local sent, message = formats[name](given)
        assert.is_nil(sent, ("%s: %q"):format(name, given))
        assert.matches("^%l", message)
        assert.is_nil(message:find "[%z\1-\31]")
      end
    end)
  end

  it("has cases for each that there is", function()
    for name in pairs(formats) do
      if name ~= "within_days" and name ~= "of" then
        assert.is_table(taken[name], name)
        assert.is_table(refused[name], name)
      end
    end
  end)
end)

describe("Two times", function()
  it("are in order and near, to the second", function()
    local first = "2030-01-01T00:00:00Z"
    for _, case in ipairs {
      { "2030-01-01T00:00:01Z", true, true }, { first, false, true },
      { "2029-12-31T23:59:59Z", false, true }, { "2030-01-31T00:00:00Z", true, true },
      { "2030-01-31T00:00:01Z", true, false }, { "2030-01-31T01:00:00+01:00", true, true },
    } do
      assert.same({ case[2], case[3] }, { formats.within_days(first, case[1], 30) })
    end
  end)
end)
