-- What a worker of nginx may lack: descriptors, connections, timers, wake-ups, its pump. Locations
-- of the specs, beside those of spec.support.nginx.handlers.

local core = require "sms.core"
local ffi = require "ffi"
local handlers = require "spec.support.nginx.handlers"
local sms = require "sms"

local edge = {}

local RLIMIT_NOFILE = 7

ffi.cdef [[
  struct spec_limit { unsigned long current, most; };
  int getrlimit(int resource, struct spec_limit *limit);
  int setrlimit(int resource, const struct spec_limit *limit);
  int dup(int descriptor);
  int close(int descriptor);
  void spec_refuse_wakes(int count);
  void spec_refuse_bytes(int count);
]]

local limits = ffi.new "struct spec_limit[2]"

-- So many descriptors more may be opened; calls what gives back the others.
local function allow_descriptors(more)
  local free = ffi.C.dup(0)
  ffi.C.close(free)
  ffi.C.getrlimit(RLIMIT_NOFILE, limits[0])
  limits[1].current, limits[1].most = free + more, limits[0].most
  assert(ffi.C.setrlimit(RLIMIT_NOFILE, limits[1]) == 0)
  return function()
    ffi.C.setrlimit(RLIMIT_NOFILE, limits[0])
  end
end

-- What a call comes to, raised or not, and how long it takes.
local function timed_call(options)
  ngx.update_time()
  local began = ngx.now()
  local ok, told = pcall(handlers.call, ngx.var.arg_ref, options)
  ngx.update_time()
  if not ok then
    told = { raised = tostring(told) }
  end
  told.seconds = ngx.now() - began
  return told
end

--- One call; its deadline is the argument `deadline`.
function edge.one()
  handlers.say(timed_call { deadline = tonumber(ngx.var.arg_deadline) })
end

--- One call while as many descriptors may be opened as the argument `more` says.
function edge.starved()
  local give_back = allow_descriptors(tonumber(ngx.var.arg_more))
  local told = timed_call()
  give_back()
  handlers.say(told)
end

--- One call while all connections of the worker are in use.
function edge.crowded()
  local connections = {}
  while true do
    local connection = ngx.socket.tcp()
    local raised, ok = pcall(connection.connect, connection, "127.0.0.1", ngx.var.server_port)
    if not (raised and ok) then break end
    connections[#connections + 1] = connection
  end
  local told = timed_call()
  for _, connection in ipairs(connections) do connection:close() end
  told.connections = #connections
  handlers.say(told)
end

--- Calls, one alone and two side by side, while nginx gives no semaphore.
function edge.bare()
  local semaphore = require "ngx.semaphore"
  local new = semaphore.new
  semaphore.new = function() return nil, "no memory" end
  local one = timed_call()
  local ok, two = pcall(sms.all, { timed_call, timed_call })
  semaphore.new = new
  handlers.say { one, ok and two[1][1] or { raised = tostring(two) }, ok and two[2][1] }
end

--- As many wake-ups of the driver thread, and of the worker, fail as the arguments say.
function edge.refuse()
  ffi.C.spec_refuse_wakes(tonumber(ngx.var.arg_wakes))
  ffi.C.spec_refuse_bytes(tonumber(ngx.var.arg_bytes))
  handlers.say {}
end

-- Ways in which the pump's next socket breaks.
local WAYS = {
  raise = function(_, name)
    if name == "connect" then error "no memory" end
  end,
  refuse = function(_, name)
    if name == "connect" then return true, nil, "no memory" end
  end,
  break_off = function(_, name)
    if name == "receive" then error "broken off" end
  end,
  vanish = function(_, name)
    if name == "receive" then ngx.exit(ngx.OK) end -- its light thread ends, and nobody is told
  end,
}

--- The next socket breaks as the argument `how` says.
function edge.break_socket()
  local way, tcp = WAYS[ngx.var.arg_how], ngx.socket.tcp
  ngx.socket.tcp = function() -- luacheck: ignore 122
    ngx.socket.tcp = tcp -- luacheck: ignore 122
    local connected = tcp()
    return setmetatable({}, { __index = function(_, name)
      return function(_, ...)
        local done, value, why = way(connected, name)
        if done then return value, why end
        return connected[name](connected, ...)
      end
    end })
  end
  handlers.say {}
end

--- All timers that may run do, until `give_back` is asked for.
function edge.take_timers()
  edge.are_taken = true
  local ok, why = ngx.timer.at(0, function()
    while edge.are_taken do ngx.sleep(0.01) end
  end)
  handlers.say { ok = ok, why = why }
end

function edge.give_back_timers()
  edge.are_taken = false
  ngx.sleep(0.05)
  handlers.say {}
end

--- One call in a light thread that is killed a moment later.
function edge.dropped()
  local thread = ngx.thread.spawn(handlers.call, ngx.var.arg_ref)
  ngx.sleep(0.1)
  ngx.thread.kill(thread)
  handlers.say {}
end

--- Three calls, and then nothing else in the worker for as many seconds as the argument says.
function edge.blocked()
  local threads, told = {}, {}
  for i = 1, 3 do threads[i] = ngx.thread.spawn(handlers.call, "b" .. i) end
  os.execute("sleep " .. tonumber(ngx.var.arg_seconds))
  for i, thread in ipairs(threads) do told[i] = select(2, ngx.thread.wait(thread)) end
  handlers.say(told)
end

--- One call whose letter is lost, and no other.
function edge.lose_letter()
  local methods = debug.getmetatable(core.mailbox()).__index
  local submit, take, lost = methods.submit, methods.take, nil
  function methods.submit(...)
    methods.submit = submit
    lost = submit(...)
    return lost
  end
  function methods.take(mailbox)
    local id = take(mailbox)
    return id == lost and take(mailbox) or id ~= lost and id or nil
  end
  local told = handlers.call(ngx.var.arg_ref, { timeout = 0.1 })
  methods.take = take
  handlers.say(told)
end

return edge
