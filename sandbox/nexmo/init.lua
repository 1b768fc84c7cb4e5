-- Nexmo: which path belongs to which operation, and on which host it is served.

local applications = require "nexmo.applications"
local calls = require "nexmo.voice"
local http = require "base.http"
local numbers = require "nexmo.numbers"
local sms = require "nexmo.sms"
local tts = require "nexmo.tts"

local nexmo = {}

local v1, v2 = applications.v1, applications.v2

-- path -> host and, by method, { operation, handler [, describe] }
local paths = {
  ["/sms/json"] = {
    host = "rest",
    POST = { "send_sms", sms.send, sms.describe },
    GET = { "send_sms", sms.send, sms.describe },
  },
  ["/tts/json"] = {
    host = "api",
    POST = { "send_voice", tts.send, tts.describe },
    GET = { "send_voice", tts.send, tts.describe },
  },
  ["/v1/calls"] = {
    host = "api",
    POST = { "send_voice", calls.create, calls.describe },
    GET = { "list_calls", calls.list },
  },
  ["/number/search"] = { host = "rest", GET = { "list_inbound_numbers", numbers.search } },
  ["/account/numbers"] = { host = "rest", GET = { "list_owned_numbers", numbers.owned } },
  ["/number/buy"] = { host = "rest", POST = { "buy_number", numbers.buy, numbers.describe } },
  ["/number/cancel"] = {
    host = "rest",
    POST = { "cancel_number", numbers.cancel, numbers.describe },
  },
  ["/number/update"] = {
    host = "rest",
    POST = { "update_number", numbers.update, numbers.describe },
  },
  ["/account/get-balance"] = { host = "rest", GET = { "get_balance", numbers.balance } },
  ["/v1/applications"] = {
    host = "api",
    GET = { "list_applications", v1.list },
    POST = { "create_application", v1.create },
  },
  ["/v2/applications"] = {
    host = "api",
    GET = { "list_applications", v2.list },
    POST = { "create_application", v2.create },
  },
}

local function application_paths(version)
  return {
    host = "api",
    GET = { "get_application", version.get },
    PUT = { "update_application", version.update },
    DELETE = { "delete_application", version.delete },
  }
end

local one_application = { v1 = application_paths(v1), v2 = application_paths(v2) }

local one_call = { host = "api", GET = { "get_call", calls.get } }

local function not_found()
  return http.json(404, { ["error-code"] = "404", ["error-code-label"] = "not found" })
end

local function wrong_method(request)
  if request.path:sub(1, 4) == "/v2/" then return v2.wrong_method() end
  return http.json(405, { ["error-code"] = "405", ["error-code-label"] = "method not allowed" })
end

local function find(request)
  local found = paths[request.path]
  if found then return found end
  local call_id = request.path:match "^/v1/calls/([^/]+)$"
  if call_id then
    request.call_id, request.ref = call_id, call_id
    return one_call
  end
  local version, id = request.path:match "^/(v[12])/applications/([^/]+)$"
  if not version then return nil end
  request.application_id, request.ref = id, id
  return one_application[version]
end

--- Finds operation and handler of a request, and what its arrival is known by.
function nexmo.route(request)
  local found = find(request)
  if found and request.host ~= "base" and request.host ~= found.host then found = nil end
  if found then request.host = found.host end
  local entry = found and found[request.method]
  if not entry then
    request.handler = found and wrong_method or not_found
    return
  end
  request.operation, request.handler = entry[1], entry[2]
  if entry[3] then entry[3](request) end
end

return nexmo
