--- lua-http, which keeps connections where the program does: a pool of them with HTTP/1.1,
--- one for all with HTTP/2. cqueues runs its calls side by side.

local client = require "http.client"
local cqueues = require "cqueues"
local http_tls = require "http.tls"
local new_headers = require "http.headers".new
local store = require "openssl.x509.store"
local unchecked = require "bench.peers.unchecked"
local util = require "http.util"
local work = require "bench.work"

local scheme, host, port = work.url:match "^(%a+)://([^:]+):(%d+)$"
local is_http2 = work.http_version == "2"

local function tls_context()
  local context = http_tls.new_client_context()
  local trusted = store.new()
  trusted:add(work.ca_file)
  context:setStore(trusted)
  return context
end

local options = {
  host = host, port = tonumber(port), tls = scheme == "https",
  ctx = scheme == "https" and tls_context() or nil, version = is_http2 and 2 or 1.1,
}

local idle, shared = {}, nil

--- A connection that nobody else writes to, or the one for all of HTTP/2.
local function take()
  if shared then
    return shared
  end
  local connection = table.remove(idle)
  if not connection then
    connection = assert(client.connect(options, 30))
    assert(connection:connect(30))
  end
  shared = is_http2 and connection or nil
  return connection
end

local function give_back(connection)
  if not is_http2 then
    idle[#idle + 1] = connection
  end
end

local function head(path, body, kind)
  local headers = new_headers()
  headers:append(":method", body and "POST" or "GET")
  headers:append(":scheme", scheme)
  headers:append(":path", path)
  headers:append(":authority", host .. ":" .. port)
  headers:append("accept", "application/json")
  headers:append("authorization", work.basic)
  headers:append("user-agent", "lua-http/0.4")
  if body then
    headers:append("content-type", kind)
    headers:append("content-length", tostring(#body))
  end
  return headers
end

local function request(path, body, kind)
  local connection = take()
  local stream = assert(connection:new_stream())
  assert(stream:write_headers(head(path, body, kind), body == nil, 30))
  if body then
    assert(stream:write_body_from_string(body, 30))
  end
  local answer = assert(stream:get_headers(30))
  local reply = assert(stream:get_body_as_string(30))
  stream:shutdown()
  give_back(connection)
  return tonumber(answer:get ":status"), reply
end

local function side_by_side(functions)
  local queue = cqueues.new()
  queue:wrap(function()
    give_back(take()) -- one connection first, so that with HTTP/2 there is no other
  end)
  assert(queue:loop())
  for _, run in ipairs(functions) do
    queue:wrap(run)
  end
  assert(queue:loop())
end

unchecked(util.encodeURIComponent, request, side_by_side)
