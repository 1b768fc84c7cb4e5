--- `sms worker`: sends what an outbox has, until SIGTERM or Ctrl-C.

local arguments = require "sms_command.arguments"
local credentials = require "sms_command.credentials"
local outcome = require "sms_command.outcome"
local output = require "sms_command.output"
local place = require "sms_command.outbox.place"
local places = require "sms_command.places"
local providers = require "sms_command.campaign.providers"
local redis_client = require "sms_command.outbox.redis_client"
local sms = require "sms"
local telling = require "sms_command.outbox.telling"

local worker = { name = "worker", summary = "Send what is in an outbox, until it is told to end." }

worker.description = [[
Sends what programs on any machine have added to an outbox in Redis, and prints how each message
ended. Any number of workers share one outbox, and one rate limit in the same Redis. At SIGTERM and
Ctrl-C it takes nothing more, and ends once what is in flight has ended, within the time-out of an
attempt; a second one ends it at once, and what is in flight then is ambiguous. Where the account is
refused, it puts the messages back, pauses the outbox and ends with 4: a supervisor must not restart
it then. Told to end by SIGTERM it ends with 0, by Ctrl-C with 130, by --block with the code of all
it has sent.]]

local unpack = table.unpack or rawget(_G, "unpack")

local NAP, NAPS = 0.1, 10 -- seconds between two looks for a signal; between two for Redis

local LONG_WAIT = 5 -- seconds
local LONG = "sms: waiting %.0f s, to stay within the rate limit in Redis; where that is new, "
  .. "or Redis has just started, nobody knows what was sent before"

-- What texts there will be: each arrives whole.
local WHATEVER = { most_parts = math.huge, is_unicode = true }

local numbers = {
  { "--lease", "Seconds after which others take what a dead worker had (30)." },
  { "--block", "End after so many seconds without anything to do; left out: never." },
  { "--in-flight", "Calls side by side (32)." },
  { "--use", "Share of the rate limit that bulk messages may take (0.8)." },
  { "--timeout", "Seconds for one attempt (30)." },
}

function worker.declare(parser)
  place.declare(parser)
  arguments.add_provider(parser)
  parser:option "--label" :argname "TEXT"
    :description "What entries call this worker; left out: the machine's name."
  for _, number in ipairs(numbers) do
    parser:option(number[1]):argname "N":description(number[2])
      :convert(arguments.number(number[1]))
  end
  parser:flag "--accept-risk"
    :description "Work with a Redis that may lose or double messages, as it is set."
  parser:option "--from" :argname "SENDER" :description "Retarus: who the texts are from."
  parser:group("Options of Retarus' jobs", unpack(arguments.add_params(parser,
    providers.operation "retarus", providers.retarus.skip)))
end

--- The options of send_all.
local function options_of(given, provider, session)
  local options = { in_flight = given.in_flight, use = given.use, timeout = given.timeout }
  if provider == "retarus" then
    local _, own = providers.retarus.split(arguments.params(given, providers.operation(provider)),
      given.from)
    providers.retarus.complete(own, WHATEVER)
    options.options = own.options
    return options
  end
  local foreign = given.from and "from" or arguments.foreign(given, { params = {} })
  if foreign then
    session.misuse("--%s is an option of Retarus: for Nexmo the messages have theirs", foreign)
  end
  return options
end

--- What the client tells. The first long wait stays to be read, for whoever wonders why nothing
--- is sent.
local function teller(session)
  local is_told
  return function(event)
    if event.name == "warning" then
      session.err:line("sms: " .. event.message)
    elseif event.name == "wait" and event.message then
      session.err:progress("waiting " .. event.message)
    elseif event.name == "wait" and event.seconds >= LONG_WAIT and not is_told then
      is_told = true
      session.err:line(LONG:format(event.seconds))
    end
  end
end

local function client_of(provider, at, session)
  local options = { on_event = teller(session) }
  if not credentials.sandbox() then -- whose limits are nobody's
    options.rate_limit = { share = place.share(at) } -- workers are on many machines
  end
  return session.client(provider, options)
end

--- Whether somebody wants what is in the outbox to go to nobody.
local function is_meant(at, session)
  local folder = credentials.sandbox()
  if not folder then
    return true
  end
  return session.confirm(("SMS_SANDBOX is set: what is taken from %s goes to the sandbox in %s, "
    .. "and to nobody. Go on?"):format(place.words(at), folder))
end

--- Waits a little, unless a signal comes.
local function wait(caught)
  for _ = 1, caught() and 0 or NAPS do
    redis_client.sleep(NAP)
    if caught() then
      return
    end
  end
end

--- Opens the outbox, as soon as Redis is there; nil and an error, or nil where a signal came.
local function open(at, given, client, caught, session)
  local options = { client = client, risk = given.accept_risk and "accepted" or nil }
  local is_told
  while not caught() do
    local there, why, is_final = place.reach(at)
    if there then
      local outbox, err = place.open(at, session, options)
      if outbox or place.reach(at) then
        return outbox, err
      end
    elseif is_final then
      error({ failed = place.sentence { message = "Redis at " .. why } }, 0)
    end
    if not is_told and why then
      session.err:line(("sms: Redis at %s; waiting for it"):format(why))
      is_told = true
    end
    wait(caught)
  end
end

--- Says that it works, and what holds it up.
local function announce(at, outbox, provider, label, session)
  session.err:line(("sms: worker %s: %s, through %s; Ctrl-C ends it once what is in flight has "
    .. "ended"):format(output.shown(label), place.words(at), providers[provider].title))
  local status = outbox:status()
  if status and status.paused then
    session.err:line(("sms: the outbox is paused: %s; `sms outbox resume` lets it go on"):format(
      output.shown(status.paused)))
  end
end

--- Goes through what ends; the error of the whole, if there is one.
local function follow(run, told)
  for item, result, err, entry in run do
    if not item then
      return err
    end
    told:tell(result, err, entry)
  end
end

--- The exit code, once nothing is in flight.
local function code_of(err, signal, told, session)
  if err and err.account then
    if session.json then
      session.out:json { error = session.error_fields(err) }
    end
    told:ended(("the account was refused: %s"):format(err.message))
    return outcome.REJECTED
  elseif signal then
    told:ended(signal == "INT" and "interrupted" or "ended by SIGTERM")
    return signal == "INT" and outcome.INTERRUPTED or outcome.OK
  elseif err then
    local code = session.failed(err, place.sentence(err))
    return err.kind == "invalid" and outcome.MISUSE or code -- of another provider
  end
  told:ended "nothing to do any more"
  return session.tally:code()
end

--- Sends until it is told to end.
local function work(made, given, session)
  local outbox, client, caught = made.outbox, made.client, made.caught
  local told = telling.new(session)
  local options = made.options
  options.on_progress = function(progress)
    told:reach(progress)
  end
  local source = place.tried(session, outbox.source, outbox, { worker = made.label,
    lease = given.lease, block = given.block })
  local run = place.tried(session, client.send_all, client, source, options)
  announce(made.at, outbox, made.provider, made.label, session)
  local err = follow(run, told)
  return code_of(err, caught(), told, session)
end

function worker.run(given, session)
  local at, provider = place.of(given, session), session.provider(given)
  local options = options_of(given, provider, session)
  local client = client_of(provider, at, session)
  if not session.dry_run and not is_meant(at, session) then
    return outcome.NOT_SENT
  end
  local caught = sms.catch_signals()
  local outbox, err = open(at, given, client, caught, session)
  if err then
    return session.failed(err, place.sentence(err))
  elseif not outbox then
    return caught() == "INT" and outcome.INTERRUPTED or outcome.OK
  elseif session.dry_run then
    session.err:line(("sms: would send what is in %s"):format(place.words(at)))
    return outcome.OK
  end
  local label = given.label ~= "" and given.label or places.shell "uname -n"
  return work({ at = at, outbox = outbox, client = client, provider = provider, label = label,
    caught = caught, options = options }, given, session)
end

return worker
