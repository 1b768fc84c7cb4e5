--- One text to one number, as sms.gateway sends it through Nexmo. Pure.

local codes = require "sms.providers.nexmo.codes"

local message = {
  operation = "send_sms",
  is_own_refusal = codes.is_own_refusal,
  -- What may be wrong with a message, to Nexmo alone: which senders it takes, how long a text.
  own_limits = { from = true, text = true },
  chosen = { "to", "text", "client-ref", "type" }, -- by the message alone
}

--- The parameters of send_sms.
---@param given { from: string, to: string, text: string, ref: string? }
---@param own table? further parameters
---@return table
function message.params(given, own)
  local params = { from = given.from }
  for name, value in next, own or {} do -- raw, as params are read
    params[name] = value
  end
  params.to, params.text, params["client-ref"] = given.to, given.text, given.ref
  return params
end

--- The ids of what was sent: one a part; and how many parts there are.
---@param result table of send_sms
---@return string[] ids
---@return integer parts
function message.ids(result)
  local ids = {}
  for i, part in ipairs(result.messages) do
    ids[i] = part["message-id"]
  end
  return ids, #result.messages
end

return message
