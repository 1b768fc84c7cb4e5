-- What the provider saw: one JSON line for each request, in shared memory.

local json = require "base.json"
local settings = require "settings"

local arrivals = {}

local LONGEST_TEXT = 65536 -- bytes; no provider takes such a text

local function masked(value)
  if not value or not (value:find("api_secret", 1, true) or value:find("sig", 1, true)) then
    return value
  end
  value = value:gsub("(api_secret=)[^&]*", "%1***"):gsub("([?&]?%f[%w]sig=)[^&]*", "%1***")
  return (value:gsub('("api_secret"%s*:%s*)"[^"]*"', '%1"***"')
    :gsub('("sig"%s*:%s*)"[^"]*"', '%1"***"'))
end

local function record_of(request, response)
  local path, query = request.target:match "^([^?]*)%??(.*)$"
  local headers = request.headers
  local authorization = headers["authorization"]
  local record = {
    method = request.method,
    path = path,
    query = query ~= "" and masked(query) or nil,
    host = request.listener,
    operation = request.operation,
    ref = request.ref,
    to = request.to,
    accepted = request.accepted == true,
    status = response and response.status or nil,
    body = masked(request.body):sub(1, settings.get().arrival_body),
    fault = request.fault and request.fault.kind or nil,
    lenient = ngx.ctx.lenient,
    connection = tonumber(ngx.var.connection),
    authorization = type(authorization) == "string" and authorization:match "^%S+" or nil,
    user_agent = headers["user-agent"],
    content_type = headers["content-type"],
    accept = headers["accept"],
  }
  if #request.body > settings.get().arrival_body then -- the page shows the whole text
    local given = request.params and request.params.text
    record.text = type(given) == "string" and given:sub(1, LONGEST_TEXT) or nil
  end
  for name, value in pairs(request.note) do record[name] = value end
  return record
end

--- The line of an arrival, or nil.
function arrivals.line(number)
  return ngx.shared.arrivals:get(number)
end

--- Keeps one arrival. `request.time` is when it had been read, `request.clock` the same
--- by the provider's clock.
function arrivals.add(request, response)
  if not settings.get().record then return end
  local line = ('{"time":%.0f,"clock":%.0f,'):format(request.time, request.clock)
    .. json.quick(record_of(request, response)):sub(2)
  local store = ngx.shared.arrivals
  if not store:safe_set(store:incr("count", 1, 0), line) then
    local dropped = store:incr("dropped", 1, 0)
    if dropped == 1 then ngx.log(ngx.ERR, "no room for more arrivals") end
  end
end

--- How many there are.
function arrivals.count()
  return ngx.shared.arrivals:get "count" or 0
end

--- How many had no room.
function arrivals.dropped()
  return ngx.shared.arrivals:get "dropped" or 0
end

--- Writes all lines from number `first` on as the answer of the request at hand.
function arrivals.print(first)
  local store = ngx.shared.arrivals
  local lines = {}
  for number = first, arrivals.count() do
    local line = store:get(number)
    if line then lines[#lines + 1] = line .. "\n" end
    if #lines == 1000 then
      ngx.print(lines)
      ngx.flush(true)
      lines = {}
    end
  end
  ngx.print(lines)
end

--- Forgets all.
function arrivals.reset()
  ngx.shared.arrivals:flush_all()
  ngx.shared.arrivals:flush_expired()
end

return arrivals
