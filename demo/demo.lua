--- Sends a personal text to everybody on a list: one by one through Nexmo, then all of them
--- as one Retarus job, which is followed to its end.
---
---   lua5.4 demo/demo.lua URLS [recipients.csv]
---
--- URLS is the file that `sandbox/start DIR` writes: DIR/urls. The list has the columns
--- name, number and text; {name} in a text is the name, an empty text is the one below.
--- With real credentials in place of the sandbox's, and without `hosts`, the same program
--- sends real texts.

local folder = arg[0]:match "^(.*/)" or "./"
package.path = folder .. "?.lua;" .. package.path

local columns = require "columns"
local csv = require "csv"
local sms = require "sms"
local sleep = require("sms.runtime").current().sleep

local SENDER = "Acme"
local TEXT = "Hello {name}, your table is booked for Friday at 19:30. See you!"

local SANDBOX_NEXMO = { api_key = "abcd1234", api_secret = "Secret0123456789" }
local SANDBOX_RETARUS = { username = "user", password = "pass" }

local FIRST_LOOK, SLOWER, LONGEST_PAUSE = 0.2, 1.5, 10 -- seconds, factor, seconds
local PATIENCE = 120 -- seconds after which a job is no longer followed
local TOO_NEW = 20 -- seconds in which a job may not be found yet

-- Failures that the next recipient would meet, too.
local HOPELESS = { auth = true, connection = true, rate_limited = true, internal = true }

local STATES = { accepted = "sent in part", rejected = "refused", not_sent = "not sent",
  ambiguous = "unknown" }

-- How an SMS of a Retarus job can end.
local ENDS = {
  SUC_FIN = "delivered", SUC_ACC = "handed over", INVALID_DST = "invalid number",
  BLOCKED = "blocked", TIMEOUT = "out of time", CON_ERR = "not sent",
  FAILED_FIN = "not delivered", NOT_ACC_FIN = "not accepted", SEND_ERR = "unknown",
  STATUS_ERR = "unknown", NOT_ACC_REC = "cancelled",
}
local REACHED = { SUC_FIN = true, SUC_ACC = true }
local IS_OVER = { DONE = true, CANCELED = true, KILL = true }

-- os.execute's success: true in Lua 5.4, 0 in LuaJIT.
local terminal = os.execute "test -t 1"
local is_terminal = terminal == true or terminal == 0

--- One line that the next one replaces; nothing where the output is a file.
local function progress(text, ...)
  if is_terminal then
    io.write("\r\27[K", text:format(...))
    io.flush()
  end
end

local function say(text, ...)
  progress ""
  io.write(text:format(...), "\n")
end

local function on_event(event)
  if event.name == "wait" and event.seconds >= 0.1 then
    progress("%s: waiting %.1f s, to stay within the rate limit", event.provider, event.seconds)
  elseif event.name == "retry" then
    progress("%s: %s; next attempt in %.1f s", event.provider, event.message, event.seconds)
  end
end

--- Ends the program with a sentence.
local function give_up(text, ...)
  error({ sentence = text:format(...) }, 0)
end

local function read_file(path)
  local file, message = io.open(path, "rb")
  local text = file and file:read "*a"
  if not text then
    give_up("cannot read %s", message or path)
  end
  file:close()
  return text
end

local function read_urls(path)
  local urls = {}
  for name, url in read_file(path):gmatch "([%w_]+)=([^\r\n]+)" do
    urls[name] = url
  end
  for _, name in ipairs { "retarus_send", "retarus_de1", "retarus_de2", "nexmo_rest",
    "nexmo_api" } do
    if not urls[name] then
      give_up("%s has no line %s=…; it should be the file 'urls' of a running sandbox", path, name)
    end
  end
  return urls
end

local function read_people(path)
  local records, message = csv.read(read_file(path))
  if not records or not records[1] then
    give_up("%s: %s", path, message or "the list is empty")
  end
  local place = {}
  for i, title in ipairs(table.remove(records, 1)) do
    place[title] = i
  end
  if not place.name or not place.number then
    give_up("%s: the first line must name the columns 'name' and 'number'", path)
  end
  local people = {}
  for i, record in ipairs(records) do
    local name, text = record[place.name] or "", place.text and record[place.text] or ""
    text = (text == "" and TEXT or text):gsub("{name}", (name:gsub("%%", "%%%%")))
    people[i] = { line = record.line, ref = "line-" .. record.line, name = name, text = text,
      number = record[place.number] or "", measured = sms.measure(text) }
  end
  return people
end

local function describe_list(people)
  local parts, unicode = 0, 0
  for _, person in ipairs(people) do
    local measured = person.measured or { parts = 0 }
    parts = parts + measured.parts
    unicode = unicode + (measured.encoding == "UCS-2" and 1 or 0)
  end
  say("%d people, %d parts to send; %d texts need Unicode.\n", #people, parts, unicode)
end

local function state_of_error(err)
  local problem = err.problems and err.problems[1]
  return STATES[err.outcome], problem and problem.message or err.message
end

--- Sends one text through Nexmo and notes how that ended; the error, if it failed.
local function send_one(nexmo, person)
  local sent = { state = "interrupted", parts = 0, taken = 0, price = 0 }
  person.nexmo = sent
  local result, err = nexmo:send_sms { from = SENDER, to = person.number, text = person.text,
    ["client-ref"] = person.ref }
  if result then
    sent.state = "sent"
  else
    sent.state, sent.reason = state_of_error(err)
  end
  for _, part in ipairs((result or err.result or {}).messages or {}) do
    sent.parts = sent.parts + 1
    sent.id = sent.id or part["message-id"]
    if part.status == "0" then
      sent.taken = sent.taken + 1
      sent.price = sent.price + (tonumber(part["message-price"]) or 0)
    end
  end
  return err
end

local function send_all_by_nexmo(nexmo, people)
  for i, person in ipairs(people) do
    progress("Nexmo: %d of %d, %s", i, #people, columns.fit(person.name, 30))
    local err = send_one(nexmo, person)
    if err and HOPELESS[err.kind] then
      give_up("Nexmo: %s. Nothing was sent after line %d.", err.message, person.line)
    end
  end
end

--- The job for those whom nothing speaks against, and who they are.
local function job_for(people)
  local messages, who = {}, {}
  for _, person in ipairs(people) do
    if not person.retarus.reason then
      who[#who + 1] = person
      messages[#messages + 1] = { text = person.text,
        recipients = { { dst = person.number, customerRef = person.ref } } }
    end
  end
  return { messages = messages, options = { src = SENDER, statusRequested = true,
    invalidCharacters = "TO_UTF16", customerRef = "table-reminder" } }, who
end

--- Notes the rows that a job cannot have; whether every problem was one of a row.
local function strike_out(problems, who)
  for _, problem in ipairs(problems) do
    local person = who[tonumber(problem.path:match "^messages%[(%d+)%]%.")]
    if not person then
      return false
    end
    person.retarus = { state = "left out", reason = problem.message }
  end
  return true
end

--- Sends the list as one job, without the rows that the first try names as wrong: a job
--- with a wrong row is not sent at all.
local function send_job(retarus, people)
  for _, person in ipairs(people) do
    person.retarus = { state = "interrupted" }
  end
  for _ = 1, 2 do
    local job, who = job_for(people)
    local result, err = retarus:send_job(job)
    if result then
      return result.jobId
    elseif err.kind ~= "invalid" or not strike_out(err.problems, who) then
      give_up("Retarus: %s (%s)", err.message, STATES[err.outcome])
    end
  end
  give_up "Retarus: nobody on the list can be in a job"
end

--- The state of every SMS of a job; nil where it cannot be read yet.
local function look(retarus, job_id, waited)
  local job, err = retarus:get_job { jobId = job_id }
  local reports
  if job then
    reports, err = retarus:list_recipients { jobId = job_id }
  end
  if not reports and (err.kind ~= "not_found" or waited > TOO_NEW) then
    give_up("Retarus: job %s: %s", job_id, err.message)
  end
  return reports, job and job.finishedTs
end

local function count_ends(reports)
  local over = 0
  for _, report in ipairs(reports) do
    over = over + (IS_OVER[report.processStatus] and 1 or 0)
  end
  return over
end

--- Asks for a job, less and less often, until it has ended.
local function follow(retarus, job_id)
  local pause, waited = FIRST_LOOK, 0
  while true do
    local reports, finished = look(retarus, job_id, waited)
    if finished or waited > PATIENCE then
      return reports or {}, finished
    end
    progress("Retarus: %d of %d have ended, %.1f s", reports and count_ends(reports) or 0,
      reports and #reports or 0, waited)
    sleep(pause)
    waited = waited + pause
    pause = math.min(pause * SLOWER, LONGEST_PAUSE)
  end
end

local function note_reports(people, reports)
  local by_ref = {}
  for _, person in ipairs(people) do
    by_ref[person.ref] = person
  end
  for _, report in ipairs(reports) do
    local person, status = by_ref[report.customerRef], report.status or ""
    if person then
      local over = IS_OVER[report.processStatus]
      person.retarus = {
        id = report.smsId,
        state = not over and "under way" or ENDS[status] or report.processStatus:lower(),
        reached = REACHED[status],
        reason = over and not REACHED[status]
          and ("%s (%s)"):format(report.reason or "", status) or nil,
      }
    end
  end
end

return {
  sandbox_nexmo = SANDBOX_NEXMO, sandbox_retarus = SANDBOX_RETARUS,
}
