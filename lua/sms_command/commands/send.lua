--- sms send: one text to one or several numbers.

local arguments = require "sms_command.arguments"
local delivery = require "sms_command.delivery"
local keys = require "sms_command.keys"
local sms = require "sms"

local send = {
  name = "send",
  flags = { json = true, dry_run = true },
  summary = "Send a text to one or several numbers.",
  description = "Sends a text to one or several numbers, through Nexmo one by one, through Retarus "
    .. "as one job. What became of each is told on the standard output, or, where it was not "
    .. "accepted, on the other one.",
}

local unpack = table.unpack or rawget(_G, "unpack")

local MOST_PARTS = 20 -- of a text at Retarus

local OWN = { from = true, to = true, text = true, src = true, messages = true }

function send.declare(parser)
  parser:usage "usage: sms send [OPTIONS] --to NUMBER [--to NUMBER …] TEXT"
  parser:argument "text":args "?":description "The text; - reads it from the standard input."
  parser:group("Options",
    parser:option "--from":argname "SENDER":description "Who the text is from.",
    parser:option "--to":argname "NUMBER":count "*":description "Who gets it; may be given again.",
    parser:option "--key":argname "KEY"
      :description "Send this once, however often the command is run with this key.",
    arguments.add_provider(parser))
  local nexmo = arguments.add_params(parser, arguments.operation("nexmo", "send_sms"), OWN)
  local retarus = arguments.add_params(parser, arguments.operation("retarus", "send_job"), OWN)
  parser:group("Options of Nexmo", unpack(nexmo))
  parser:group("Options of Retarus", unpack(retarus))
end

--- A text arrives whole, whatever the account is set to: not cut, nor with blanks in it.
local function complete(options, text)
  local measured = sms.measure(text or "")
  if not measured then
    return
  end
  if not options.maxParts and measured.parts > 1 then
    options.maxParts = tostring(math.min(measured.parts, MOST_PARTS))
  end
  if measured.encoding ~= "GSM-7" and not options.encoding and not options.invalidCharacters then
    options.encoding = "UTF-16"
  end
end

--- What is sent, by provider: the operation, its params for all numbers together or for each, and
--- items and options for send_all.
local PLAN = {}

function PLAN.nexmo(given, text)
  local items = {}
  for i, number in ipairs(given.to) do
    items[i] = arguments.params(given, arguments.operation("nexmo", "send_sms"))
    items[i].from, items[i].to, items[i].text = given.from, number, text
  end
  return { operation = "send_sms", number = "to", items = items, calls = items }
end

function PLAN.retarus(given, text)
  local params = arguments.params(given, arguments.operation("retarus", "send_job"))
  local options, items, recipients = params.options or {}, {}, {}
  options.src = given.from
  complete(options, text)
  for i, number in ipairs(given.to) do
    items[i], recipients[i] = { dst = number, text = text }, number
  end
  options = next(options) and options
  params.options, params.messages = options, { { text = text, recipients = recipients } }
  return { operation = "send_job", number = "dst", items = items, calls = { params },
    options = options }
end

local function check(given, provider, session)
  local seen = {}
  for _, number in ipairs(given.to) do
    local digits = number:gsub("[^%w]", "")
    if seen[digits] then
      session.misuse("--to: %s is there twice", number)
    end
    seen[digits] = true
  end
  if #given.to == 0 then
    session.misuse "say to whom it goes: --to NUMBER"
  end
  local operation = provider == "nexmo" and "send_sms" or "send_job"
  local foreign = arguments.foreign(given, arguments.operation(provider, operation))
  if foreign then
    session.misuse("--%s is no option of %s, through which this goes", foreign, provider)
  end
  local problem = given.key and keys.problem(given.key)
  if problem then
    session.misuse(problem)
  end
end

--- Shows what would be sent; the exit code.
local function preview(client, plan, session)
  local code = 0
  for _, params in ipairs(plan.calls) do
    local own = session.preview(client, plan.operation, params)
    code = code == 0 and own or code
  end
  return code
end

function send.run(given, session)
  local provider = session.provider(given)
  check(given, provider, session)
  local plan = PLAN[provider](given, session.text(given.text))
  local client = session.client(provider)
  if session.dry_run then
    return preview(client, plan, session)
  end
  plan.key, plan.provider = given.key, provider
  return delivery.run(client, plan, session)
end

return send
