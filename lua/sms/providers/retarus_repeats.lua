--- A job whose answer was lost, sent again with duplicate detection (retarus.md 3.6). Pure,
--- but for `ask`, which is given.

local time = require "sms.time"

local repeats = {}

--- Seconds in which a repeat is recognised: 10 minutes, and a reserve for its way.
repeats.TRUSTED_FOR = 540

local CLOCKS_APART = 60 -- seconds between the provider's clock and ours

--- Whether the provider refuses a second job with the same bytes.
---@param params table of send_job
---@return boolean
function repeats.is_deduplicated(params)
  return params.options ~= nil and params.options.duplicateDetection == true
end

local function count_recipients(params)
  local count = 0
  for _, message in ipairs(params.messages) do
    count = count + #message.recipients
  end
  return count
end

local function is_like(report, params)
  return report.customerRef == params.options.customerRef
    and #(report.recipientIds or {}) == count_recipients(params)
end

--- The ids of the jobs that look like this one; nil, why where not all could be looked at.
local function ids_like(params, began_at, ask)
  local list, err = ask("list_jobs", {
    fromTs = time.format(began_at - CLOCKS_APART),
    toTs = time.format(began_at + 600 + CLOCKS_APART),
    limit = 1000,
  })
  if not list then
    return nil, "the jobs could not be listed: " .. err.kind
  elseif #list >= 1000 then
    return nil, "there are too many jobs of that time"
  end
  local ids = {}
  for _, job in ipairs(list) do
    local report, failure = ask("get_job", { jobId = job.jobId })
    if not report then
      return nil, "a job could not be read: " .. failure.kind
    elseif is_like(report, params) then
      ids[#ids + 1] = report.jobId
    end
  end
  return ids
end

--- The result of a job that was taken although its answer was lost: the id where exactly
--- one job of that time has the caller's reference and as many recipients; otherwise
--- `jobIdUnknown` says why there is none.
---@param params table of send_job
---@param began_at integer seconds since 1970 of the first attempt
---@param ask fun(operation: string, params: table): any, table?
---@return { jobId: string?, jobIdUnknown: string? }
function repeats.find_accepted(params, began_at, ask)
  if not params.options.customerRef then
    return { jobIdUnknown = "the answer was lost, and options.customerRef was not given" }
  end
  local ids, why = ids_like(params, began_at, ask)
  if ids and #ids == 1 then
    return { jobId = ids[1] }
  end
  why = why or ("%d jobs of that time have this customerRef"):format(#ids)
  return { jobIdUnknown = "the answer was lost, and " .. why }
end

return repeats
