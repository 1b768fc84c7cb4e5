--- How an SMS of a Retarus job stands, by its `processStatus` and `status`
--- (docs/providers/retarus.md 4.3). Pure.

local states = {}

local OVER = { DONE = true, CANCELED = true, KILL = true }

-- Whether the recipient has the text, by the last status; what is not here cannot be told.
local SUCCESS = {
  DONE = {
    SUC_ACC = true, SUC_FIN = true, -- the former: handed over to the carrier
    INVALID_DST = false, BLOCKED = false, TIMEOUT = false, CON_ERR = false, FAILED_FIN = false,
    NOT_ACC_FIN = false,
  },
  CANCELED = { [""] = false, NOT_ACC_REC = false },
}

--- The state of an SMS, in a short text.
---@param report { processStatus: string?, status: string? }
---@return string
function states.of(report)
  return ("%s/%s"):format(report.processStatus or "", report.status or "")
end

--- Whether nothing more will come; unknown statuses are final where they say so themselves.
---@param report { processStatus: string?, finishedTs: string? }
---@return boolean
function states.is_final(report)
  return OVER[report.processStatus] or report.finishedTs ~= nil
end

--- Whether the text went to its recipient: nil where that is not known, or not yet.
---@param report { processStatus: string?, status: string? }
---@return boolean?
function states.success(report)
  local known = SUCCESS[report.processStatus]
  return known and known[report.status or ""]
end

return states
