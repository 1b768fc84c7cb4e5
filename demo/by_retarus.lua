--- Through Retarus: all texts as one job, which is followed to its end.

local terminal = require "terminal"

local by_retarus = {}

-- Seconds between two looks, and after which the job is no longer followed.
local FOLLOWING = { interval = { first = 0.2, longest = 10 }, timeout = 120 }

-- How an SMS can end.
local ENDS = {
  SUC_FIN = "delivered", SUC_ACC = "handed over", INVALID_DST = "invalid number",
  BLOCKED = "blocked", TIMEOUT = "out of time", CON_ERR = "not sent",
  FAILED_FIN = "not delivered", NOT_ACC_FIN = "not accepted", SEND_ERR = "unknown",
  STATUS_ERR = "unknown", NOT_ACC_REC = "cancelled",
}

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

local function state_of(report)
  local status = report.status or ""
  local sent = { id = report.smsId, state = "under way", is_taken = true,
    is_good = report.success }
  if report.final then
    sent.state = ENDS[status] or report.processStatus
    sent.reason = not sent.is_good and ("%s (%s)"):format(report.reason or "", status) or nil
  end
  return sent
end

--- Follows a job until everybody's SMS has ended, and notes what became of each.
function by_retarus.follow(retarus, job_id, people)
  local by_ref, over, all = {}, 0, 0
  for _, person in ipairs(people) do
    by_ref[person.ref] = person
    all = all + (person.retarus.is_taken and 1 or 0)
  end
  for report, err in retarus:follow(job_id, FOLLOWING) do
    if not report and err.operation == "follow" then
      return -- time is up; what is known is noted
    elseif not report then
      terminal.give_up("Retarus: %s; ask later for job %s", err.message, job_id)
    end
    local person = by_ref[report.customerRef]
    if person then
      person.retarus = state_of(report)
    end
    over = over + (report.final and 1 or 0)
    terminal.progress("Retarus: %d of %d have ended", over, all)
  end
end

return by_retarus
