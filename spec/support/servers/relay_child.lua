-- The process behind relay.lua: one line of control, and pairs of connections, until stdin ends.

local socket = require "socket"

local host, port = arg[1], tonumber(arg[2])
local standard_input = { getfd = function() return 0 end, dirty = function() return false end }
local control = assert(socket.bind("127.0.0.1", 0))
local listener = assert(socket.bind("127.0.0.1", 0, 64))
local pairs_of, other, commander = {}, {}, nil -- socket -> its side, and the other socket
local plan, passed, head = nil, nil, nil

local function forget()
  passed, head = { request = 0, reply = 0 }, { request = 0, reply = 0 }
  plan = nil
end

local function port_of(server)
  return (select(2, server:getsockname()))
end

local function let_go(one)
  pairs_of[one], pairs_of[other[one]] = nil, nil
end

local function close(one)
  local two = other[one]
  let_go(one)
  other[one], other[two] = nil, nil
  one:close()
  two:close()
end

local ways = { close = close, stall = let_go }

function ways.reset(one)
  for _, connection in ipairs { one, other[one] } do
    connection:setoption("linger", { on = true, timeout = 0 })
  end
  close(one)
end

local function cut(one)
  local way = plan.way
  plan = nil
  ways[way](one)
end

local function accept()
  local one = assert(listener:accept())
  local behind = assert(socket.connect(host, port))
  other[one], other[behind] = behind, one
  pairs_of[one], pairs_of[behind] = "request", "reply"
  for _, connection in ipairs { one, behind } do
    connection:setoption("tcp-nodelay", true)
    connection:settimeout(0)
  end
  if plan and plan.side == "accept" then cut(one) end
end

local function send(connection, data)
  local at = 1
  while at <= #data do
    local last, why, sent = connection:send(data, at)
    if why == "closed" then return end
    at = (last or sent) + 1
    if at <= #data then socket.select(nil, { connection }) end
  end
end

local function note(side, data)
  if head[side] == 0 then
    local _, last = data:find("\r\n\r\n", 1, true)
    head[side] = last and passed[side] + last or 0
  end
  passed[side] = passed[side] + #data
end

local function pass(one)
  local side = pairs_of[one]
  local data, why, rest = one:receive(65536)
  data = data or rest
  if data == "" then
    if why == "closed" then close(one) end
    return
  end
  local room = plan and plan.side == side and plan.at - passed[side]
  note(side, data)
  if room and #data >= room then
    send(other[one], data:sub(1, room))
    cut(one)
  else
    send(other[one], data)
  end
end

local commands = {}

function commands.plan(side, at, way)
  forget()
  plan = { side = side, at = tonumber(at), way = way }
end

function commands.none()
  forget()
end

function commands.drop()
  while next(other) do close((next(other))) end
end

function commands.count()
  return ("%d %d %d %d"):format(passed.request, head.request, passed.reply, head.reply)
end

local function obey()
  local line = commander:receive "*l"
  if not line then
    commander = nil
    return
  end
  local name, side, at, way = line:match "^(%l+) ?(%l*) ?(%d*) ?(%l*)$"
  commander:send((commands[name](side, at, way) or "done") .. "\n")
end

forget()
io.write(port_of(control), " ", port_of(listener), "\n")
io.flush()

while true do
  local readers = { standard_input, control, listener, commander }
  for one in pairs(pairs_of) do readers[#readers + 1] = one end
  local ready = socket.select(readers)
  if ready[standard_input] and io.read(1) == nil then break end
  if ready[control] then
    commander = control:accept()
    commander:setoption("tcp-nodelay", true)
  end
  if commander and ready[commander] then
    obey()
  else
    if ready[listener] then accept() end
    for one in pairs(pairs_of) do
      if ready[one] then
        pass(one)
        break
      end
    end
  end
end
