-- What breaks in a worker of nginx while calls are under way, or is broken there from the start:
-- locations of the specs, beside those of spec.support.nginx.handlers.

local core = require "sms.core"
local ffi = require "ffi"
local handlers = require "spec.support.nginx.handlers"

local broken = {}

local AF_UNIX, SHUT_RDWR = 1, 2

ffi.cdef [[
  struct spec_address { unsigned short family; char path[108]; };
  int getsockname(int socket, struct spec_address *address, unsigned *size);
  int shutdown(int socket, int how);
]]

--- One call in a light thread that is killed as soon as its request has been submitted, if
--- it has not ended by then.
function broken.kill()
  local pump = require "sms.runtime.nginx.pump"
  local thread = ngx.thread.spawn(handlers.call, ngx.var.arg_ref)
  while pump.in_flight() == 0 and ngx.var.arg_early == nil
    and coroutine.status(thread) ~= "zombie" do
    ngx.sleep(0.001) -- 0 would run no other timer
  end
  ngx.thread.kill(thread)
  handlers.say { in_flight = pump.in_flight() }
end

-- Makes the client anew, with a limit of 5 calls in 10 s.
local function open_limited(options)
  options.rate_limit = { calls = 5, period = 10, share = "process" }
  handlers.open(ngx.var.arg_base, options)
end

-- Slots that are free in so many seconds, if nothing happens until then.
local function free_in(seconds)
  return handlers.nexmo.limits:free(core.now() + seconds)[1].slots
end

--- One call whose answer never comes from the driver.
function broken.unanswered()
  debug.getmetatable(core.mailbox()).__index.take = function() end
  open_limited {}
  local told = handlers.call("unanswered", { timeout = 0.1 })
  told.free = { free_in(0), free_in(8) }
  handlers.say(told)
end

-- The driver's end of the pump's socket, which has the name of the folder it was made in.
local function driver_end()
  local address, size = ffi.new "struct spec_address", ffi.new "unsigned[1]"
  for number = 3, 1023 do
    size[0] = ffi.sizeof(address)
    if ffi.C.getsockname(number, address, size) == 0 and address.family == AF_UNIX
      and ffi.string(address.path):find "/sms%-....../s$" then
      return number
    end
  end
end

--- Ends the pump's socket, as the kernel does.
function broken.cut()
  handlers.say { status = ffi.C.shutdown(assert(driver_end(), "no pump runs"), SHUT_RDWR) }
end

--- Makes the client anew, with one connection.
function broken.open_narrow()
  open_limited { max_connections = 1 }
  handlers.say {}
end

--- How many slots are free in as many seconds as each of the arguments `at` says.
function broken.free()
  local free = {}
  for i, seconds in ipairs(ngx.req.get_uri_args().at) do free[i] = free_in(tonumber(seconds)) end
  handlers.say(free)
end

-- Set-ups that a test cannot make for real.
local SET_UPS = {
  ca = function()
    core.libcurl = function()
      return { ca_file = "/nowhere/ca.pem", quick_exit = true, keeps_connections = true }
    end
  end,
  libcurl = function()
    core.libcurl = function()
      return { ca_file = "/dev/null", version = "7.80.0", keeps_connections = true }
    end
  end,
  tls = function()
    core.libcurl = function()
      return { ca_file = "/dev/null", tls = "GnuTLS/3.7.9", quick_exit = true }
    end
  end,
  container = function()
    core.in_container = function() return true end
  end,
  clock = function()
    os.time = function() return 1000 end -- luacheck: ignore 122
  end,
}

--- What the doctor says, as a list and as text; the argument `broken` names what is made
--- to be missing before.
function broken.doctor()
  local time = os.time
  local libcurl, in_container = core.libcurl, core.in_container
  if ngx.var.arg_broken then SET_UPS[ngx.var.arg_broken]() end
  local checks, text = require "sms.nginx".doctor()
  core.libcurl, core.in_container = libcurl, in_container
  os.time = time -- luacheck: ignore 122
  return { checks = checks, text = text }
end

return broken
