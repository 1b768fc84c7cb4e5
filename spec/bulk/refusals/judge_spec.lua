-- Whose a refusal is, step by step: what is held, what stays new, what ends the run.

local errors = require "sms.base.errors"
local refusals = require "sms.bulk.refusals"

--- An end: "ok", "403", "account", "lost" (no answer), "refused", "partial", "unclear" (the account
--- was refused, though an earlier attempt may have been taken).
local ENDS = {
  ok = {},
  ["403"] = { err = { kind = "auth", outcome = "rejected", status = 403 } },
  account = { err = { kind = "auth", outcome = "rejected", status = 401, account = true } },
  tunnel = { err = { kind = "rejected", outcome = "not_sent", status = 407, account = true } },
  lost = { err = { kind = "timeout", outcome = "ambiguous" } },
  refused = { err = { kind = "rejected", outcome = "rejected", status = 400 } },
  partial = { err = { kind = "partial", outcome = "accepted", status = 200, account = true } },
  unclear = { err = { kind = "auth", outcome = "ambiguous", status = 401, account = true } },
}

-- The ends in their order; for each "n": stays new, "t": is told; then whether the run is ended.
local CASES = {
  { "ok refused lost", "ttt", false },
  { "account", "n", true },
  { "tunnel", "n", true },
  { "partial", "t", true },
  { "unclear", "t", true },
  { "403", "t", false },
  { "403 403", "tt", false },
  { "403 403 403", "nnn", true },
  { "403 403 403 403 ok", "nnnnt", true },
  { "403 403 ok 403 403", "ttttt", false },
  { "403 refused 403 refused 403", "ttttt", false },
  { "403 lost 403 lost 403", "ntntn", true }, -- what got no answer tells nothing
  { "403 account", "nn", true },
  { "account 403 ok 403", "nntn", true },
  { "403 partial 403", "ntn", true },
  { "ok 403 403 unclear", "tnnt", true },
}

describe("The refusals of a run", function()
  local function unit_of(name)
    local err = ENDS[name].err
    return { items = {},
      err = err and errors.new { kind = err.kind, outcome = err.outcome, status = err.status,
        account = err.account, message = name, provider = "nexmo", operation = "send_sms" } }
  end

  --- What becomes of the units; `takes`: whether the loop looks at each as soon as it has ended.
  local function judge(names, takes)
    local told, units, fatal = {}, {}, nil
    local book = refusals.new(told)
    for name in names:gmatch "%S+" do
      local unit = unit_of(name)
      units[#units + 1], unit.items[1] = unit, {}
      local err = book:judge(unit)
      fatal = fatal or err
      if takes and not refusals.keeps(unit) then told[#told + 1] = unit end
    end
    local _, err = book:release()
    fatal = fatal or err
    for _, unit in ipairs(takes and {} or units) do
      if not refusals.keeps(unit) then told[#told + 1] = unit end
    end
    local is_told, letters = {}, {}
    for _, unit in ipairs(told) do
      assert.is_nil(is_told[unit])
      is_told[unit] = true
    end
    for i, unit in ipairs(units) do
      assert.are_not.equal(is_told[unit], unit.stays_new or nil)
      letters[i] = unit.stays_new and "n" or "t"
    end
    return table.concat(letters), fatal
  end

  for _, case in ipairs(CASES) do
    it(("after %s"):format(case[1]), function()
      for _, takes in ipairs { true, false } do
        local letters, fatal = judge(case[1], takes)
        assert.same({ case[2], case[3] }, { letters, fatal ~= nil })
        if fatal then
          assert.same({ true, "nexmo", "send_sms" },
            { fatal.account, fatal.provider, fatal.operation })
          assert.is_true(fatal.outcome == "rejected" or fatal.outcome == "not_sent")
        end
      end
    end)
  end
end)
