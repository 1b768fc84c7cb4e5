-- How nginx may be set up: its user, the folder of the socket, no code cache.

local child = require "spec.support.child"
local lua_process = require "spec.support.lua_process"
local nginx = require "spec.support.servers.nginx"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"

local INIT = [[
  sms = require "sms"
  handlers = require "spec.support.nginx.handlers"
  handlers.open("%s")
  %s
]]

local LOCATIONS = [[
  location /one { content_by_lua_block { handlers.one() } }
  location /many { content_by_lua_block { handlers.many() } }
  location /later { content_by_lua_block { sms.later(handlers.call) } }
  location /doctor {
    content_by_lua_block { handlers.say((require("sms.nginx").doctor())) }
  }
  location /folder {
    content_by_lua_block {
      handlers.say { pcall(require("sms.nginx").socket_folder, ngx.var.arg_path) }
    }
  }
]]

local REQUESTS = os.getenv "SMS_TEST_LONG" and 500 or 40 -- without code cache, four times

local function none() end

local by_thread = nginx.has_driver_thread and it or none
local by_worker = nginx.has_driver_thread and none or it

describe("A set-up of nginx", function()
  local box, server = sandbox.for_specs(), nginx.for_specs()

  local function start(more_init, options)
    server:start({ init = INIT:format(box.urls.nexmo, more_init or ""),
      locations = LOCATIONS }, options)
  end

  local function check_of(name)
    for _, check in ipairs(server:ask "/doctor") do
      if check.name == name then return check end
    end
  end

  by_thread("without a place for the socket gives errors that name the folder", function()
    start [[require("sms.nginx").socket_folder "/proc/nowhere"]]
    for _ = 1, 3 do
      local told = server:ask "/one?ref=x"
      assert.equal("internal", told.kind)
      assert.equal("not_sent", told.outcome)
      assert.equal("no folder for the socket to the driver thread: cannot write to "
        .. "/proc/nowhere: No such file or directory", told.message)
    end
    local check = check_of "socket"
    assert.is_false(check.ok)
    assert.matches("cannot write to /proc/nowhere: No such file", check.message)
    assert.equal(0, box:count())
  end)

  by_worker("without a place for the socket is sound where the worker drives the engine", function()
    start [[require("sms.nginx").socket_folder "/proc/nowhere"]]
    assert.equal("x", server:ask "/one?ref=x".ref)
    assert.is_true(check_of("socket").ok)
  end)

  it("can name its own folder, which is left empty", function()
    local folder = process.output_of "mktemp -d"
    child.shell("chmod 777 " .. folder)
    start(('require("sms.nginx").socket_folder "%s"'):format(folder))
    assert.is_true(check_of("socket").ok)
    assert.equal("x", server:ask "/one?ref=x".ref)
    assert.is_true(check_of("socket").ok)
    assert.same({}, child.names_in(folder))
    child.shell("rmdir " .. folder)
  end)

  by_thread("removes what a worker left in the folder that was killed while it made a socket",
    function()
      local folder = process.output_of "mktemp -d"
      start(('require("sms.nginx").socket_folder "%s"'):format(folder))
      lua_process.run(([[
        assert(require "sms.core".mailbox():listen %q)
        os.execute "kill -9 $PPID"
        repeat until false
      ]]):format(folder))
      assert.equal(1, #child.names_in(folder))
      assert.equal("x", server:ask "/one?ref=x".ref)
      assert.same({}, child.names_in(folder))
      child.shell("rmdir " .. folder)
    end)

  it("cannot name a folder that no socket can be in", function()
    start()
    assert.matches("a path of at most %d+ bytes was expected",
      server:ask("/folder?path=/" .. ("x"):rep(90))[2])
    assert.matches("a path of at most", server:ask("/folder")[2])
  end)

  it("leaves no folder behind at its end", function()
    local function folders()
      return process.output_of "ls -d /dev/shm/sms-?????? /tmp/sms-?????? 2>/dev/null"
    end
    local before = folders()
    start()
    assert.equal("x", server:ask "/one?ref=x".ref)
    process.wait("no new folder", 5, function() -- others may have one for a moment
      for name in folders():gmatch "%S+" do
        if not before:find(name, 1, true) then return false end
      end
      return true
    end)
  end)

  it("may run its workers as another user", function()
    if not nginx.is_root then return pending "needs root" end
    start(nil, { user = "nobody nogroup", workers = 2 })
    for i = 1, 20 do assert.equal("n" .. i, server:ask("/one?ref=n" .. i).ref) end
    assert.is_true(check_of("socket").ok)
    local worker = server:workers()[1]
    assert.matches("Uid:%s65534", process.read(("/proc/%d/status"):format(worker)))
  end)

  local function settled(pid)
    local before = process.usage(pid)
    return process.wait("unused Lua states to end", 10, function()
      local usage = process.usage(pid)
      local still = usage.descriptors <= before.descriptors and usage
      before = usage
      return still
    end)
  end

  local function hundreds(path)
    for i = 1, REQUESTS do
      local told = server:ask(path .. i)
      assert.equal("c" .. i, told.ref or told[1]:match "^[^-]+", told.message)
    end
    box:clear_arrivals()
  end

  it("without code cache loses neither memory nor descriptors nor threads", function()
    start(nil, { code_cache = false })
    local worker = server:workers()[1]
    hundreds "/one?ref=c"
    process.wait("the pumps to end", 5, function()
      return process.usage(worker).descriptors < 40
    end)
    local before = settled(worker)
    for _ = 1, 3 do hundreds "/one?ref=c" end
    hundreds "/many?n=3&ref=c"
    process.wait("the pumps to end", 5, function()
      return process.usage(worker).descriptors <= before.descriptors + 2
    end)
    local after = process.usage(worker)
    print(("# %d requests without code cache: %d descriptors, then %d; %d KB, then %d"):format(
      4 * REQUESTS, before.descriptors, after.descriptors, before.memory, after.memory))
    assert.is_true(after.threads <= before.threads, "threads")
    if not nginx.sanitized then
      assert.is_true(after.memory < before.memory * 1.3 + 4096,
        ("%d KB, then %d KB"):format(before.memory, after.memory))
    end
    assert.equal("", server:log "lua_code_cache is off")
    server:signal "QUIT"
    process.wait("the worker to quit", 2.25, function() return not process.lives(worker) end)
  end)

  it("without code cache runs functions of sms.later", function()
    start(nil, { code_cache = false })
    for _ = 1, 20 do server:get "/later" end
    process.wait("20 calls", 5, function() return box:count() == 20 end)
  end)
end)
