--- What a file of rows is to each provider: which columns it may have, what the options of the
--- command become, and how a row is checked.

local arguments = require "sms_command.arguments"

local providers = {}

local MOST_PARTS = 20 -- of a text at Retarus

local PLAIN = { string = true, integer = true, digits = true, flag = true, boolean = true,
  choice = true, number = true }

local function plain_names(params)
  local names = {}
  for _, param in ipairs(params) do
    if PLAIN[param.type] then
      names[#names + 1] = param.name
    end
  end
  return names
end

local function named(params, name)
  for _, param in ipairs(params) do
    if param.name == name then
      return param
    end
  end
end

providers.nexmo = {
  title = "Nexmo",
  operation = "send_sms",
  number = "to", ref = "client-ref", sender = "from",
  -- The rows have them, or --from.
  skip = { to = true, text = true, ["client-ref"] = true, from = true },
  columns = function(operation)
    return plain_names(operation.params)
  end,
  --- What each item has, and the options of send_all.
  split = function(params, sender)
    params.from = sender
    return params, {}
  end,
  complete = function() end,
  params = function(item)
    return item
  end,
}

providers.retarus = {
  title = "Retarus",
  operation = "send_job",
  number = "dst", ref = "customerRef", sender = "src",
  skip = { messages = true, src = true },
  columns = function(operation)
    local message = named(operation.params, "messages").items
    return plain_names(named(message.fields, "recipients").items.fields)
  end,
  split = function(params, sender)
    local options = params.options or {}
    options.src = sender
    return {}, { options = options }
  end,
  --- Texts arrive whole, whatever the account is set to: not cut, nor with blanks in them.
  complete = function(options, counted)
    local jobs = options.options
    if not jobs.maxParts and counted.most_parts > 1 then
      jobs.maxParts = math.min(counted.most_parts, MOST_PARTS)
    end
    if counted.is_unicode and not jobs.encoding and not jobs.invalidCharacters then
      jobs.invalidCharacters = "TO_UTF16"
    end
  end,
  --- A job with this recipient alone.
  params = function(item, options)
    local recipient = {}
    for name, value in pairs(item) do
      recipient[name] = name ~= "text" and value or nil
    end
    return { options = options.options,
      messages = { { text = item.text, recipients = { recipient } } } }
  end,
}

--- The operation of a provider, as it is declared.
---@param provider string
---@return table
function providers.operation(provider)
  return arguments.operation(provider, providers[provider].operation)
end

--- What is wrong with an item, as the library finds it; nothing is sent.
---@param client table
---@param provider string
---@param options table of send_all
---@return fun(item: table): table?
function providers.checker(client, provider, options)
  local own = providers[provider]
  return function(item)
    local request, err = client:prepare(own.operation, own.params(item, options))
    return not request and err or nil
  end
end

return providers
