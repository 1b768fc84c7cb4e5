-- Faults on demand: which call meets which, and what each does. `README.md` lists the kinds.

local http = require "base.http"
local json = require "base.json"

local faults = {}

-- Kinds that spoil the answer after the provider did its work, unless the fault says `processed =
-- false`.
local after_work = {
  latency = true, lost_answer = true, garbage = true, empty = true, oversized = true, cut = true,
  nulls = true, shape = true,
}

local known = {
  throttle = true, status = true, nexmo_status = true, close = true, reset = true,
}
for kind in pairs(after_work) do known[kind] = true end

local hows = { close = true, reset = true, cut_head = true, cut_body = true }

local current, current_version = {}, nil

local function list()
  local control = ngx.shared.control
  local version = control:get "faults_version" or 0
  if version ~= current_version then
    current = json.decode(control:get "faults" or "[]") or {}
    current_version = version
  end
  return current
end

local function is_match(fault, request)
  if fault.provider and fault.provider ~= request.provider then return false end
  if fault.operation and fault.operation ~= request.operation then return false end
  local host = fault.host
  if host and host ~= request.host and host ~= request.listener then return false end
  if fault.to and not (request.to or ""):find(fault.to, 1, true) then return false end
  if fault.ref and not (request.ref or ""):find(fault.ref, 1, true) then return false end
  return true
end

local function is_due(fault)
  local control = ngx.shared.control
  if fault.skip and control:incr("skip/" .. fault.id, 1, 0) <= fault.skip then return false end
  if fault.probability and math.random() >= fault.probability then return false end
  local hits = control:incr("hits/" .. fault.id, 1, 0)
  return not fault.count or hits <= fault.count
end

--- The first fault that this request meets, or nil.
function faults.pick(request)
  for _, fault in ipairs(list()) do
    if is_match(fault, request) and is_due(fault) then return fault end
  end
  return nil
end

--- Whether the provider does its work before the fault shows.
function faults.is_processed(fault)
  if fault.processed ~= nil then return fault.processed end
  if fault.kind == "nexmo_status" then return fault.parts ~= nil end
  return after_work[fault.kind] or false
end

local texts = {
  wait = "Throughput Rate Exceeded - please wait [ %d ] and retry",
  plain = "Throughput Rate Exceeded - please wait and retry",
  window = "Exceeded maximum MT throughput[ MAX [ 30 ] INTERVAL [ 1000 ] COUNT [ 30 ] "
    .. "LAST INT-START [ 1617784922564 ] TIME_SINCE_LAST_INTERVAL_START [ %d ]  ] ",
}

--- The answer to a call that comes too fast, as the provider of the request gives it.
function faults.throttled(request, fault)
  if request.operation == "send_sms" and not fault.http then
    local wait = fault.wait or 702
    local text = texts[fault.text or "wait"]
      :format(fault.text == "window" and 1000 - wait or wait)
    return http.json(200, {
      ["message-count"] = "1",
      messages = { { status = "1", ["error-text"] = text } },
    })
  end
  local headers = fault.retry_after and { ["Retry-After"] = tostring(fault.retry_after) }
  if request.provider == "retarus" then
    return http.json(429, { message = "Too many requests", code = 429 }, headers)
  end
  if (request.operation or ""):find "_application" then
    return http.json(429, { type = "https://developer.nexmo.com/api-errors#throttled",
      title = "Rate Limited", detail = "You are sending too many requests" }, headers)
  end
  return http.json(429, { ["error-code"] = "429", ["error-code-label"] = "too many requests" },
    headers)
end

local function with_code(request, fault)
  local code = tostring(fault.code or 5)
  local text = fault.text or "Status " .. code
  if request.operation == "send_voice" then
    return http.json(200, { call_id = "", to = request.to, status = code, error_text = text })
  end
  return http.json(200, {
    ["message-count"] = "1",
    messages = { { to = request.to, status = code, ["error-text"] = text } },
  })
end

local function wrong_shape(response)
  if response.body:sub(1, 1) == "[" then return '{"unexpected":true}' end
  return "[true]"
end

local makers = {
  throttle = faults.throttled,
  nexmo_status = with_code,
  status = function(_, fault)
    return {
      status = fault.status or 500, body = fault.body or "", headers = fault.headers,
      type = fault.content_type or "application/json",
    }
  end,
  garbage = function(_, fault)
    return {
      status = fault.status or 200, type = fault.content_type or "text/html",
      body = fault.body or "<html><body>It works!</body></html>",
    }
  end,
  empty = function(_, fault, response)
    return { status = fault.status or response.status, body = "" }
  end,
  oversized = function(_, fault, response)
    local filling = ("x"):rep((fault.bytes or 5 * 1024 * 1024) - 14)
    return http.json(response.status, '{"oversized":"' .. filling .. '"}')
  end,
  nulls = function(_, _, response)
    return http.json(response.status, json.nulled(json.decode(response.body) or {}))
  end,
  shape = function(_, fault, response)
    return http.json(response.status, fault.body or wrong_shape(response))
  end,
}

--- The response that takes the place of the true one (a stand-in where there was no work), which
--- may be itself.
function faults.response(request, fault, response)
  local maker = makers[fault.kind]
  local skip = fault.kind == "nexmo_status" and fault.parts
  if not maker or skip then return response end
  return maker(request, fault, response or http.json(200, "{}"))
end

--- Sends the response as the fault wants it sent: late, cut, or not at all.
function faults.send(fault, response)
  local how = fault.kind == "lost_answer" and (fault.how or "close") or fault.kind
  response = response or http.json(200, "{}")
  if fault.kind == "latency" then ngx.sleep(fault.seconds or 1) end
  if how == "close" then return http.close() end
  if how == "reset" then return http.reset() end
  if how == "cut_head" then return http.cut(response, "head", fault.at) end
  if how == "cut_body" or how == "cut" then return http.cut(response, "body", fault.at) end
  return http.send(response)
end

local fields = {
  kind = "string", provider = "string", operation = "string", host = "string", to = "string",
  ref = "string", count = "number", skip = "number", probability = "number",
  processed = "boolean", when = "string", seconds = "number", text = "string", wait = "number",
  retry_after = "number", http = "boolean", status = "number", headers = "table",
  content_type = "string", body = "string", code = "number", parts = "table", bytes = "number",
  how = "string", at = "number",
}

local function problem(fault)
  if type(fault) ~= "table" then return "a fault must be an object" end
  for name, value in pairs(fault) do
    if not fields[name] then return "unknown field: " .. tostring(name) end
    if type(value) ~= fields[name] then return name .. ": must be a " .. fields[name] end
  end
  if not known[fault.kind] then return "unknown kind of fault: " .. tostring(fault.kind) end
  if fault.kind == "lost_answer" and not hows[fault.how or "close"] then
    return "unknown how: " .. fault.how
  end
  if fault.kind == "throttle" and not texts[fault.text or "wait"] then
    return "unknown text: " .. fault.text
  end
  return nil
end

--- Adds one fault or a list of them; nil, or a message.
function faults.add(new)
  if type(new) ~= "table" then return "a fault must be an object" end
  if #new == 0 then new = { new } end
  local control = ngx.shared.control
  local all = json.decode(control:get "faults" or "[]") or {}
  for _, fault in ipairs(new) do
    local message = problem(fault)
    if message then return message end
    fault.id = control:incr("fault_id", 1, 0)
    all[#all + 1] = fault
  end
  control:set("faults", json.encode(json.list(all)))
  control:incr("faults_version", 1, 0)
  return nil
end

--- All faults with the number of calls each has met.
function faults.list()
  local all = json.decode(ngx.shared.control:get "faults" or "[]") or {}
  for _, fault in ipairs(all) do
    local hits = ngx.shared.control:get("hits/" .. fault.id) or 0
    fault.hits = fault.count and math.min(hits, fault.count) or hits
  end
  return json.list(all)
end

--- Takes away the one with that number, or all.
function faults.remove(id)
  local left = json.list()
  for _, fault in ipairs(id and json.decode(ngx.shared.control:get "faults" or "[]") or {}) do
    if fault.id ~= id then left[#left + 1] = fault end
  end
  ngx.shared.control:set("faults", json.encode(left))
  ngx.shared.control:incr("faults_version", 1, 0)
end

return faults
