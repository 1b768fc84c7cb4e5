-- Reading requests and sending answers, whole or broken.

local clock = require "base.clock"
local json = require "base.json"
local settings = require "settings"

local http = {}

local reasons = {
  [200] = "OK", [201] = "Created", [204] = "No Content", [400] = "Bad Request",
  [401] = "Unauthorized", [404] = "Not Found", [409] = "Conflict", [420] = "Method Failure",
  [422] = "Unprocessable Entity", [429] = "Too Many Requests", [500] = "Internal Server Error",
  [503] = "Service Unavailable",
}

local function body_of_file()
  local name = ngx.req.get_body_file()
  local file = name and io.open(name, "rb")
  if not file then return "" end
  local body = file:read "*a"
  file:close()
  return body
end

--- The request at hand as a table, once it has been read to its end.
function http.read()
  ngx.req.read_body()
  settings.load()
  local body = ngx.req.get_body_data() or body_of_file()
  local time = clock.micros()
  return {
    time = time,
    clock = time + settings.get().clock_offset * 1e6,
    method = ngx.req.get_method(),
    path = ngx.var.uri,
    target = ngx.var.request_uri,
    listener = ngx.var.listener,
    headers = ngx.req.get_headers(0),
    body = body,
    note = {},
  }
end

--- The query as a table of decoded strings; a key without value is "", of a repeated key the list
--- is kept.
function http.query(request)
  local args = ngx.req.get_uri_args(0)
  for key, value in pairs(args) do
    if value == true then args[key] = "" end
  end
  request.query = args
  return args
end

--- A response with a JSON body.
function http.json(status, value, headers)
  local body = type(value) == "string" and value or json.encode(value)
  return { status = status, body = body, headers = headers, type = "application/json" }
end

--- Sends a response.
function http.send(response)
  local header = ngx.header
  ngx.status = response.status
  for name, value in pairs(response.headers or {}) do header[name] = value end
  local offset = settings.get().clock_offset
  if offset ~= 0 then header["Date"] = ngx.http_time(math.floor(clock.millis() / 1000)) end
  if response.status ~= 204 then
    header["Content-Type"] = response.type or "application/json"
    header["Content-Length"] = #response.body
    ngx.print(response.body)
  end
  return ngx.exit(ngx.OK)
end

local function head_of(response)
  local status = response.status
  local lines = { ("HTTP/1.1 %d %s"):format(status, reasons[status] or "Status") }
  lines[2] = "Content-Type: " .. (response.type or "application/json")
  lines[3] = "Content-Length: " .. #response.body
  for name, value in pairs(response.headers or {}) do lines[#lines + 1] = name .. ": " .. value end
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

--- Closes the connection without a byte.
function http.close()
  return ngx.exit(444)
end

--- Resets the connection without a byte.
function http.reset()
  return ngx.exec "/_sandbox_reset"
end

--- Sends the beginning of a response, then closes: half of its head or all of that and half of its
--- body, or exactly `at` bytes.
function http.cut(response, where, at)
  local head = head_of(response)
  local half = #head + math.floor(#response.body / 2)
  if where == "head" then half = math.floor(#head / 2) end
  local socket = ngx.req.socket(true)
  if socket then socket:send((head .. response.body):sub(1, at or half)) end
  return ngx.exit(444)
end

return http
