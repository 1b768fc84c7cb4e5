--- The parameters of applications, and the rules between them. Pure.

local capabilities = require "sms.providers.nexmo.applications.capabilities"

local fields = {}

fields.application_id = { "application_id", type = "string", required = true, min_length = 1,
  max_length = 100, format = "id", in_path = true, doc = "Id of the application." }

-- What the documentation marks required; in version 2 `capabilities` takes their place.
local DOCUMENTED = { "type", "answer_url", "event_url" }

function fields.needs_documented_or_capabilities(params, problem, _, given)
  for _, name in ipairs(DOCUMENTED) do
    if given.capabilities and params[name] ~= nil then
      problem(name, "does not go with capabilities")
    elseif not given.capabilities and params[name] == nil then
      problem(name, "is required, unless capabilities is given")
    end
  end
  for _, name in ipairs { "answer_method", "event_method" } do
    if given.capabilities and params[name] ~= nil then
      problem(name, "does not go with capabilities")
    end
  end
end

function fields.needs_documented(params, problem)
  for _, name in ipairs(DOCUMENTED) do
    if params[name] == nil then
      problem(name, "is required")
    end
  end
end

fields.documented = {
  { "name", type = "string", required = true, min_length = 1, doc = "Name." },
  { "type", type = "string", enum = { "voice" }, doc = "Kind of application." },
  { "answer_url", type = "string", format = "url", doc = "Supplies the call control object." },
  { "answer_method", type = "string", enum = { "GET", "POST" }, doc = "GET if left out." },
  { "event_url", type = "string", format = "url", doc = "Receives the events of calls." },
  { "event_method", type = "string", enum = { "GET", "POST" }, doc = "POST if left out." },
}

fields.version_2_only = {
  { "capabilities", type = "any", table = "object", fields = capabilities.fields,
    doc = "Capabilities as version 2 has them, in place of type and the URLs." },
  { "keys", type = "record",
    fields = { { "public_key", type = "string", multiline = true, format = "public_key",
      doc = "In PEM form; without it the provider makes a pair of keys." } },
    doc = "A public key of one's own." },
  { "privacy", type = "record", fields = { { "improve_ai", type = "boolean",
    doc = "Whether the provider may use the data for AI." } },
    doc = "Use of data for AI; the provider's default is true." },
}

--- Several lists of fields as one.
function fields.joined(...)
  local all = {}
  for _, part in ipairs { ... } do
    for _, field in ipairs(part) do
      all[#all + 1] = field
    end
  end
  return all
end

return fields
