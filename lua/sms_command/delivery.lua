--- Sends the messages of `sms send`, tells what becomes of each, and counts it for the exit code.

local json = require "sms_command.json"
local keys = require "sms_command.keys"
local outcome = require "sms_command.outcome"

local delivery = {}

local LONGEST_WAIT = 120 -- seconds for a slot of the rate limit

local NAMES = { accepted = "accepted", refused = "rejected", ambiguous = "ambiguous" }

--- The ids of what was taken, in words.
---@param result table of the provider
---@return string
function delivery.ids_of(result)
  if result.jobId then
    return result.jobId
  end
  local ids = {}
  for i, part in ipairs(result.messages or {}) do
    ids[i] = part["message-id"]
  end
  return table.concat(ids, " ")
end

--- What is printed is not worth more than what is sent: where nobody reads it any more, the rest is
--- sent all the same.
local function say(run, stream, method, value)
  if run.unread == nil then
    local ok, raised = pcall(stream[method], stream, value)
    if not ok and outcome.is_interrupt(raised) then
      error(raised, 0)
    elseif not ok then
      run.unread = raised
    end
  end
end

local COLOURS = { accepted = "yellow", ambiguous = "yellow" }

--- Tells what became of a message.
local function tell(run, ended)
  local session, result, err = run.session, ended.result, ended.err
  local number = ended.item[run.plan.number]
  if not ended.is_counted then
    ended.is_counted = true
    session.tally:add(err)
  end
  if session.json then
    return say(run, session.out, "json", { to = number, outcome = err and err.outcome or "accepted",
      result = result or err and err.result, error = err and session.error_fields(err) or nil })
  elseif not err then
    return say(run, session.out, "line", ("%s  %s  %s"):format(number,
      session.out:paint("green", "accepted"), delivery.ids_of(result)))
  end
  local word = err.kind == "partial" and "taken in part" or err.outcome:gsub("_", " ")
  word = session.err:paint(COLOURS[err.outcome] or "red", word)
  say(run, session.err, "line", ("sms: %s: %s: %s"):format(number, word, err.message))
end

--- The loop over what ends; the error of the whole, if there is one. What is being told when
--- Ctrl-C comes is told again.
local function follow(run)
  local telling = run.telling
  while true do
    if telling then
      tell(run, telling)
      run.telling = nil
    end
    local item, result, err = run.sending()
    if not item then
      return err
    end
    telling = { item = item, result = result, err = err }
    run.telling, run.told[item] = telling, true
  end
end

--- What an earlier run with this key has done, which is not done again.
local function tell_known(run, counts)
  local session, known, only = run.session, {}, nil
  for name, what in pairs(NAMES) do
    local count = run.counts[name] - (counts[what] or 0)
    for _ = 1, count do
      session.tally:add(what)
    end
    if count > 0 then
      known[#known + 1] = ("%d %s"):format(count, what)
      only = only == nil and what
    end
  end
  if not known[1] then
    return
  end
  table.sort(known)
  say(run, session.err, "line", ("sms: the key '%s' was used before: %s; not sent again"):format(
    run.plan.key, table.concat(known, ", ")))
  for _, item in ipairs(only and run.plan.items or {}) do
    if not run.told[item] then
      say(run, session.out, session.json and "json" or "line", session.json
        and { to = item[run.plan.number], outcome = only, before = true }
        or ("%s  %s before"):format(item[run.plan.number], only))
    end
  end
end

--- What was not told of is not sent, or refused with the whole account.
local function tell_rest(run, err)
  local session = run.session
  local key = run.plan.key
  local is_other = err.message:find "of the source" or err.message:find "source ends"
  if key and err.kind == "invalid" and is_other then
    session.misuse("the key '%s' was used for another message: nothing was sent", key)
  end
  local process = key and err.message:match "is in use already(.*)$"
  local words = process and ("another run is sending with the key '%s'%s: nothing was sent here")
    :format(key, process) or tostring(err)
  for _ = 1, #run.plan.items - run.counts.done do
    session.tally:add(err)
  end
  if session.json then
    for _, item in ipairs(run.plan.items) do
      if not run.told[item] then
        say(run, session.out, "json", { to = item[run.plan.number], outcome = err.outcome,
          error = session.error_fields(err) })
      end
    end
  end
  say(run, session.err, "problem", words)
  for i = 2, #(err.problems or {}) do -- the first is in the sentence
    say(run, session.err, "line", ("  also %s: %s"):format(err.problems[i].path,
      err.problems[i].message))
  end
end

--- The journal of the key, once nothing can be wrong with the messages themselves; false where
--- something is: that is told then.
local function journal_of(run, client)
  local plan, session = run.plan, run.session
  if not plan.key then
    return nil
  end
  for _, params in ipairs(plan.calls) do
    local _, err = client:prepare(plan.operation, params)
    if err then
      tell_rest(run, err)
      return false
    end
  end
  local facts = json.text { provider = plan.provider, messages = #plan.items,
    options = plan.options or nil }
  local path, why = keys.journal(plan.key, facts)
  return path or session.misuse(why)
end

--- Ends what is in flight after Ctrl-C, and says how it ended.
local function interrupted(run, raised)
  run.sending:close()
  follow(run)
  local left = {}
  for _, item in ipairs(run.plan.items) do
    left[#left + 1] = not run.told[item] and item[run.plan.number] or nil
  end
  -- Ctrl-C may come right when one is handed out: nobody knows which, then.
  local words = #left == #run.plan.items - run.counts.done and "not sent" or "not known"
  for _, number in ipairs(left) do
    say(run, run.session.err, "line", ("sms: %s: %s"):format(number, words))
  end
  error(raised, 0)
end

--- Sends the messages of a plan.
---@param client table
---@param plan { items: table[], number: string, operation: string, calls: table[], options: table?,
--- key: string?, provider: string }
---@param session table
---@return integer code
function delivery.run(client, plan, session)
  local run = { session = session, plan = plan, told = {},
    counts = { done = 0, accepted = 0, refused = 0, not_sent = 0, ambiguous = 0 } }
  local journal = journal_of(run, client)
  if journal == false then
    return session.tally:code()
  end
  local options = { use = 1, max_wait = LONGEST_WAIT, journal = journal, sync = journal and true,
    resend_refused = journal and true, on_progress = function(progress) run.counts = progress end }
  options.options = plan.options or nil
  run.sending = client:send_all(plan.items, options)
  local ok, err = pcall(follow, run)
  if not ok then
    interrupted(run, err)
  end
  local told = {}
  for name, count in pairs(session.tally.counts) do
    told[name] = count
  end
  told.accepted = told.accepted + told.partial
  tell_known(run, told)
  if err then
    tell_rest(run, err)
  end
  local code = session.tally:code()
  if run.unread and code == outcome.OK then
    error(run.unread, 0)
  end
  return code -- says more than that nobody could read it
end

return delivery
