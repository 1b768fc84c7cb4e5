--- `sms campaign`: a text to everybody in a file, once, whatever number of runs that takes.

local arguments = require "sms_command.arguments"
local credentials = require "sms_command.credentials"
local moment = require "sms_command.campaign.moment"
local outcome = require "sms_command.outcome"
local plan = require "sms_command.campaign.plan"
local providers = require "sms_command.campaign.providers"
local results = require "sms_command.campaign.results"
local rows = require "sms_command.campaign.rows"
local sending = require "sms_command.campaign.sending"
local words = require "sms_command.campaign.words"

local campaign = { name = "campaign", summary = "Send a text to everybody in a CSV file, once." }

campaign.description = [[
Sends a text to everybody in a CSV file, once. Its first line names the columns: number, text, and
what else the provider takes for each (ref, and for Nexmo from, ttl, …). What was sent is kept in
FILE.journal: run again, it goes on where it was, also after Ctrl-C or a crash. FILE.result.csv says
what became of each. With SMS_SANDBOX both have .sandbox at their end. It asks before it starts;
without a terminal it needs --yes.]]

local unpack = table.unpack or rawget(_G, "unpack")

local WHOLE = { "in_flight", "max_parts" }
local HANDED_ON = { "in_flight", "use", "sync", "resend_refused", "resend_ambiguous" }

local function add_own(parser)
  parser:option("--max-parts", "Stop before more than so many parts are sent in this run.")
    :argname "N":convert(arguments.number "--max-parts")
  parser:option("--until", "Stop at this time: 20:00, or 2026-12-24T20:00+01:00."):argname "TIME"
  parser:option("--journal", "The journal; left out: FILE.journal."):argname "PATH"
  parser:option("--result", "What became of each; left out: FILE.result.csv."):argname "PATH"
  parser:flag("--resend-refused", "Send again what was refused.")
  parser:flag("--resend-ambiguous", "Send again what may have been sent: some get it twice.")
  parser:flag("--sync", "Survive a power cut, too: every step is on the disk before the next.")
  parser:option("--in-flight", "Calls side by side (32)."):argname "N"
    :convert(arguments.number "--in-flight")
  parser:option("--use", "Share of the rate limit that it may take (0.8).")
    :argname "SHARE":convert(arguments.number "--use")
  parser:flag("--strict-parts", "Retarus: refuse a text that --maxParts would cut.")
end

function campaign.declare(parser)
  parser:argument("file", "A CSV file.")
  arguments.add_provider(parser)
  parser:option("--from", "Who the texts are from, where no column says so."):argname "SENDER"
  for _, provider in ipairs { "nexmo", "retarus" } do
    parser:group("Options of " .. providers[provider].title, unpack(arguments.add_params(parser,
      providers.operation(provider), providers[provider].skip)))
  end
  add_own(parser) -- last: --max-parts is this one, and --maxParts that of Retarus
end

--- The numbers among the options are what they must be.
local function check_numbers(given, session)
  for _, name in ipairs(WHOLE) do
    local value = given[name]
    if value and (value < 1 or value % 1 ~= 0) then
      session.misuse("--%s: must be a whole number from 1 on", (name:gsub("_", "-")))
    end
  end
  if given.use and not (given.use > 0 and given.use <= 1) then
    session.misuse "--use: must be above 0, and 1 at most"
  end
end

--- What each item has, and the options of send_all, of the command's.
local function options_of(given, provider, session)
  local operation = providers.operation(provider)
  local foreign = arguments.foreign(given, operation)
  if foreign then
    session.misuse("--%s is not an option of %s", foreign, providers[provider].title)
  elseif given.strict_parts and provider ~= "retarus" then
    session.misuse "--strict-parts is an option of Retarus"
  end
  local usual, options = providers[provider].split(arguments.params(given, operation),
    given.from)
  for _, name in ipairs(HANDED_ON) do
    options[name] = given[name]
  end
  options.journal = given.journal or given.file .. ".journal"
  return usual, options
end

-- What a sandbox has taken was not sent: with SMS_SANDBOX the library's journal is another file,
-- with this at its end, and so are the results.
local OF_REHEARSALS = ".sandbox"

--- All that is known before anything is read.
local function settings_of(given, session)
  check_numbers(given, session)
  local provider, tail = session.provider(given), credentials.sandbox() and OF_REHEARSALS or ""
  local made = { provider = provider, file = given.file, max_parts = given.max_parts,
    result = (given.result or given.file .. ".result.csv") .. tail }
  if given["until"] then
    local why
    made.ends_at, why = moment.of(given["until"], os.time())
    if not made.ends_at then
      session.misuse("--until: %s", why)
    end
  end
  made.usual, made.options = options_of(given, provider, session)
  made.journal = made.options.journal .. tail
  if made.journal == made.result then
    session.misuse "--result: must be another file than the journal"
  end
  made.options.not_after = made.ends_at
  made.form = rows.form(providers[provider], providers.operation(provider))
  made.client = session.client(provider, { on_event = words.teller(session),
    strict_parts = given.strict_parts })
  return made
end

--- Reads the file from its beginning.
local function open(made, session)
  local next_item, why = rows.open(made.file, made.form, made.usual)
  return next_item or session.misuse("%s", why)
end

--- The results of earlier runs. Where their journal is gone, all would be sent again.
local function earlier_of(made, session)
  local told, why = results.open(made.result)
  if not told then
    session.misuse("%s", why)
  end
  local journal = io.open(made.journal)
  if journal then
    journal:close()
  elseif next(told.rows) then
    session.misuse("%s is gone, and %s has results of it: all would be sent again; remove the "
      .. "results, too, if that is meant", made.journal, made.result)
  end
  return told
end

--- Counts what would be sent; what is wrong with file or options is misuse.
local function planned(made, told, session)
  local check = providers.checker(made.client, made.provider, made.options)
  local function has_ended(line)
    local row = told.rows[line]
    return row ~= nil and row.outcome ~= "not_sent"
      and not (made.options.resend_refused and row.outcome == "rejected")
      and not (made.options.resend_ambiguous and row.outcome == "ambiguous")
  end
  local counted, why = plan.of(open(made, session), check,
    { has_ended = has_ended, tell = words.reader(session) })
  if not counted then
    session.misuse("%s", why)
  end
  providers[made.provider].complete(made.options, counted)
  return counted
end

--- The exit code of all that the campaign came to.
local function code_of(counts, left, session)
  for name, count in pairs(counts) do
    for _ = 1, name ~= "price" and count or 0 do
      session.tally:add(name)
    end
  end
  for _ = 1, left do
    session.tally:add "not_sent"
  end
  return session.tally:code()
end

--- How many rows are left; those of earlier runs may be told, and not be done in this one.
local function left_of(total, done, counts)
  local told = 0
  for name, count in pairs(counts) do
    told = told + (name ~= "price" and count or 0)
  end
  return math.max(0, total - math.max(done, told))
end

--- Sends, and tells what came of it.
local function send(made, counted, told, session)
  local last = { done = 0, accepted = 0 }
  made.options.total = counted.rows
  made.options.on_progress = function(progress)
    last = progress
    session.err:progress(words.bar(progress, counted.rows))
  end
  local ended = sending.run(made.client, open(made, session), { results = told,
    options = made.options, max_parts = made.max_parts })
  if made.ends_at and last.done < counted.rows and os.time() >= made.ends_at then
    ended.stopped = ended.stopped or "until"
  end
  local is_whole = not ended.err and not ended.raised and not ended.stopped
  local counts, why = told:close(is_whole and open(made, session) or nil, last.accepted)
  local left = is_whole and 0 or left_of(counted.rows, last.done, counts)
  session.err:clear()
  local code = code_of(counts, left == 0 and ended.err and 1 or left, session)
  words.summary(session, made, ended, { counts = counts, left = left, unwritten = why })
  if outcome.is_interrupt(ended.raised) then
    return outcome.INTERRUPTED
  end
  return code == outcome.OK and (why or ended.raised) and outcome.FAILED or code
end

function campaign.run(given, session)
  local made = settings_of(given, session)
  local told = earlier_of(made, session)
  local counted = planned(made, told, session)
  words.announce(session, made, counted, told.rows)
  if session.dry_run then
    return code_of({ accepted = counted.messages }, counted.invalid, session)
  elseif counted.messages > 0
    and not session.confirm(words.question(session, made, counted, told.rows)) then
    return outcome.NOT_SENT
  end
  local ok, why = told:check()
  if not ok then
    session.misuse("%s", why)
  end
  return send(made, counted, told, session)
end

return campaign
