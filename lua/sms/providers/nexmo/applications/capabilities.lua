--- What an application can do, in version 2 of its API: each capability that is
--- documented is checked to its last value; others are handed through. Pure.

local schema = require "sms.schema"

local capabilities = {}

local GET_OR_POST, POST = { "GET", "POST" }, { "POST" }

--- A webhook: the ways in which it may be called, and the longest it may be waited for.
local function webhook(name, methods, longest, doc)
  return { name, type = "record", doc = doc, fields = {
    { "address", type = "string", required = true, format = "url", doc = "Where it is." },
    { "http_method", type = "string", enum = methods, doc = "How it is called." },
    { "connect_timeout", type = "integer", min = 300, max = 1000,
      doc = "Milliseconds, 1000 if left out." },
    { "socket_timeout", type = "integer", min = 1000, max = longest,
      doc = "Milliseconds until it must have answered; the most if left out." },
  } }
end

local function webhooks(...)
  return { "webhooks", type = "record", fields = { ... } }
end

local signed_callbacks = { "signed_callbacks", type = "boolean",
  doc = "Whether webhooks are signed, true if left out." }

--- The fields of `capabilities`, in the order of the documentation.
capabilities.fields = {
  { "voice", type = "record", doc = "Calls.", fields = {
    webhooks(
      webhook("answer_url", GET_OR_POST, 5000, "Supplies the call control object."),
      webhook("fallback_answer_url", GET_OR_POST, 5000, "The same, where that fails."),
      webhook("event_url", GET_OR_POST, 10000, "Receives the events of calls.")),
    signed_callbacks,
    { "conversations_ttl", type = "integer", min = 1, max = 9000,
      doc = "Hours, 48 if left out." },
    { "leg_persistence_time", type = "integer", min = 1, max = 31,
      doc = "Days, 2 if left out." },
    { "region", type = "string", doc = "Where calls are processed.",
      enum = { "na-east", "na-west", "eu-east", "eu-west", "apac-sng", "apac-australia" } },
  } },
  { "messages", type = "record", doc = "Messages.", fields = {
    { "version", type = "string", min_length = 1, doc = "Of the webhooks, such as v1." },
    webhooks(
      webhook("inbound_url", POST, 10000, "Receives messages."),
      webhook("status_url", POST, 10000, "Receives the states of messages.")),
  } },
  { "rtc", type = "record", doc = "In-app voice and messages.", fields = {
    webhooks(webhook("event_url", GET_OR_POST, 10000, "Receives events.")),
    signed_callbacks,
  } },
  { "vbc", type = "record", doc = "Vonage Business Communications: an empty table.",
    fields = {} },
  { "verify", type = "record", doc = "Verification.", fields = {
    webhooks(webhook("status_url", POST, 10000, "Receives the states of verifications.")),
  } },
}

--- A rule of schema.check: what is given for each documented capability.
---@param params table changed
---@param problem fun(name: string, message: string)
function capabilities.check(params, problem)
  local given = params.capabilities
  for _, field in ipairs(given and capabilities.fields or {}) do
    local name = field[1]
    if given[name] ~= nil then
      local sent, problems = schema.check(field, given[name])
      for _, found in ipairs(problems) do
        local path = found.path ~= "" and "." .. found.path or ""
        problem("capabilities." .. name .. path, found.message)
      end
      given[name] = sent
    end
  end
end

return capabilities
