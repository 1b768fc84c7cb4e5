-- The times that --until takes.

local moment = require "sms_command.campaign.moment"

describe("A moment", function()
  it("with a zone is the same everywhere", function()
    for text, seconds in pairs {
      ["2026-12-24T20:00Z"] = 1798142400,
      ["2026-12-24 20:00:10z"] = 1798142410,
      ["2026-12-24T20:00:10.5+01:00"] = 1798138810,
      ["2026-12-24T20:00-0330"] = 1798155000,
      ["2026-12-24T20:00+02"] = 1798135200,
      ["2028-02-29T00:00Z"] = 1835395200,
      ["2100-03-01T00:00Z"] = 4107542400,
    } do
      assert.same({ seconds }, { moment.of(text, 0) }, text)
    end
  end)

  it("without one is that of this machine, and an hour is that of today", function()
    local now = os.time { year = 2026, month = 6, day = 1, hour = 12 }
    local evening = os.time { year = 2026, month = 6, day = 1, hour = 20, min = 30 }
    for _, text in ipairs { "20:30", "2026-06-01T20:30", "2026-06-01 20:30:00" } do
      assert.equal(evening, moment.of(text, now), text)
    end
    assert.equal(evening - 11 * 3600, moment.of("9:30", now - 8 * 3600))
  end)

  it("is refused where it has passed, or is none", function()
    local now = os.time { year = 2026, month = 6, day = 1, hour = 12 }
    for _, text in ipairs { "11:59", "12:00", "2026-06-01T12:00" } do
      assert.same({ nil, text .. " has passed" }, { moment.of(text, now) })
    end
    for _, text in ipairs { "24:00", "12:60", "12", "noon", "2026-06-31T10:00", "2100-02-29T10:00Z",
      "2026-13-01T10:00", "2026-06-02", "2026-06-02T10:00 CET", "2026-06-02T10:00+1",
      "2026-06-02T10:00+15:00", "2026-06-02T10:00+01:60" } do
      local seconds, why = moment.of(text, now)
      assert.is_nil(seconds, text)
      assert.matches("is no time, such as 20:00 or ", why)
    end
  end)
end)
