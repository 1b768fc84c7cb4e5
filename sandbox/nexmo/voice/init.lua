-- Calls of the Voice API: POST and GET /v1/calls, GET /v1/calls/{uuid}.

local check = require "nexmo.voice.check"
local clock = require "base.clock"
local faults = require "faults"
local http = require "base.http"
local json = require "base.json"
local pages = require "base.pages"
local settings = require "settings"
local store = require "nexmo.voice.store"
local token = require "nexmo.token"
local webhooks = require "nexmo.webhooks"

local calls = {}

local OWN = "447700900500" -- the number that is taken at random

local function problem(status, title, more)
  local body = more or {}
  body.title, body.type = title, "https://developer.nexmo.com/api-errors"
  body.instance = ngx.md5(tostring(math.random()))
  return http.json(status, body)
end

local function invalid(problems)
  return problem(400, "Bad Request", {
    detail = "The request failed due to validation errors",
    invalid_parameters = problems,
  })
end

local function unauthorized(detail)
  return http.json(401, { type = "UNAUTHORIZED", error_title = "Unauthorized", detail = detail })
end

--- Reads the call, and notes what the arrival is known by.
function calls.describe(request)
  local posted = json.decode(request.body)
  request.posted = type(posted) == "table" and #posted == 0 and posted or nil
  local to = request.posted and type(posted.to) == "table" and posted.to[1]
  local name = type(to) == "table" and (to.number or to.uri or to.user or to.extension)
  request.to = type(name) == "string" and name or nil
  request.ref = request.to
end

-- New calls a second, in windows that begin with the second.
local function is_over_limit(request)
  local limit = settings.get().voice_limit
  local key = limit > 0 and "calls/" or "free/calls/"
  local used = ngx.shared.nexmo:incr(key .. math.floor(request.time / 1e6), 1, 0, 2)
  return limit > 0 and used > limit
end

--- POST /v1/calls
function calls.create(request)
  local application, detail = token.application(request)
  if not application then return unauthorized(detail) end
  local media = request.headers["content-type"]
  if not (type(media) == "string" and media:find "^application/json") then
    return problem(415, "Unsupported Media Type")
  end
  if is_over_limit(request) then return faults.throttled(request, { retry_after = 1 }) end
  local posted = request.posted
  local problems = posted and check.problems(posted, application)
    or { { name = "body", reason = "must be a JSON object" } }
  if #problems > 0 then return invalid(problems) end
  local call = store.add(application, posted.to[1],
    posted.from or { type = "phone", number = OWN })
  request.note.call_id = call.uuid
  webhooks.call_events(call, posted, settings.get().call_step)
  return http.json(201, {
    uuid = call.uuid, status = "started", direction = "outbound",
    conversation_uuid = call.conversation_uuid,
  })
end

--- GET /v1/calls/{uuid}
function calls.get(request)
  local application, detail = token.application(request)
  if not application then return unauthorized(detail) end
  local call = store.find(application, request.call_id)
  return call and http.json(200, store.shown(call)) or problem(404, "Not Found")
end

local statuses = {}
for name in ([[started ringing answered machine completed busy cancelled failed rejected timeout
  unanswered]]):gmatch "%S+" do
  statuses[name] = true
end

-- Query parameters: the value, or nil if it is wrong.
local readers = {
  status = function(text) return statuses[text] and text or nil end,
  date_start = clock.parse, date_end = clock.parse,
  page_size = function(text) return pages.number(text, 1, 100) end,
  record_index = function(text) return pages.number(text, 0, 1e6) end,
  order = function(text) return (text == "asc" or text == "desc") and text or nil end,
  conversation_uuid = function(text) return text end,
}

local function criteria(query)
  local read, problems = { page_size = 10, record_index = 0 }, {}
  for name, text in pairs(query) do
    local reader = readers[name]
    if reader then
      read[name] = type(text) == "string" and reader(text) or nil
      if read[name] == nil then problems[#problems + 1] = { name = name, reason = "is invalid" } end
    elseif settings.get().strict then
      problems[#problems + 1] = { name = name, reason = "is not known" }
    end
  end
  return read, problems
end

local function is_wanted(call, read)
  if read.status and store.status(call) ~= read.status then return false end
  if read.date_start and call.made_at < read.date_start then return false end
  if read.date_end and call.made_at > read.date_end then return false end
  return not read.conversation_uuid or call.conversation_uuid == read.conversation_uuid
end

local function found(application, read)
  local list = {}
  for _, call in ipairs(store.all(application)) do
    if is_wanted(call, read) then
      table.insert(list, read.order == "desc" and 1 or #list + 1, call)
    end
  end
  return list
end

--- GET /v1/calls
function calls.list(request)
  local application, detail = token.application(request)
  if not application then return unauthorized(detail) end
  local query = http.query(request)
  local read, problems = criteria(query)
  if #problems > 0 then return invalid(problems) end
  local all, shown = found(application, read), json.list()
  local size, first = read.page_size, read.record_index
  for i = first + 1, math.min(#all, first + size) do shown[#shown + 1] = store.shown(all[i]) end
  local last = math.max(math.ceil(#all / size) - 1, 0) * size
  return http.json(200, {
    count = #all, page_size = size, record_index = first, _embedded = { calls = shown },
    _links = pages.links("/v1/calls", query, "record_index", {
      self = first, last = last, next = first + size < #all and first + size or nil,
      prev = first > 0 and math.max(first - size, 0) or nil,
    }),
  })
end

return calls
