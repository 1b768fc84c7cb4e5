-- Retarus "SMS for Applications": paths, authentication, reading. Sending is in job.lua.

local clock = require "base.clock"
local http = require "base.http"
local job = require "retarus.job"
local json = require "base.json"
local lenient = require "base.lenient"
local settings = require "settings"
local store = require "retarus.store"

local retarus = {}

local MONTH = 30 * 24 * 3600 * 1000

local function failure(status, message)
  return http.json(status, { message = message, code = status })
end

local function is_authorized(request)
  local header = request.headers["authorization"]
  local encoded = type(header) == "string" and header:match "^[Bb]asic +(%S+)$"
  if not encoded then return false end
  local now = settings.get()
  return ngx.decode_base64(encoded) == now.retarus_username .. ":" .. now.retarus_password
end

local function send_job(request)
  return job.post(request, failure)
end

local function get_job(request)
  local found = store.find(request.host, request.job_id)
  if not found then return failure(404, "Job not found") end
  return http.json(200, store.report(found))
end

local function list_recipients(request)
  local id = http.query(request).jobId
  if type(id) ~= "string" or id == "" then return failure(400, "jobId is required") end
  request.ref = id
  local found = store.find(request.host, id)
  if found then return http.json(200, store.recipients(found)) end
  if settings.get().missing_recipients == "empty" then return http.json(200, "[]") end
  return failure(404, "Job not found")
end

-- The readers of a query value: the value, or nil if it is wrong.
local function time_of(text)
  return clock.parse(text)
end

local BOOLEANS = { ["true"] = "yes", ["false"] = "no" }

local function boolean_of(text)
  return BOOLEANS[lenient.word(text, BOOLEANS)]
end

local function integer_of(text)
  return text:match "^%d%d?%d?%d?%d?%d?%d?%d?%d?$" and tonumber(text) or nil
end

local readers = {
  jobIdsOnly = boolean_of, fromTs = time_of, toTs = time_of, open = boolean_of,
  offset = integer_of, limit = integer_of,
}

local function criteria(query)
  local read = {}
  for name, text in pairs(query) do
    local reader = readers[name]
    if reader then
      read[name] = type(text) == "string" and reader(text) or nil
      if read[name] == nil then return nil, name .. " is not valid" end
    elseif settings.get().strict then
      return nil, "unknown parameter " .. name
    end
  end
  return read
end

local function criteria_problem(read)
  if read.jobIdsOnly ~= "yes" then return "jobIdsOnly must be true" end
  if read.limit and read.limit > 1000 then return "limit must be at most 1000" end
  if not read.fromTs or not read.toTs then return nil end
  if read.toTs <= read.fromTs then return "toTs must be after fromTs" end
  if read.toTs - read.fromTs > MONTH then return "fromTs and toTs are more than 30 days apart" end
  return nil
end

local function list_jobs(request)
  local read, message = criteria(http.query(request))
  message = message or criteria_problem(read)
  if message then return failure(400, message) end
  local ids = json.list()
  local entries = store.list(request.host, read)
  local offset = read.offset or 0
  for i = offset + 1, math.min(#entries, offset + (read.limit or 100)) do
    ids[#ids + 1] = { jobId = entries[i].id }
  end
  return http.json(200, ids)
end

local function get_version(request)
  local host = store.places(request.host)[1]
  local build = host == "de1" and 20801 or 20803
  return http.json(200, {
    buildNumber = build,
    buildTimestamp = host == "de1" and "2022-09-01 08:15" or "2022-09-05 17:40",
    majorVersion = 1,
    minorVersion = host == "de1" and 7 or 8,
    versionInfo = "sms4a " .. host .. " build " .. build,
    message = "OK",
  })
end

local paths = {
  ["/rest/v1/jobs"] = { POST = { "send_job", send_job }, GET = { "list_jobs", list_jobs } },
  ["/rest/v1/sms"] = { GET = { "list_recipients", list_recipients } },
  ["/rest/v1/version"] = { GET = { "get_version", get_version } },
}
local one_job = { GET = { "get_job", get_job } }

local function not_found()
  return failure(404, "Not found")
end

local function wrong_method()
  return failure(405, "Method not allowed")
end

local function guarded(handler)
  return function(request)
    local is_free = request.operation == "get_version" and not settings.get().version_needs_auth
    if is_free or is_authorized(request) then return handler(request) end
    return failure(401, "Unauthorized")
  end
end

for _, methods in pairs { paths["/rest/v1/jobs"], paths["/rest/v1/sms"],
  paths["/rest/v1/version"], one_job } do
  for _, entry in pairs(methods) do entry[2] = guarded(entry[2]) end
end

--- Finds operation and handler of a request, and what its arrival is known by.
function retarus.route(request)
  local methods = paths[request.path]
  local id = request.path:match "^/rest/v1/jobs/([^/]+)$"
  if id then
    methods, request.job_id, request.ref = one_job, id, id
  end
  local entry = methods and methods[request.method]
  if entry then
    request.operation, request.handler = entry[1], entry[2]
  else
    request.handler = methods and wrong_method or not_found
  end
  if request.operation == "send_job" then job.describe(request) end
end

return retarus
