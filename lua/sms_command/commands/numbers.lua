--- `sms numbers`: numbers to buy, and the account's own.

local arguments = require "sms_command.arguments"
local change = require "sms_command.calls.change"
local listing = require "sms_command.calls.listing"

local PROVIDER = "nexmo"
local PAGES = { index = true, size = true } -- all of them are read

local numbers = { name = "numbers" }

numbers.summary = "Search, buy, change and cancel numbers."

local function operation(name)
  return arguments.operation(PROVIDER, name)
end

--- Adds params as arguments, then the others as options.
local function declare(parser, name, own, skip)
  local left_out = {}
  for _, param in ipairs(operation(name).params) do
    left_out[param.name] = skip and skip[param.name] or own[param.name] ~= nil
  end
  for _, param in ipairs(operation(name).params) do
    if own[param.name] then
      parser:argument(own[param.name]):target("param " .. param.name):description(param.help)
    end
  end
  arguments.add_params(parser, operation(name), left_out)
end

local ONE = { country = "country", msisdn = "number" }

--- What people see of a number.
local function row(number)
  local cost = number.cost and ("%s a month"):format(number.cost) or ""
  return {
    number.country or "", ("%-15s"):format(number.msisdn or ""),
    ("%-18s"):format(number.type or ""), ("%-14s"):format(table.concat(number.features or {}, " ")),
    number.app_id or cost,
  }
end

local function list(name)
  return function(given, session)
    local params = arguments.params(given, operation(name))
    params.size = listing.size(given.limit)
    if session.dry_run then
      return session.preview(session.client(PROVIDER), name, params)
    end
    return listing.show(session, session.client(PROVIDER):each(name, params), given.limit, row)
  end
end

--- What a number costs, as a search tells it; nothing where it does not.
local function price_of(client, params)
  local digits = params.msisdn:gsub("%D", "")
  local found = client:list_inbound_numbers {
    country = params.country, pattern = digits, search_pattern = "starts",
  }
  for _, number in ipairs(found and found.numbers or {}) do
    if number.cost and number.msisdn == digits then
      return (", which costs %s EUR a month%s"):format(number.cost,
        number.initialPrice and (" and %s EUR once"):format(number.initialPrice) or "")
    end
  end
  return ""
end

local IN_DOUBT = "`sms numbers owned --country %s --pattern %s` shows whether it is the account's"

local QUESTIONS = {
  buy_number = function(client, params)
    return ("Buy %s in %s%s?"):format(params.msisdn, params.country, price_of(client, params))
  end,
  cancel_number = function(_, params)
    return ("Cancel %s in %s? It may be lost for good."):format(params.msisdn, params.country)
  end,
}

local DONE = { buy_number = "bought", cancel_number = "cancelled", update_number = "updated" }

local function alter(name)
  return function(given, session)
    local params, client = arguments.params(given, operation(name)), session.client(PROVIDER)
    local ask = QUESTIONS[name]
    return change.run(session, client, {
      operation = name, params = params,
      question = ask and function() return ask(client, params) end,
      told = function(result)
        if session.json then
          session.out:json(result)
        else
          session.out:row { DONE[name], params.msisdn }
        end
      end,
      in_doubt = IN_DOUBT:format(params.country, params.msisdn),
    })
  end
end

local QUIET = { json = true, dry_run = true } -- flags of what asks nothing

local ACTIONS = {
  { "search", "List numbers that can be bought in a country.", "list_inbound_numbers",
    { country = "country" }, skip = PAGES, limit = "100", run = list, flags = QUIET },
  { "owned", "List the account's own numbers.", "list_owned_numbers", {}, skip = PAGES,
    limit = "all", run = list, flags = QUIET },
  { "buy", "Buy a number, which costs at once and each month.", "buy_number", ONE, run = alter },
  { "cancel", "Cancel a number, which may be lost for good.", "cancel_number", ONE, run = alter },
  { "update", "Change where a number's texts and calls go.", "update_number", ONE, run = alter,
    flags = QUIET },
}

function numbers.declare(parser)
  parser:command_target "action"
  for _, action in ipairs(ACTIONS) do
    local made = parser:command(action[1]):summary(action[2]):description(action[2])
    made.flags = action.flags
    declare(made, action[3], action[4], action.skip)
    if action.limit then
      listing.add_limit(made, action.limit)
    end
  end
end

function numbers.run(given, session)
  for _, action in ipairs(ACTIONS) do
    if action[1] == given.action then
      return action.run(action[3])(given, session)
    end
  end
end

return numbers
