-- What is final of a recipient's state, and what went.

local states = require "sms.providers.retarus.states"

-- processStatus, status, finishedTs -> final, success
local TABLE = {
  { "OPEN", nil, nil, false }, { "OPEN", "", nil, false }, { "OPEN", "CON_ERR", nil, false },
  { "OPEN", "SUC_FIN", nil, false }, { "RUNNING", "SUC_ACC", nil, false },
  { "RUNNING", "", nil, false }, { "DONE", "SUC_ACC", nil, true, true },
  { "DONE", "SUC_FIN", nil, true, true }, { "DONE", "INVALID_DST", nil, true, false },
  { "DONE", "BLOCKED", nil, true, false }, { "DONE", "TIMEOUT", nil, true, false },
  { "DONE", "CON_ERR", nil, true, false }, { "DONE", "FAILED_FIN", nil, true, false },
  { "DONE", "NOT_ACC_FIN", nil, true, false }, { "DONE", "SEND_ERR", nil, true },
  { "DONE", "STATUS_ERR", nil, true }, { "DONE", "LATER", nil, true }, { "DONE", nil, nil, true },
  { "CANCELED", "", nil, true, false }, { "CANCELED", nil, nil, true, false },
  { "CANCELED", "NOT_ACC_REC", nil, true, false }, { "CANCELED", "LATER", nil, true },
  { "KILL", "SUC_ACC", nil, true }, { "KILL", "", nil, true }, { nil, nil, nil, false },
  { "PARKED", "SUC_FIN", nil, false }, { "PARKED", "", "2022-09-28T10:59:34.150Z", true },
  { nil, nil, "2022-09-28T10:59:34.150Z", true }, { "done", "SUC_FIN", nil, false },
}

describe("The state of a recipient", function()
  for _, row in ipairs(TABLE) do
    it(("knows the end %s %s %s"):format(tostring(row[1]), tostring(row[2]), tostring(row[3])),
      function()
        local report = { processStatus = row[1], status = row[2], finishedTs = row[3] }
        assert.equal(row[4], states.is_final(report))
        assert.equal(row[5], states.success(report))
      end)
  end
end)
