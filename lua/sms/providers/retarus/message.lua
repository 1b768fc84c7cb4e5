--- One text to one number, as sms.gateway sends it through Retarus. Pure.

local message = {
  operation = "send_job",
  -- What may be wrong with a message, to Retarus alone: which senders it takes, how many parts.
  own_limits = { ["options.src"] = true, ["options.maxParts"] = true },
  chosen = { "encoding", "maxParts" }, -- by the message alone
}

--- Retarus says what was wrong by the HTTP status alone.
function message.is_own_refusal()
  return false
end

--- The parameters of send_job. Left to itself the account may cut a long text, and put blanks
--- in the place of what GSM-7 lacks.
---@param given { from: string, to: string, text: string, ref: string? }
---@param own table? further options of the job
---@param measured { encoding: string, parts: integer }
---@return table
function message.params(given, own, measured)
  local options = { src = given.from, customerRef = given.ref, maxParts = measured.parts }
  if measured.encoding ~= "GSM-7" then
    options.encoding = "UTF-16"
  end
  for name, value in next, own or {} do -- raw, as params are read
    options[name] = value
  end
  local recipient = { dst = "+" .. given.to, customerRef = given.ref }
  return { options = options, messages = { { text = given.text, recipients = { recipient } } } }
end

--- The ids of what was sent: that of the job, where it is known; and how many parts there are.
---@param result table of send_job
---@param measured { parts: integer }
---@return string[] ids
---@return integer parts
function message.ids(result, measured)
  return { result.jobId }, measured.parts
end

return message
