-- The process behind raw_server.lua: one coroutine for each connection, until stdin ends.

local cjson = require "cjson"
local socket = require "socket"

local dir = arg[1]
local listener = assert(socket.bind("127.0.0.1", 0, 256))
local standard_input = { getfd = function() return 0 end, dirty = function() return false end }
local waiting = {} -- socket -> coroutine, until it can be read
local sleeping = {} -- coroutine -> time
local known, index, count = nil, 0, 0

local function next_reply()
  local file = assert(io.open(dir .. "/replies"))
  local replies = cjson.decode(file:read "*a")
  file:close()
  if replies.version ~= known then known, index = replies.version, 0 end
  index = math.min(index + 1, #replies.list)
  return replies.list[index]
end

local function log(request)
  local file = assert(io.open(dir .. "/requests", "a"))
  file:write(cjson.encode(request), "\n")
  file:close()
end

local function receive_some(connection)
  waiting[connection] = coroutine.running()
  coroutine.yield()
  local data, why, rest = connection:receive(65536)
  data = data or rest
  return (why ~= "closed" or data ~= "") and data or nil
end

local function receive_request(connection, text)
  while true do
    local head, body = text:match "^(.-\r\n\r\n)(.*)$"
    local length = head and tonumber(head:lower():match "\r\ncontent%-length: *(%d+)" or 0)
    if head and #body >= length then
      return head .. body:sub(1, length), body:sub(length + 1)
    end
    local more = receive_some(connection)
    if not more then return nil end
    text = text .. more
  end
end

local function nap(seconds)
  sleeping[coroutine.running()] = socket.gettime() + seconds
  coroutine.yield()
end

local function send(connection, text)
  local from = 1
  while from <= #text do
    local last, why, sent = connection:send(text, from)
    if why == "closed" then return false end
    from = (last or sent) + 1
    if from <= #text then nap(0.002) end
  end
  return true
end

local steps = {}

function steps.sleep(_, step)
  nap(step.sleep)
  return true
end

function steps.drip(connection, step)
  for byte in step.drip:gmatch "." do
    if not send(connection, byte) then return false end
    nap(step.every)
  end
  return true
end

--- Until the other side has had enough.
function steps.endless(connection, step)
  local many = step.endless:rep(math.ceil(16384 / #step.endless))
  while send(connection, many) do end
  return false
end

function steps.close()
  return false
end

function steps.reset(connection)
  connection:setoption("linger", { on = true, timeout = 0 })
  return false
end

local function play(connection, reply)
  for _, step in ipairs(type(reply) == "table" and reply or { reply }) do
    local name = type(step) == "table" and next(step)
    for candidate in pairs(steps) do
      if type(step) == "table" and step[candidate] then name = candidate end
    end
    local go_on
    if name then go_on = steps[name](connection, step) else go_on = send(connection, step) end
    if not go_on then return false end
  end
  return true
end

local function serve(connection, number)
  local request, rest = receive_request(connection, "")
  while request do
    log { text = request, connection = number }
    if not play(connection, next_reply()) then break end
    request, rest = receive_request(connection, rest)
  end
  connection:close()
end

local function resume(thread, ...)
  assert(coroutine.resume(thread, ...))
end

local function wake_sleepers()
  local now, nearest = socket.gettime(), nil
  for _, time in pairs(sleeping) do
    if time > now then
      nearest = math.min(nearest or time, time)
    end
  end
  for thread, time in pairs(sleeping) do
    if time <= now then
      sleeping[thread] = nil
      resume(thread)
      return 0
    end
  end
  return nearest and nearest - now
end

local file = assert(io.open(dir .. "/port.new", "w"))
file:write((select(2, listener:getsockname())))
file:close()
os.rename(dir .. "/port.new", dir .. "/port")

while true do
  local pause = wake_sleepers()
  local readers = { standard_input, listener }
  for connection in pairs(waiting) do readers[#readers + 1] = connection end
  local ready = socket.select(readers, nil, pause)
  if ready[standard_input] and io.read(1) == nil then break end
  if ready[listener] then
    local connection = listener:accept()
    connection:settimeout(0)
    count = count + 1
    resume(coroutine.create(serve), connection, count)
  end
  for connection, thread in pairs(waiting) do
    if ready[connection] then
      waiting[connection] = nil
      resume(thread)
      break
    end
  end
end
