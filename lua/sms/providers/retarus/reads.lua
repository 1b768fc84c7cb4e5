--- What is read of jobs, from both data centres: operations, and the reports that they give.

local centres = require "sms.providers.retarus.centres"
local formats = require "sms.schema.formats"
local states = require "sms.providers.retarus.states"

local MOST_DAYS = 30 -- between fromTs and toTs

local job_id = { "jobId", type = "string", required = true, min_length = 1,
  max_length = 255, format = "id", doc = "Id of the job, of send_job." }

local job_id_in_path = { in_path = true }
for key, value in pairs(job_id) do
  job_id_in_path[key] = value
end

local function at_most_30_days(params, problem)
  if not params.fromTs or not params.toTs then
    return
  end
  local in_order, near = formats.within_days(params.fromTs, params.toTs, MOST_DAYS)
  if not in_order then
    problem("toTs", "must be after fromTs")
  elseif not near then
    problem("toTs", ("must be at most %d days after fromTs"):format(MOST_DAYS))
  end
end

--- What each centre leaves out of its own jobs is nothing that anybody asked for.
local function has_one_offset(params, problem, settings)
  local urls = settings and settings.urls
  if type(params.offset) == "number" and params.offset > 0 and urls and urls.de2 ~= urls.de1 then
    problem("offset", "is counted by each of the two data centres for itself: "
      .. "client:each(\"list_jobs\", …) goes through all pages of both")
  end
end

--- Says of each SMS what its state means.
local function with_meaning(reports)
  local is_final, success = states.is_final, states.success
  for i = 1, #reports do
    local report = reports[i]
    report.final, report.success = is_final(report), success(report)
  end
  return reports
end

local job_report = {
  { "jobId", type = "string", required = true, doc = "Id of the job." },
  { "src", type = "string", doc = "Sender." },
  { "encoding", type = "string", doc = "As it was sent, in small letters." },
  { "billcode", type = "string", doc = "Billing reference." },
  { "statusRequested", type = "boolean", doc = "Whether delivery is notified." },
  { "flash", type = "boolean", doc = "Shown at once, not stored." },
  { "validityMin", type = "integer", doc = "Minutes in which delivery is tried." },
  { "customerRef", type = "string", doc = "Reference of the job." },
  { "qos", type = "string", doc = "Priority." },
  { "receiptTs", type = "string", doc = "When the provider received it." },
  { "finishedTs", type = "string", doc = "When its last SMS reached its end; missing until then." },
  { "recipientIds", type = "array", items = { type = "string" }, doc = "The smsId of each." },
}

-- Of a job that is asked for by its id; a list has little more than ids.
local whole_report = {}
for i, field in ipairs(job_report) do
  whole_report[i] = field
end
whole_report[#whole_report] = { "recipientIds", type = "array", always = true,
  items = { type = "string" }, doc = "The smsId of each." }

local list_jobs = {
  "list_jobs",
  doc = "Get all jobs for given criteria.",
  method = "GET", path = "/rest/v1/jobs", hosts = { "de2", "de1" }, safe = true,
  ask = centres.all, unique = "jobId", timeout = 120, deadline = 240,
  paging = { by = "offset", from = 0, unit = "records", size = "limit", most = 1000,
    unique = "jobId" },
  fields = {
    { "jobIdsOnly", type = "boolean", only = true, default = true,
      doc = "Only true is supported." },
    { "fromTs", type = "string", format = "timestamp", doc = "Jobs from this time on." },
    { "toTs", type = "string", format = "timestamp", doc = "Jobs up to this time." },
    { "open", type = "boolean", doc = "Only open jobs, or only finished ones." },
    { "offset", type = "integer", min = 0,
      doc = "Index of the first record, from 0; 0 where two data centres are asked." },
    { "limit", type = "integer", min = 0, max = 1000,
      doc = "Most records of each data centre, 100 if left out." },
  },
  rules = { at_most_30_days, has_one_offset },
  returns = { type = "array", items = { type = "record", fields = job_report } },
}

-- A page of one centre.
local page_of_jobs = { rules = { at_most_30_days } }
for key, value in pairs(list_jobs) do
  page_of_jobs[key] = page_of_jobs[key] or value
end
list_jobs.paging.operation = page_of_jobs

return {
  {
    "get_job",
    doc = "Get the status of a job; that of its single messages is list_recipients.",
    method = "GET", path = "/rest/v1/jobs/{jobId}", hosts = { "de2", "de1" }, safe = true,
    ask = centres.first, remember = "jobId",
    fields = { job_id_in_path },
    returns = { type = "record", fields = whole_report },
  },
  {
    "list_recipients",
    doc = "Get the status of all recipients of a job.",
    method = "GET", path = "/rest/v1/sms", hosts = { "de2", "de1" }, safe = true,
    ask = centres.first, remember = "jobId", paging = {},
    fields = { job_id },
    returns = { type = "array", items = { type = "record", fields = {
      { "smsId", type = "string", required = true, doc = "Id of the SMS." },
      { "dst", type = "string", required = true, doc = "The number." },
      { "processStatus", type = "string", doc = "How far it is, such as OPEN, RUNNING, DONE." },
      { "status", type = "string", doc = "How it ended." },
      { "customerRef", type = "string",
        doc = "Reference of this SMS; the number where none was given." },
      { "reason", type = "string", doc = "The carrier's words." },
      { "sentTs", type = "string", doc = "When it was sent." },
      { "finishedTs", type = "string", doc = "When it reached its end." },
    } } },
    adapt = with_meaning,
    adds = {
      { "final", type = "boolean", always = true, doc = "Its state will not change any more." },
      { "success", type = "boolean", doc = "The text went; nil: not known, or not yet." },
    },
  },
  list_jobs,
}
