--- Functions for the client option `on_event`, in the words of what they are for.
---
---   on_event = sms.adapters.json(function(line) io.stderr:write(line, "\n") end)

local core = require "sms.core"
local json = require "sms.base.json"
local misuse = require "sms.base.misuse"

local adapters = {}

local function check(name, given)
  misuse.check_dot(adapters, given, "adapters." .. name)
  if type(given) ~= "function" then
    error(("adapters.%s: a function was expected"):format(name), 3)
  end
end

local IS_PLAIN = { string = true, number = true, boolean = true }

--- What makes a line of JSON of each event, and has it written: its fields, and `time`, seconds
--- since 1970.
---@param write fun(line: string)
---@return fun(event: table) on_event
function adapters.json(write)
  check("json", write)
  return function(event)
    local told = { time = math.floor(core.wall() * 1000 + 0.5) / 1000 }
    for name, value in pairs(event) do
      told[name] = IS_PLAIN[type(value)] and value or nil
    end
    write(json.encode_any(told))
  end
end

--- Attributes by the fields of an event. Those without a name in OpenTelemetry's semantic
--- conventions begin with "sms.".
local ATTRIBUTES = {
  method = "http.request.method",
  status = "http.response.status_code",
  kind = "error.type",
  provider = "sms.provider",
  operation = "sms.operation",
}

local PORTS = { http = 80, https = 443 }

local function add_server(attributes, url)
  local scheme, server = url:match "^(%a+)://(.*)$"
  local address, port = server:match "^(.-):(%d+)$"
  attributes["server.address"] = address or server
  attributes["server.port"] = tonumber(port) or PORTS[scheme]
end

local SEVERITIES = { warning = "WARN", retry = "WARN" }

--- What makes a record in OpenTelemetry's words of each event, and has it emitted: `name`
--- ("sms.response", ...), `timestamp` in seconds since 1970, `severity`, perhaps a `body`,
--- `duration` (of a response: seconds, what "http.client.request.duration" measures), and
--- `attributes`.
---@param emit fun(record: table)
---@return fun(event: table) on_event
function adapters.opentelemetry(emit)
  check("opentelemetry", emit)
  return function(event)
    local attributes = {}
    for field, name in pairs(ATTRIBUTES) do
      attributes[name] = event[field]
    end
    if event.server then
      add_server(attributes, event.server)
    end
    if event.attempt and event.attempt > 1 then
      attributes["http.request.resend_count"] = event.attempt - 1
    end
    emit {
      name = "sms." .. event.name,
      timestamp = core.wall(),
      severity = event.kind and "ERROR" or SEVERITIES[event.name] or "INFO",
      body = event.message,
      duration = event.seconds,
      attributes = attributes,
    }
  end
end

return adapters
