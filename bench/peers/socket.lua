--- LuaSocket's HTTP, over LuaSec for TLS: a new connection for each call, since it keeps
--- none. Side by side its calls run as Copas runs them: each in a coroutine that waits in
--- one select.

local socket = require "socket"

local function unwrap(ok, first, ...)
  if ok then
    return first, ...
  elseif type(first) == "table" then
    return nil, first[1]
  end
  error(first, 0)
end

--- As LuaSocket's own, but a coroutine may wait within it under LuaJIT too.
function socket.protect(run)
  return function(...)
    return unwrap(pcall(run, ...))
  end
end

local http = require "socket.http"
local ltn12 = require "ltn12"
local ssl = require "ssl"
local unchecked = require "bench.peers.unchecked"
local work = require "bench.work"

local is_tls = work.url:find "^https" ~= nil
local context = is_tls and assert(ssl.newcontext {
  mode = "client", protocol = "any", options = { "all", "no_sslv2", "no_sslv3", "no_tlsv1" },
  verify = "peer", cafile = work.ca_file,
})

-- ---- Who waits for what -----------------------------------------------------------------

--- A list for select that also knows the places of its entries, and who waits for them.
local function new_list()
  return { places = {}, threads = {} }
end

local readers, writers = new_list(), new_list()

local WAITS = { wantread = readers, wantwrite = writers }

local function add(list, connection, thread)
  list[#list + 1] = connection
  list.places[connection], list.threads[connection] = #list, thread
end

local function remove(list, connection)
  local place, last, thread = list.places[connection], list[#list], list.threads[connection]
  list[place], list.places[last] = last, place
  list[#list] = nil
  list.places[connection], list.threads[connection] = nil, nil
  return thread
end

local function wait(list, connection)
  add(list, connection, (coroutine.running()))
  coroutine.yield()
end

local function resume(thread)
  local ok, message = coroutine.resume(thread)
  work.check(ok, message)
end

local function wake(list, ready)
  for i = 1, #ready do
    resume(remove(list, ready[i]))
  end
end

local function side_by_side(functions)
  for _, run in ipairs(functions) do
    resume(coroutine.create(run))
  end
  while #readers + #writers > 0 do
    local can_read, can_write = socket.select(readers, writers)
    wake(readers, can_read)
    wake(writers, can_write)
  end
end

-- ---- A connection that lets others run while it waits -----------------------------------

local methods = {}
local Connection = { __name = "connection", __index = methods }

function methods.settimeout()
  return 1
end

local function shake_hands(self)
  local secure = assert(ssl.wrap(self.plain, context))
  self.plain = secure
  secure:settimeout(0)
  while true do
    local ok, why = secure:dohandshake()
    if ok or not WAITS[why] then
      return ok, why
    end
    wait(WAITS[why], secure)
  end
end

function methods:connect(host, port)
  local ok, why = self.plain:connect(host, port)
  if not ok and why == "timeout" then
    wait(writers, self.plain)
    ok, why = self.plain:connect(host, port)
  end
  if not ok and why ~= "already connected" then
    return nil, why
  end
  if is_tls then
    return shake_hands(self)
  end
  return 1
end

function methods:send(data, first, last)
  first = first or 1
  while true do
    local sent, why, until_here = self.plain:send(data, first, last)
    if sent or why ~= "timeout" and not WAITS[why] then
      return sent, why, until_here
    end
    first = until_here + 1
    wait(WAITS[why] or writers, self.plain)
  end
end

function methods:receive(pattern, part)
  while true do
    local data, why
    data, why, part = self.plain:receive(pattern, part)
    if data or why ~= "timeout" and not WAITS[why] then
      return data, why, part
    end
    wait(WAITS[why] or readers, self.plain)
  end
end

function methods:close()
  return self.plain:close()
end

local function open()
  local plain = assert(socket.tcp())
  plain:settimeout(0)
  return setmetatable({ plain = plain }, Connection)
end

-- ---- The calls --------------------------------------------------------------------------

--- LuaSocket's own escapes more than needs be.
local function escape(text)
  return (text:gsub("[^%w%-._~]", function(character)
    return ("%%%02X"):format(character:byte())
  end))
end

unchecked(escape, function(path, body, kind)
  local chunks = {}
  local ok, status = http.request {
    url = work.url .. path,
    method = body and "POST" or "GET",
    headers = {
      ["Accept"] = "application/json",
      ["Authorization"] = work.basic,
      ["Content-Type"] = kind,
      ["Content-Length"] = body and #body,
      ["User-Agent"] = "lua-socket/3",
    },
    source = body and ltn12.source.string(body),
    sink = ltn12.sink.table(chunks),
    create = work.in_flight > 1 and open or nil,
  }
  work.check(ok, status)
  return status, table.concat(chunks)
end, side_by_side)
