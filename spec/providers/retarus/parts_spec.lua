-- maxParts of Retarus: texts that it would cut are told before anything is sent.

local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"

local LONG = ("x"):rep(161) -- two parts

describe("maxParts", function()
  local box = sandbox.for_specs()

  -- Sends a job with a long text: the warnings, and what came of it.
  local function send(options, settings)
    local warnings = {}
    local given = { on_event = function(event)
      if event.name == "warning" then warnings[#warnings + 1] = event.message end
    end }
    for name, value in pairs(settings or {}) do given[name] = value end
    return warnings, retarus.client(box, given):send_job { options = options,
      messages = { { text = "Hi", recipients = { "+491760000001" } },
        { text = LONG, recipients = { "+491760000002" } } } }
  end

  it("that would cut a text of a job is told by a warning before it is sent", function()
    local warnings, result = send { maxParts = 1 }
    assert.is_table(result)
    assert.same({ "messages[2].text needs 2 parts and would be cut to the 1 of maxParts" },
      warnings)
    assert.same({}, (send { maxParts = 2 }))
    assert.same({}, (send()))
  end)

  it("is an error where the client is strict", function()
    local _, result, err = send({ maxParts = 1 }, { strict_parts = true })
    assert.is_nil(result)
    assert.equal("invalid", err.kind)
    assert.equal("messages[2].text", err.problems[1].path)
    assert.equal(0, box:count())
  end)

  -- Text, options, parts that are counted; nil: none, whatever maxParts is.
  local cases = {
    { ("x"):rep(160), {}, 1 }, { ("x"):rep(161), {}, 2 }, { ("x"):rep(307), {}, 3 },
    { ("€"):rep(80), {}, 1 }, { ("€"):rep(81), {}, 2 },
    { ("x"):rep(70), { encoding = "UTF-16" }, 1 },
    { ("x"):rep(71), { encoding = "UTF-16" }, 2 },
    { ("é"):rep(134), { encoding = "UTF-16" }, 2 },
    { ("é"):rep(135), { encoding = "UTF-16" }, 3 },
    { "’" .. ("x"):rep(69), {}, 1 }, { "’" .. ("x"):rep(70), {}, 2 },
    { "’" .. ("x"):rep(70), { invalidCharacters = "TO_UTF16" }, 2 },
    { "’" .. ("x"):rep(70), { invalidCharacters = "TRANSLITERATE" }, 2 },
    { "’" .. ("x"):rep(159), { invalidCharacters = "REPLACE" }, 1 },
    { "’" .. ("x"):rep(160), { invalidCharacters = "REPLACE" }, 2 },
    { "😀" .. ("x"):rep(158), { invalidCharacters = "REPLACE" }, 1 },
    { "😀" .. ("x"):rep(159), { invalidCharacters = "REPLACE" }, 2 },
    { "`" .. ("€"):rep(80), { invalidCharacters = "REPLACE" }, 2 },
    { "’" .. ("x"):rep(700), { invalidCharacters = "REPLACE", encoding = "UTF-16" }, 11 },
    { "’" .. ("x"):rep(700), { invalidCharacters = "REFUSE" }, nil },
    { ("x"):rep(700), { invalidCharacters = "REFUSE" }, 5 },
  }

  it("counts parts on the safe side", function()
    local parts = require "sms.providers.retarus.parts"
    for i, case in ipairs(cases) do
      for most = 1, 12 do
        case[2].maxParts = most
        local expected = "needs %d parts and would be cut to the %d of maxParts"
        expected = case[3] and case[3] > most and expected:format(case[3], most) or nil
        assert.equal(expected, parts.too_long(case[1], case[2]), "case " .. i)
      end
    end
  end)
end)
