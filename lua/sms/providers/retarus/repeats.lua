--- A job whose answer was lost, sent again with duplicate detection: for 10 minutes an equal job
--- is refused with 409. Pure, but for `ask`, which is given.

local json = require "sms.base.json"
local plain = require "sms.base.plain"
local time = require "sms.base.time"

local repeats = {}

--- Seconds in which a repeat is recognised: 10 minutes, and a reserve for its way.
repeats.TRUSTED_FOR = 540

local CLOCKS_APART = 60 -- seconds between the provider's clock and ours
local LOOKED_AT = 20 -- jobs at most; each costs calls under the rate limit

--- Whether the provider refuses a second job with the same bytes.
---@param params table of send_job
---@return boolean
function repeats.is_deduplicated(params)
  return params.options ~= nil and params.options.duplicateDetection == true
end

--- Numbers as they may be compared, in order.
local function digits_of(recipients)
  local list = {}
  for i, recipient in ipairs(recipients) do
    list[i] = recipient.dst:gsub("%D", ""):gsub("^0+", "")
  end
  table.sort(list, plain.is_before)
  return table.concat(list, " ")
end

--- The recipients of all messages; of a job of send_all there is the body alone.
local function recipients_of(params)
  local list = {}
  if params.body then
    params = json.decode(params.body:text())
  end
  for _, message in ipairs(params.messages) do
    for _, recipient in ipairs(message.recipients) do
      list[#list + 1] = recipient
    end
  end
  return list
end

--- Whether a job has the reference and the recipients of this one.
---@return boolean? nil, failure where it cannot be read
local function is_like(id, params, ask)
  local recipients = recipients_of(params)
  local report, failure = ask("get_job", { jobId = id })
  if not report then
    return nil, failure
  elseif report.customerRef ~= params.options.customerRef
    or #(report.recipientIds or {}) ~= #recipients then
    return false
  end
  report, failure = ask("list_recipients", { jobId = id })
  if not report then
    return nil, failure
  end
  return digits_of(report) == digits_of(recipients)
end

--- The ids of the jobs that look like this one; nil, why where not all could be looked at.
local function ids_like(params, began_at, ask)
  local list, err = ask("list_jobs", {
    fromTs = time.format(began_at - CLOCKS_APART),
    toTs = time.format(began_at + 600 + CLOCKS_APART),
    limit = LOOKED_AT + 1,
  })
  if not list then
    return nil, "the jobs could not be listed: " .. err.kind
  elseif #list > LOOKED_AT then
    return nil, "there are too many jobs of that time"
  end
  local ids = {}
  for _, job in ipairs(list) do
    local like, failure = is_like(job.jobId, params, ask)
    if failure then
      return nil, "a job could not be read: " .. failure.kind
    elseif like then
      ids[#ids + 1] = job.jobId
    end
  end
  return ids
end

--- The result of a job that was taken although its answer was lost: the id where exactly
--- one job of that time has the caller's reference and the same recipients; otherwise
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
  why = why or ("%d jobs of that time look like it"):format(#ids)
  return { jobIdUnknown = "the answer was lost, and " .. why }
end

return repeats
