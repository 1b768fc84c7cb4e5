--- `sms outbox add`: puts a text to one or several numbers into an outbox.

local arguments = require "sms_command.arguments"
local moment = require "sms_command.campaign.moment"
local place = require "sms_command.outbox.place"
local providers = require "sms_command.campaign.providers"

local adding = { summary = "Add a text to one or several numbers." }

local unpack = table.unpack or rawget(_G, "unpack")

local TIMES = { "not_before", "not_after" }

--- What each message may have beside its number and text, as an operation: of a job at Retarus,
--- what its recipients have; what concerns the job is the worker's.
local function fields_of(provider)
  local operation = providers.operation(provider)
  if provider == "nexmo" then
    return operation, { to = true, text = true, from = true }
  end
  local params = {}
  for _, param in ipairs(operation.params) do
    if param.name == "messages" then
      for _, field in ipairs(param.items.fields) do
        if field.name == "recipients" then
          params = field.items.fields
        end
      end
    end
  end
  return { params = params }, { dst = true }
end

function adding.declare(parser)
  parser:argument "text" :args "?" :description "The text; - reads it from the standard input."
  place.declare(parser)
  arguments.add_provider(parser)
  parser:option "--from" :argname "SENDER" :description "Nexmo: who the text is from."
  parser:option "--to" :argname "NUMBER" :count "*"
    :description "Who gets it; may be given again."
  parser:option "--key" :argname "KEY"
    :description "One message, however often it is added with this key."
  parser:option "--priority" :choices { "high", "bulk" }
    :description "high goes before all that is bulk; left out: bulk."
  parser:option "--not-before" :argname "TIME"
    :description "Not before this time: 20:00, or 2026-12-24T20:00+01:00."
  parser:option "--not-after" :argname "TIME"
    :description "Told as not sent once this time has passed."
  parser:option "--keep" :argname "DAYS" :convert(arguments.number "--keep")
    :description "Days for which it and its key are remembered from its end on (7)."
  parser:flag "--forget-texts"
    :description "Once it has ended, keep neither its text nor its number."
  parser:flag "--accept-risk"
    :description "Use a Redis that may lose or double messages, as it is set."
  for _, provider in ipairs { "nexmo", "retarus" } do
    local operation, own = fields_of(provider)
    parser:group("Options of " .. providers[provider].title,
      unpack(arguments.add_params(parser, operation, own)))
  end
end

--- The messages, as the outbox takes them.
local function items_of(given, provider, session)
  local operation = fields_of(provider)
  local foreign = arguments.foreign(given, operation)
  if provider == "retarus" and given.from then
    foreign = "from"
  end
  if foreign then
    session.misuse("--%s is not an option of %s's messages", foreign, providers[provider].title)
  elseif #given.to == 0 then
    session.misuse "say to whom it goes: --to NUMBER"
  elseif given.key and given.to[2] then
    session.misuse "--key: stands for one message: give one --to"
  end
  local items, text = {}, session.text(given.text)
  for i, number in ipairs(given.to) do
    items[i] = arguments.params(given, operation)
    items[i].from, items[i].text = given.from, text
    items[i][providers[provider].number] = number
  end
  return items
end

local function options_of(given, session)
  local options = { priority = given.priority }
  for _, name in ipairs(TIMES) do
    if given[name] then
      local at, why = moment.of(given[name], os.time())
      options[name] = at or session.misuse("--%s: %s", (name:gsub("_", "-")), why)
    end
  end
  if given.key then
    options.key = function()
      return given.key
    end
  end
  return options
end

--- The call that a message would be.
local function call_of(item, provider)
  if provider == "nexmo" then
    return "send_sms", item
  end
  local recipient = {}
  for name, value in pairs(item) do
    recipient[name] = name ~= "text" and value or nil
  end
  return "send_job", { messages = { { text = item.text, recipients = { recipient } } } }
end

--- Shows what would be added, and what of it would be refused; the exit code.
local function preview(items, provider, session)
  local client = session.client(provider)
  for i, item in ipairs(items) do
    local request, err = client:prepare(call_of(item, provider))
    if request then
      session.out:json(item)
    else
      session.failed(err, items[2] and ("items[%d]: %s"):format(i, tostring(err)) or nil)
      session.tally:add(err)
    end
  end
  return session.tally:code()
end

--- Tells what was added.
local function tell(added, given, session)
  for i, one in ipairs(added) do
    if session.json then
      session.out:json { to = given.to[i], id = one.id, is_new = one.is_new }
    else
      session.out:row { given.to[i], one.is_new and "added" or "there already", one.id }
    end
    session.tally:add "accepted"
  end
  return session.tally:code()
end

function adding.run(given, session)
  local at, provider = place.of(given, session), session.provider(given)
  local items, options = items_of(given, provider, session), options_of(given, session)
  if session.dry_run then
    return preview(items, provider, session)
  end
  local outbox, err = place.open(at, session, { client = session.client(provider),
    keep = given.keep, keep_texts = not given.forget_texts,
    risk = given.accept_risk and "accepted" or nil })
  if outbox then
    local added
    added, err = outbox:add(items, options)
    if added then
      return tell(added, given, session)
    end
  end
  local words = place.sentence(err)
  session.failed(err, given.to[2] and words or (words:gsub("^items%[1%]%.", "")))
  session.tally:add(err)
  return session.tally:code()
end

return adding
