--- What a campaign says: before it starts, while it runs, and at its end.

local outcome = require "sms_command.outcome"
local providers = require "sms_command.campaign.providers"

local words = {}

local BAR = 30 -- cells
local MOST_WARNINGS = 5
local OUTCOMES = { "accepted", "partial", "rejected", "not_sent", "ambiguous", "unknown" }
local ALWAYS = { accepted = true, rejected = true, not_sent = true, ambiguous = true }

local function plural(count, what)
  return ("%d %s%s"):format(count, what, count == 1 and "" or "s")
end

--- What the client tells: its first warnings, and what it waits for where that is not simply its
--- turn, which the bar shows.
---@param session table
---@return fun(event: table)
function words.teller(session)
  local count = 0
  return function(event)
    if event.name == "warning" then
      count = count + 1
      if count <= MOST_WARNINGS then
        session.err:line("sms: " .. event.message)
      elseif count == MOST_WARNINGS + 1 then
        session.err:line "sms: there are further warnings"
      end
    elseif event.name == "wait" and event.message then
      session.err:progress("waiting " .. event.message)
    end
  end
end

--- Shows how much of a file has been read.
---@param session table
---@return fun(rows: integer)
function words.reader(session)
  return function(count)
    session.err:progress(("checking: %d rows"):format(count))
  end
end

--- How far it is.
---@param progress table of send_all
---@param total integer
---@return string
function words.bar(progress, total)
  local filled = math.floor(BAR * progress.done / math.max(total, 1))
  return ("[%s%s] %d of %d, %.0f/s, %.0f s left"):format(("#"):rep(filled),
    (" "):rep(BAR - filled), progress.done, total, progress.rate, progress.time_left or 0)
end

--- What earlier runs cost, and the price of a part by that; nothing where nobody has told it.
local function price_of(earlier)
  local price, parts = 0, 0
  for _, row in pairs(earlier) do
    if row.price then
      price, parts = price + tonumber(row.price), parts + (row.parts or 0)
    end
  end
  return price, parts > 0 and price / parts or nil
end

--- Says which rows are wrong.
---@param stream table an output
---@param counted table of the plan
function words.tell_invalid(stream, counted)
  if counted.invalid > 0 then
    stream:line(("%s cannot be sent:"):format(plural(counted.invalid, "row")))
  end
  for _, problem in ipairs(counted.problems) do
    stream:line(("  line %d: %s"):format(problem.line, problem.message))
  end
  if counted.invalid > #counted.problems then
    stream:line(("  and %d more"):format(counted.invalid - #counted.problems))
  end
end

--- Says what is about to be sent, and what is wrong with some of it.
---@param session table
---@param made table of the command
---@param counted table of the plan
---@param earlier table<integer, table> rows of earlier runs
function words.announce(session, made, counted, earlier)
  local price = price_of(earlier)
  if session.json then
    return session.dry_run and session.out:json { provider = made.provider,
      messages = counted.messages, parts = counted.parts, invalid = counted.invalid,
      repeated = counted.repeated, problems = counted.problems, ended = counted.ended,
      price = price }
  end
  local stream = session.dry_run and session.out or session.err
  stream:line(("%s, %s%s"):format(plural(counted.messages, "message"),
    plural(counted.parts, "part"), counted.ended > 0
    and ("; %d ended in earlier runs%s"):format(counted.ended,
      price > 0 and (", for %.4f EUR"):format(price) or "") or ""))
  words.tell_invalid(stream, counted)
  if counted.repeated > 0 then
    stream:line(("%s to a number of an earlier row"):format(counted.repeated == 1
      and "1 message goes" or counted.repeated .. " messages go"))
  end
end

--- What is asked before it starts: how much, and what that costs as far as the provider tells it.
---@param session table
---@param made table
---@param counted table
---@param earlier table<integer, table> rows of earlier runs
---@return string
function words.question(session, made, counted, earlier)
  local _, each = price_of(earlier)
  local client = made.client
  local balance = not session.yes and session.err:is_terminal() and client.get_balance
    and client:get_balance()
  return ("Send %s, %s, through %s%s?%s%s"):format(plural(counted.messages, "message"),
    plural(counted.parts, "part"), providers[made.provider].title,
    each and (", for about %.4f EUR"):format(each * counted.parts) or "",
    balance and (" The account has %.2f EUR."):format(balance.value) or "",
    made.options.resend_ambiguous and " Whoever may have a text already may get it twice." or "")
end

local function summary_json(session, made, ended, came)
  local value = { provider = made.provider, left = came.left, result = made.result,
    journal = made.journal, stopped = ended.stopped, balance = ended.balance,
    price = made.provider == "nexmo" and came.counts.price or nil,
    error = ended.err and session.error_fields(ended.err) or nil }
  for _, name in ipairs(OUTCOMES) do
    value[name] = came.counts[name] or 0
  end
  session.out:json(value)
end

local function summary_text(session, made, ended, came)
  local list = {}
  for _, name in ipairs(OUTCOMES) do
    if ALWAYS[name] or came.counts[name] then
      list[#list + 1] = ("%d %s"):format(came.counts[name] or 0, (name:gsub("_", " ")))
    end
  end
  if came.left > 0 then
    list[#list + 1] = came.left .. " left"
  end
  session.out:line(("%s: %s"):format(table.concat(list, ", "), made.result))
  if came.counts.price > 0 or ended.balance then
    session.out:line(("%.4f EUR in all%s"):format(came.counts.price,
      ended.balance and (", %.4f EUR left in the account"):format(ended.balance) or ""))
  end
end

--- Why it ended before its end, and how to go on.
local function tell_end(session, made, ended, came)
  local raised = ended.raised
  if ended.err then
    session.err:problem(ended.err)
    if ended.err.kind == "invalid" and ended.err.message:find "journal has" then
      session.err:line(("sms: the file or its options have changed since %s was begun")
        :format(made.journal))
    end
  elseif raised and not outcome.is_interrupt(raised) then
    session.err:problem(raised)
  end
  if came.unwritten and came.unwritten ~= raised then
    session.err:problem(came.unwritten)
  end
  local why = outcome.is_interrupt(raised) and "interrupted" or raised and "stopped"
    or ended.stopped == "max_parts" and "stopped by --max-parts"
    or ended.stopped == "until" and "stopped by --until"
  if why then
    session.err:line(("sms: %s; run it again to go on%s"):format(why,
      came.left > 0 and (": %d left"):format(came.left) or ""))
  end
end

--- Says what it came to.
---@param session table
---@param made table
---@param ended table of sms_command.campaign.sending
---@param came { counts: table, left: integer, unwritten: string? }
function words.summary(session, made, ended, came)
  tell_end(session, made, ended, came);
  (session.json and summary_json or summary_text)(session, made, ended, came)
end

return words
