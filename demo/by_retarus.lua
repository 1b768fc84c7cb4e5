--- Through Retarus: all texts as one job, which is followed to its end.

local sleep = require("sms.runtime").current().sleep
local terminal = require "terminal"

local by_retarus = {}

local FIRST_PAUSE, LONGEST_PAUSE, SLOWER = 0.2, 10, 1.5 -- seconds between two looks, factor
local PATIENCE = 120 -- seconds after which a job is no longer followed
local TOO_NEW = 20 -- seconds in which a job may not be found yet

-- How an SMS can end, and which ends are good.
local ENDS = {
  SUC_FIN = "delivered", SUC_ACC = "handed over", INVALID_DST = "invalid number",
  BLOCKED = "blocked", TIMEOUT = "out of time", CON_ERR = "not sent",
  FAILED_FIN = "not delivered", NOT_ACC_FIN = "not accepted", SEND_ERR = "unknown",
  STATUS_ERR = "unknown", NOT_ACC_REC = "cancelled",
}
local GOOD = { SUC_FIN = true, SUC_ACC = true }
local IS_OVER = { DONE = true, CANCELED = true, KILL = true }

--- The job for those whom nothing speaks against, and who they are.
local function job_for(sender, people)
  local messages, who = {}, {}
  for _, person in ipairs(people) do
    if not person.retarus.reason then
      who[#who + 1] = person
      messages[#messages + 1] = { text = person.text,
        recipients = { { dst = person.number, customerRef = person.ref } } }
    end
  end
  return { messages = messages, options = { src = sender, statusRequested = true,
    invalidCharacters = "TO_UTF16", customerRef = "demo" } }, who
end

--- Notes whom a job cannot have; whether every problem is one of a person.
local function leave_out(problems, who)
  for _, problem in ipairs(problems) do
    local person = who[tonumber(problem.path:match "^messages%[(%d+)%]%.")]
    if not person then
      return false
    end
    person.retarus = { state = "left out", reason = problem.message }
  end
  return true
end

--- Sends the job. Where a recipient is wrong nothing is sent; the problems name all of them,
--- and the job is sent without them.
---@return string job_id
function by_retarus.send(retarus, sender, people)
  for _, person in ipairs(people) do
    person.retarus = { state = "interrupted" }
  end
  for attempt = 1, 2 do
    local job, who = job_for(sender, people)
    local result, err = retarus:send_job(job)
    if result then
      for _, person in ipairs(who) do
        person.retarus = { state = "under way", is_taken = true }
      end
      return result.jobId
    elseif attempt == 2 or err.kind ~= "invalid" or not leave_out(err.problems, who) then
      terminal.give_up("Retarus: %s (%s)", err.message, err.outcome)
    end
  end
end

--- Reads a job once: the state of its SMS, nil where it cannot be seen yet; whether it ended.
local function look(retarus, job_id, waited)
  local job, err = retarus:get_job { jobId = job_id }
  local reports
  if job then
    reports, err = retarus:list_recipients { jobId = job_id }
  end
  if not reports and (err.kind ~= "not_found" or waited > TOO_NEW) then
    terminal.give_up("Retarus: %s; ask later for job %s", err.message, job_id)
  end
  return reports, job and job.finishedTs
end

local function state_of(report, is_over)
  local status = report.status or ""
  local sent = { id = report.smsId, state = "under way", is_taken = true,
    is_good = GOOD[status] }
  if is_over then
    sent.state = ENDS[status] or report.processStatus
    sent.reason = not sent.is_good and ("%s (%s)"):format(report.reason or "", status) or nil
  end
  return sent
end

--- Notes what is known of everybody's SMS; how many have ended.
local function note(people, reports)
  local by_ref, over = {}, 0
  for _, person in ipairs(people) do
    by_ref[person.ref] = person
  end
  for _, report in ipairs(reports) do
    local person, is_over = by_ref[report.customerRef], IS_OVER[report.processStatus]
    if person then
      person.retarus = state_of(report, is_over)
    end
    over = over + (is_over and 1 or 0)
  end
  return over
end

--- Looks at a job, less and less often, until it has ended, and notes what became of
--- everybody's text.
function by_retarus.follow(retarus, job_id, people)
  local pause, waited = FIRST_PAUSE, 0
  while true do
    local reports, finished = look(retarus, job_id, waited)
    local over = note(people, reports or {})
    if finished or waited > PATIENCE then
      return
    end
    terminal.progress("Retarus: %d of %d have ended after %.1f s", over, #(reports or {}), waited)
    sleep(pause)
    waited = waited + pause
    pause = math.min(pause * SLOWER, LONGEST_PAUSE)
  end
end

return by_retarus
