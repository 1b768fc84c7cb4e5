-- Times as text.

local http_date = require "spec.support.hosts.http_date"
local time = require "sms.base.time"

-- text, seconds since 1970
local iso = {
  { "1970-01-01T00:00:00Z", 0 },
  { "1970-01-01T00:00Z", 0 },
  { "1969-12-31T23:59:59Z", -1 },
  { "2000-02-29T12:00:00Z", 951825600 },
  { "2023-11-14T22:13:20Z", 1700000000 },
  { "2023-11-14T22:13:20.25Z", 1700000000.25 },
  { "2023-11-14T22:13:20.000000Z", 1700000000 },
  { "2023-11-15T00:13:20+02:00", 1700000000 },
  { "2023-11-14T16:43:20-0530", 1700000000 },
  { "2023-11-14T22:13+00:00", 1699999980 },
  { "2023-11-14t22:13:20z", 1700000000 },
  { "2023-11-14T22:13:20,25Z", 1700000000.25 },
  { "2023-11-15T00:13:20+02", 1700000000 },
  { "2024-02-29T00:00:00Z", 1709164800 },
  { "2024-03-01T00:00:00Z", 1709251200 },
  { "2100-03-01T00:00:00Z", 4107542400 },
  { "2016-12-31T23:59:60Z", 1483228800 },
  { "2038-01-19T03:14:08Z", 2147483648 },
  { "9999-12-31T23:59:59Z", 253402300799 },
}

local not_iso = {
  "", "2023", "2023-11-14", "2023-11-14T22:13:20", "2023-11-14 22:13:20Z", "2023-11-14T22Z",
  "2023-13-01T00:00Z", "2023-00-01T00:00Z", "2023-11-00T00:00Z", "2023-11-31T00:00Z",
  "2023-02-29T00:00Z", "2100-02-29T00:00Z", "1900-02-29T00:00Z", "2023-11-14T24:00Z",
  "2023-11-14T22:60Z", "2023-11-14T22:13:61Z", "2023-11-14T22:13:20.Z", "2023-11-14T22:13:20 z",
  "2023-11-14T22:13:20+24:00", "2023-11-14T22:13:20+02:60", "2023-11-14T22:13:20+2",
  "2023-11-14T22:13:20Z ", " 2023-11-14T22:13:20Z", "2023-11-14T22:13:20CET", "23-11-14T22:13Z",
  "2023-11-14T22:13:20+02:00Z", "2023-1-14T22:13Z",
}

-- text, seconds
local durations = {
  { "PT13H", 46800 }, { "P1D", 86400 }, { "P1DT12H", 129600 }, { "PT1.5S", 1.5 }, { "PT0,5H",
    1800 },
  { "P2W", 1209600 }, { "pt1m", 60 }, { "P1M", 2592000 }, { "P1Y", 31536000 }, { "PT0S", 0 },
  { "P1Y2M3DT4H5M6S", 36993906 },
}

local not_durations = { "", "P", "PT", "P1DT", "13H", "P1H", "PT1D", "PT1", "PT1H2H", "PT1M2H",
  "PT1.5H2M", "PT.5H", "PT1.H", "-PT1H", "P-1D", "PT1H ", "P1S", "P1DT1H/" }

local http = {
  { "Sun, 06 Nov 1994 08:49:37 GMT", 784111777 },
  { "Tue, 14 Nov 2023 22:13:20 GMT", 1700000000 },
  { "Thu, 29 Feb 2024 00:00:00 GMT", 1709164800 },
}

local not_http = { "", "0", "Sun, 06 Nov 1994 08:49:37", "Sun, 6 Nov 1994 08:49:37 GMT",
  "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT",
  "Sun, 06 Nov 1994 08:49:37 CET", "1994-11-06T08:49:37Z" }

describe("Times", function()
  for _, case in ipairs(iso) do
    it("read " .. case[1], function()
      assert.equal(case[2], time.parse(case[1]))
    end)
  end

  it("are refused where they are not ISO 8601 with a zone", function()
    assert.is_nil(time.parse(nil))
    for _, text in ipairs(not_iso) do
      assert.is_nil(time.parse(text), text)
    end
  end)

  it("may be as long as a duration says", function()
    assert.is_nil(time.duration(nil))
    for _, case in ipairs(durations) do
      assert.equal(case[2], time.duration(case[1]))
    end
    for _, text in ipairs(not_durations) do
      assert.is_nil(time.duration(text), text)
    end
  end)

  it("are read from HTTP dates, and from nothing that is like one", function()
    for _, case in ipairs(http) do
      assert.equal(case[2], time.parse_http(case[1]))
    end
    for _, text in ipairs(not_http) do
      assert.is_nil(time.parse_http(text), text)
    end
  end)

  it("are written in UTC", function()
    assert.equal("2023-11-14T22:13:20Z", time.format(1700000000))
    assert.equal("1970-01-01T00:00:00Z", time.format(0))
  end)

  it("agree with the host over four hundred years", function()
    for day = 0, 146097, 97 do
      local seconds = day * 86400 + 3723
      assert.equal(seconds, time.parse(os.date("!%Y-%m-%dT%H:%M:%SZ", seconds)))
      assert.equal(seconds, time.parse_http(http_date(seconds)))
    end
  end)
end)
