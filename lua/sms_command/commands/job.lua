--- `sms job`: the texts of a file as Retarus jobs.

local arguments = require "sms_command.arguments"
local outcome = require "sms_command.outcome"
local plan = require "sms_command.campaign.plan"
local providers = require "sms_command.campaign.providers"
local rows = require "sms_command.campaign.rows"
local words = require "sms_command.campaign.words"

local job = { name = "job", summary = "Send the texts of a CSV file as Retarus jobs." }

job.flags = { json = true, dry_run = true }
job.description = [[
Sends the texts of a CSV file as Retarus jobs of up to 3,000, and prints the ids of the jobs. Its
first line names the columns: dst, text and, if wanted, customerRef. Nothing is sent where a row is
wrong. Run twice, it sends twice: `sms campaign` remembers what was sent.]]

local unpack = table.unpack or rawget(_G, "unpack")

function job.declare(parser)
  parser:argument("file", "A CSV file.")
  parser:option("--from", "Who the texts are from."):argname "SENDER"
  parser:group("Options of the jobs", unpack(arguments.add_params(parser,
    providers.operation "retarus", providers.retarus.skip)))
  parser:flag("--strict-parts", "Refuse a text that --maxParts would cut.")
end

local function open(made, session)
  local next_item, why = rows.open(made.file, made.form)
  return next_item or session.misuse("%s", why)
end

--- Tells of one round: the id of a job once, and each failure once.
local function tell(session, seen, result, err)
  local what = err or result.jobId
  if seen[what] then
    return
  end
  seen.round = { result, err }
  if session.json then
    seen.out:json(err and { error = session.error_fields(err) } or result)
  elseif result then
    seen.out:line(result.jobId)
  else
    session.err:problem(err)
  end
  seen[what] = true
end

--- Goes through what comes of the texts; the error of the whole.
local function tell_all(session, run, seen)
  for item, result, err in run do
    if not item then
      return err
    end
    session.tally:add(err)
    seen.count = seen.count + 1
    tell(session, seen, result, err)
  end
end

--- How it ended, in words; the exit code.
local function finish(session, total, seen, fatal, raised)
  local left = total - seen.count
  for _ = 1, left do
    session.tally:add "not_sent"
  end
  if fatal then
    session.failed(fatal)
  end
  local counts = session.tally.counts
  session.err:line(("%d of %d texts were taken%s"):format(counts.accepted, total,
    counts.ambiguous > 0 and (", of %d it is not known"):format(counts.ambiguous) or ""))
  return raised and outcome.INTERRUPTED or session.tally:code()
end

local function send(made, total, session)
  local next_item, seen = open(made, session), { count = 0, out = session.out }
  local run = made.client:send_all(function() return (next_item()) end, made.options)
  local ok, fatal = pcall(tell_all, session, run, seen)
  if ok then
    return finish(session, total, seen, fatal)
  end
  run:close()
  local is_interrupt = outcome.is_interrupt(fatal)
  if not is_interrupt then
    seen.out = session.err -- the ids of what was sent are not lost with the output
  end
  if seen.round then
    tell(session, seen, seen.round[1], seen.round[2])
  end
  tell_all(session, run, seen)
  local code = finish(session, total, seen, nil, fatal)
  return is_interrupt and code or error(fatal, 0)
end

--- Nothing is sent where a row is wrong.
local function refuse(counted, session)
  if session.json then
    session.out:json { invalid = counted.invalid, problems = counted.problems }
  else
    words.tell_invalid(session.err, counted)
    session.err:line "sms: nothing was sent"
  end
  return outcome.NOT_SENT
end

function job.run(given, session)
  local operation = providers.operation "retarus"
  local _, options = providers.retarus.split(arguments.params(given, operation), given.from)
  local made = { file = given.file, options = options,
    form = rows.form(providers.retarus, operation),
    client = session.client("retarus", { on_event = words.teller(session),
      strict_parts = given.strict_parts }) }
  local counted, why = plan.of(open(made, session),
    providers.checker(made.client, "retarus", options), { tell = words.reader(session) })
  if not counted then
    session.misuse("%s", why)
  elseif counted.invalid > 0 then
    return refuse(counted, session)
  end
  providers.retarus.complete(options, counted)
  if session.dry_run then
    words.announce(session, { provider = "retarus" }, counted, {})
    return outcome.OK
  end
  return send(made, counted.rows, session)
end

return job
