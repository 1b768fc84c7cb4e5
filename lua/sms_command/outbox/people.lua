--- `sms outbox`: what people ask of an outbox, and tell it.

local adding = require "sms_command.outbox.adding"
local listing = require "sms_command.calls.listing"
local outcome = require "sms_command.outcome"
local place = require "sms_command.outbox.place"

local people = { name = "outbox", summary = "Look after an outbox that workers send from." }

local QUIET = { json = true, dry_run = true } -- flags of what asks nothing

local STATUS = { "queued", "delayed", "taken", "begun", "ambiguous", "oldest", "paused" }
local RESULT = { "id", "state", "outcome" }

--- An error of the outbox, with the exit code. Its outcome is the question's, and no message's.
local function failed(session, err)
  local code = session.failed(err, place.sentence(err))
  return err.outcome == "ambiguous" and outcome.AMBIGUOUS or code
end

--- Tells what was done.
local function done(session, value, ...)
  if session.json then
    session.out:json(value)
  else
    session.out:row { ... }
  end
  return outcome.OK
end

local ACTIONS = {}

function ACTIONS.status(outbox, _, session)
  local status, err = outbox:status()
  if not status then
    return failed(session, err)
  end
  listing.record(session, status, STATUS)
  return outcome.OK
end

--- Seconds since 1970, as people read them.
local function time_of(seconds)
  return type(seconds) == "number" and os.date("%Y-%m-%d %H:%M:%S", math.floor(seconds))
end

function ACTIONS.ambiguous(outbox, _, session)
  local list, err = outbox:ambiguous()
  if not list then
    return failed(session, err)
  end
  local rows = {}
  for i, entry in ipairs(list) do
    if session.json then
      entry.err = entry.err and session.error_fields(entry.err) or nil
      session.out:json(entry)
    else
      rows[i] = { entry.id, entry.key or false, time_of(entry.added), time_of(entry.ended),
        entry.worker or false }
    end
  end
  session.out:table({ "Id", "Key", "Added", "Ambiguous since", "Worker" }, rows)
  if #list == 0 then
    session.err:line "sms: there are none"
  end
  return outcome.OK
end

function ACTIONS.result(outbox, given, session)
  local result, err = outbox:result(given.id)
  if not result then
    return failed(session, err)
  end
  result.err = result.err and session.error_fields(result.err) or nil
  listing.record(session, result, RESULT)
  return outcome.OK
end

function ACTIONS.resend(outbox, given, session)
  local ok, err = outbox:resend(given.id)
  if not ok then
    return failed(session, err)
  end
  return done(session, { id = given.id, queued = true }, given.id, "queued")
end

function ACTIONS.settle(outbox, given, session)
  local ok, err = outbox:settle(given.id, given.outcome)
  if not ok then
    return failed(session, err)
  end
  return done(session, { id = given.id, outcome = given.outcome }, given.id, given.outcome)
end

function ACTIONS.pause(outbox, given, session)
  local reason = given.reason ~= "" and given.reason or "by hand"
  local ok, err = outbox:pause(reason)
  if not ok then
    return failed(session, err)
  end
  return done(session, { paused = reason }, "paused")
end

function ACTIONS.resume(outbox, _, session)
  local ok, err = outbox:resume()
  if not ok then
    return failed(session, err)
  end
  return done(session, { paused = false }, "resumed")
end

function ACTIONS.cancel(outbox, given, session)
  local answer, err = outbox:cancel(given.id)
  if not answer then
    return failed(session, err)
  elseif answer.cancelled then
    return done(session, answer, given.id, "cancelled")
  elseif session.json then
    session.out:json(answer)
  end
  session.err:line(("sms: %s: is %s: it cannot be cancelled any more"):format(given.id,
    answer.state))
  return outcome.FAILED
end

function ACTIONS.erase(outbox, given, session)
  local answer, err = outbox:erase(given.id)
  if not answer then
    return failed(session, err)
  elseif answer.erased then
    return done(session, answer, given.id, "erased")
  end
  return done(session, answer, given.id, "is " .. answer.state .. ", and erased once it has ended")
end

local EITHER = "Its id, or its key."

-- In the order of the help: name, summary, arguments, question.
local LIST = {
  { "add", adding.summary, declare = adding.declare, flags = QUIET },
  { "status", "Tell how much is in an outbox, and whether it is paused.", flags = QUIET,
    reads = true },
  { "ambiguous", "List what may have been sent or not.", flags = QUIET, reads = true },
  { "result", "Tell what became of a message.", { { "id", EITHER } }, flags = QUIET,
    reads = true },
  { "resend", "Send an ambiguous message again, which may arrive twice.", { { "id", EITHER } },
    question = "Send %s again? Whoever may have it already may get it twice." },
  { "settle", "Write down what became of an ambiguous message.", { { "id", EITHER },
    { "outcome", "What was found out.", { "accepted", "rejected", "not_sent" } } },
    question = "Write down that %s was %s? It is not sent again then." },
  { "pause", "Let nobody begin a message any more, until resume.",
    { { "reason", "Why, in a few words.", optional = true } }, flags = QUIET },
  { "resume", "Let workers go on.", flags = QUIET },
  { "cancel", "Take back a message that nobody has begun.", { { "id", EITHER } },
    question = "Cancel %s? It is never sent then, nor can it be added again." },
  { "erase", "Forget text and number of a message.", { { "id", EITHER } },
    question = "Erase text and number of %s? They are gone then." },
}

function people.declare(parser)
  parser:command_target "action"
  for _, action in ipairs(LIST) do
    local made = parser:command(action[1]):summary(action[2]):description(action[2])
    made.flags = action.flags
    for _, argument in ipairs(action[3] or {}) do
      local declared = made:argument(argument[1]):description(argument[2])
      if argument[3] then
        declared:choices(argument[3])
      end
      if argument.optional then
        declared:args "?"
      end
    end
    (action.declare or place.declare)(made)
  end
end

--- Whether it is to be done; the exit code where it is not.
local function agreed(action, given, at, session)
  if session.dry_run and not action.reads then
    session.err:line(given.id and ("sms: would %s %s in %s"):format(action[1], given.id,
      place.words(at)) or ("sms: would %s %s"):format(action[1], place.words(at)))
    return outcome.OK
  elseif action.question and not session.confirm(action.question:format(given.id,
      (given.outcome or ""):gsub("_", " "))) then
    session.err:line "sms: nothing was changed"
    return outcome.NOT_SENT
  end
end

--- Does it; what the library calls misuse is misuse of the command.
local function act(outbox, given, session)
  local ok, code = pcall(ACTIONS[given.action], outbox, given, session)
  if ok then
    return code
  end
  local why = type(code) == "string" and code:match(":%d+: " .. given.action .. ": ([^\n]*)$")
  if why then
    session.misuse("%s", why)
  end
  error(code, 0)
end

function people.run(given, session)
  if given.action == "add" then
    return adding.run(given, session)
  end
  local at, chosen = place.of(given, session), nil
  for _, action in ipairs(LIST) do
    chosen = action[1] == given.action and action or chosen
  end
  local code = agreed(chosen, given, at, session)
  if code then
    return code
  end
  -- What may be lost with Redis as it is set is the affair of who adds and who sends.
  local outbox, err = place.open(at, session, { risk = "accepted" })
  if not outbox then
    return failed(session, err)
  end
  return act(outbox, given, session)
end

return people
