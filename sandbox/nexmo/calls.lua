-- Calls of the Voice API, as they are kept: POST /v1/calls and GET /v1/calls/{uuid}.

local check = require "nexmo.call_check"
local clock = require "base.clock"
local faults = require "faults"
local http = require "base.http"
local json = require "base.json"
local settings = require "settings"
local token = require "nexmo.token"
local webhooks = require "nexmo.webhooks"

local calls = {}

-- How a call to a number with such an ending ends; all others are answered and completed.
local endings = {
  ["0901"] = "busy", ["0902"] = "rejected", ["0903"] = "failed", ["0904"] = "timeout",
  ["0905"] = "unanswered", ["0906"] = "machine", ["0907"] = "cancelled",
}

local function dict()
  return ngx.shared.nexmo
end

local function problem(status, title, more)
  local body = more or {}
  body.title, body.type = title, "https://developer.nexmo.com/api-errors"
  body.instance = ngx.md5(tostring(math.random()))
  return http.json(status, body)
end

local function unauthorized(detail)
  return http.json(401, { type = "UNAUTHORIZED", error_title = "Unauthorized", detail = detail })
end

local function new_id()
  local hex = ngx.md5(clock.micros() .. "/" .. math.random())
  return ("%s-%s-4%s-8%s-%s"):format(hex:sub(1, 8), hex:sub(9, 12), hex:sub(14, 16),
    hex:sub(18, 20), hex:sub(21, 32))
end

--- Reads the call, and notes what the arrival is known by.
function calls.describe(request)
  local posted = json.decode(request.body)
  request.posted = type(posted) == "table" and #posted == 0 and posted or nil
  local to = request.posted and type(posted.to) == "table" and posted.to[1]
  request.to = type(to) == "table" and type(to.number) == "string" and to.number or nil
  request.ref = request.to
end

-- New calls a second, in windows that begin with the second.
local function is_over_limit(request)
  local limit = settings.get().voice_limit
  if limit <= 0 then return false end
  return dict():incr("calls/" .. math.floor(request.time / 1e6), 1, 0, 2) > limit
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
  local problems = posted and check.problems(posted, application, settings.get().strict)
    or { { name = "body", reason = "must be a JSON object" } }
  if #problems > 0 then
    return problem(400, "Bad Request", { invalid_parameters = problems })
  end
  local call = {
    uuid = new_id(), conversation_uuid = "CON-" .. new_id(), application = application.id,
    to = posted.to[1], from = posted.from, made_at = clock.millis(),
    ending = settings.get().magic and endings[posted.to[1].number:sub(-4)] or "completed",
  }
  assert(dict():safe_set("call/" .. call.uuid, json.encode(call)))
  request.note.call_id = call.uuid
  webhooks.call_events(call, posted, settings.get().call_step)
  return http.json(201, {
    uuid = call.uuid, status = "started", direction = "outbound",
    conversation_uuid = call.conversation_uuid,
  })
end

local function state_of(call)
  local steps = math.floor((clock.millis() - call.made_at) / 1000 / settings.get().call_step)
  if call.ending == "completed" then
    return ({ [0] = "started", "ringing", "answered" })[steps] or "completed"
  end
  return ({ [0] = "started", "ringing" })[steps] or call.ending
end

--- GET /v1/calls/{uuid}
function calls.get(request)
  local application, detail = token.application(request)
  if not application then return unauthorized(detail) end
  local call = json.decode(dict():get("call/" .. request.call_id) or "")
  if not call or call.application ~= application.id then return problem(404, "Not Found") end
  return http.json(200, {
    uuid = call.uuid, conversation_uuid = call.conversation_uuid, status = state_of(call),
    direction = "outbound", to = call.to, from = call.from, start_time = clock.iso(call.made_at),
  })
end

return calls
