--- SMS and voice calls through Retarus SMS for Applications and Nexmo (Vonage).
---
---   local sms = require "sms"
---   local nexmo = sms.nexmo { api_key = "…", api_secret = "…" }
---   local result, err = nexmo:send_sms { from = "Acme", to = "447700900000", text = "Hello" }

local core = require "sms.core"
local facade = require "sms.client.facade"
local gateway = require "sms.gateway"
local inbound = require "sms.incoming.inbound"
local receipts = require "sms.incoming.receipts"
local runtime = require "sms.runtime"
local stores = require "sms.incoming.stores"

local sms = {}

sms.version = core.version
sms.nexmo = facade.of(require "sms.providers.nexmo")
sms.retarus = facade.of(require "sms.providers.retarus")
sms.gateway = gateway.new
sms.receipts, sms.inbound, sms.stores = receipts, inbound, stores

--- Runs functions side by side. A raise in one is raised after the others have ended.
---@param functions function[]
---@return { [1]: any, [2]: any }[] results `{ result, err }` each, in order
function sms.all(functions)
  if type(functions) ~= "table" then
    error("sms.all: a list of functions was expected", 2)
  end
  for i = 1, #functions do
    if type(functions[i]) ~= "function" then
      error(("sms.all: entry %d is not a function"):format(i), 2)
    end
  end
  return runtime.all(functions)
end

--- In nginx: runs a function after the present phase, where calls can wait; for what is
--- sent from phases that cannot, and whose result is not needed there.
---@param body function
---@return boolean? ok
---@return string? why nginx cannot
function sms.later(body)
  if not rawget(_G, "ngx") then
    error("sms.later: there is nothing to wait for outside of nginx; call it directly", 2)
  end
  return require "sms.runtime.nginx".later(body)
end

--- What a text costs: alphabet, units and parts (3GPP TS 23.038 and 23.040).
---@param text string
---@return { encoding: string, units: integer, parts: integer, misfit: table? }? measured
---  `misfit` is the first character that does not fit GSM-7 and its byte position
---@return string? message where the text is not valid UTF-8
function sms.measure(text)
  if type(text) ~= "string" then
    error("measure: a string was expected", 2)
  end
  local encoding, units, parts, position, length = core.measure(text)
  if not encoding then
    return nil, ("not valid UTF-8 at byte %d"):format(units)
  end
  local misfit = position
    and { character = text:sub(position, position + length - 1), position = position }
  return { encoding = encoding, units = units, parts = parts, misfit = misfit }
end

return sms
