-- What is said where the system gives no thread, or nginx no timer.

local build = require "spec.support.hosts.build"
local lua_process = require "spec.support.lua_process"

describe("Where the system gives no threads", function()
  local ERROR = "the system gives no more threads, or no memory for one "
    .. "(ulimit -u and -v; systemd's TasksMax; pids.max)"

  local function run(program)
    return lua_process.run(program, { LD_PRELOAD = build.folder .. "/preload/no_threads.so" })
  end

  it("a call in an event loop says so", function()
    if build.is_sanitized then return pending "its run time would have to come first" end
    local output = run [[
      local loop = require "sms.runtime.loop".new { watch = function() return function() end end,
        sleep = function() end }
      local client = require "sms".retarus { username = "u", password = "p", retry = false,
        base_url = "http://127.0.0.1:1", runtime = loop }
      coroutine.wrap(function()
        local _, err = client:get_version()
        io.write(err.kind, " ", err.outcome, " ", err.message)
      end)()
    ]]
    assert.equal("internal not_sent the driver thread cannot be started: " .. ERROR, output)
  end)

  it("a synced journal says so", function()
    if build.is_sanitized then return pending "its run time would have to come first" end
    local path = os.tmpname()
    os.remove(path)
    local output = run(([[
      io.write(select(2, require "sms.core".journal(%q, true)))
    ]]):format(path))
    os.remove(path)
    assert.equal(path .. ": " .. ERROR, output)
  end)
end)

describe("Where a process has no descriptor left", function()
  it("a call in an event loop says so, and the next one works", function()
    local output = lua_process.run([[
      local loop = require "sms.runtime.loop"
      local client = require "sms".retarus { username = "u", password = "p", retry = false,
        base_url = "http://127.0.0.1:1", runtime = loop.new {
          watch = function() return function() end end, sleep = function() end } }
      local function call()
        local _, err = client:get_version()
        io.write(err.kind, " ", err.outcome, " ", err.message, ";")
      end
      local files = {}
      for i = 1, 256 do files[i] = io.open "/dev/null" end
      coroutine.wrap(call)()
      for _, file in ipairs(files) do file:close() end
      coroutine.wrap(call)()
      io.write "waits"
    ]], nil, "ulimit -n 256")
    assert.equal("internal not_sent the driver thread cannot be started: Too many open files;waits",
      output)
  end)
end)

describe("sms.later", function()
  it("gives an error as all others where nginx has no timer", function()
    local output = lua_process.run [[
      ngx = { timer = { at = function() return nil, "process exiting" end },
        worker = { exiting = function() return true end } }
      local ok, err = require "sms.runtime.nginx.later".run(print)
      io.write(tostring(ok), " ", err.kind, " ", err.outcome, " ", tostring(err))
    ]]
    assert.equal("nil internal not_sent sms later: nginx gives no timer: process exiting "
      .. "[internal, not_sent]", output)
  end)
end)
