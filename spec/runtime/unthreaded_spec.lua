-- Event loops where the OpenSSL in the process has been built without threads: no thread drives
-- their calls. `./dev test` runs spec/runtime/loop_spec.lua in that way, too.

local build = require "spec.support.hosts.build"
local lua_process = require "spec.support.lua_process"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"

local PROGRAM = [[
  local core = require "sms.core"
  local loop = require "sms.runtime.loop"
  local socket = require "socket"
  local watched, sleepers = nil, {}
  local runtime = loop.new {
    watch = function(descriptor, callback)
      watched = { getfd = function() return descriptor end, callback = callback }
      return function() watched = nil end
    end,
    sleep = function(seconds)
      sleepers[coroutine.running()] = core.now() + seconds
      coroutine.yield()
    end,
  }
  local client = require "sms".nexmo { api_key = "abcd1234", api_secret = "Secret0123456789",
    base_url = %q, rate_limit = false, runtime = runtime }

  local function threads()
    return io.open "/proc/self/status":read "*a":match "Threads:%%s*(%%d+)"
  end

  local left, most = 3, threads()
  for i = 1, left do
    coroutine.wrap(function()
      local result, err = client:send_sms { from = "Acme", to = "447700900000", text = "Hello",
        ["client-ref"] = "c" .. i }
      print(result and result.messages[1]["client-ref"] or err)
      left = left - 1
    end)()
  end
  while left > 0 do
    for _, object in ipairs((socket.select({ watched }, nil, 5))) do object.callback() end
    most = math.max(most, threads())
  end
  print("watched:", watched, "threads:", most)
]]

-- A sanitizer's run time would have to come first.
local preloaded = build.is_sanitized and pending or it

describe("An OpenSSL without threads in an event loop", function()
  local box = sandbox.for_specs()

  local function run(preload)
    local lines = {}
    for line in lua_process.run(PROGRAM:format(box.urls.nexmo), {
      LD_PRELOAD = preload and build.folder .. "/preload/no_openssl_threads.so" or "",
    }):gmatch "[^\n]+" do
      lines[#lines + 1] = line
    end
    local last = table.remove(lines)
    table.sort(lines)
    return table.concat(lines, " "), last
  end

  before_each(function()
    box:fault { operation = "send_sms", kind = "latency", seconds = 0.1 }
  end)

  preloaded("lets the loop drive its calls itself, without a thread", function()
    local refs, last = run(true)
    assert.equal("c1 c2 c3", refs)
    assert.equal("watched:\tnil\tthreads:\t1", last)
  end)

  preloaded("is missing elsewhere: there a thread drives them", function()
    local refs, last = run(false)
    assert.equal("c1 c2 c3", refs)
    assert.equal("watched:\tnil\tthreads:\t2", last)
  end)

  it("is looked for by a name that a library need not have", function()
    local symbols = process.output_of(("nm -D --undefined-only %s/luajit/sms/core.so"):format(
      build.folder))
    assert.matches(" w CRYPTO_THREAD_get_current_id", symbols, 1, true)
  end)
end)
