-- The sandbox itself, checked with plain HTTP and by tables. What each provider answers is
-- checked in sandbox/spec/.

local calls = require "sandbox.spec.calls"
local child = require "spec.support.child"
local cjson = require "cjson"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"
local socket = require "socket"

local call, sms, raw_sms = calls.call, calls.sms, calls.raw_sms
local box

describe("The sandbox", function()
  setup(function()
    box = sandbox.start { workers = 2 }
    calls.box = box
  end)
  teardown(function() box:stop() end)
  before_each(function() box:reset() end)

  for _, part in ipairs { "nexmo_sms", "nexmo", "nexmo_calls", "nexmo_voice", "nexmo_webhooks",
    "retarus", "clients" } do
    require("sandbox.spec." .. part)(it, assert)
  end

  it("names all its listeners", function()
    for _, name in ipairs { "retarus", "retarus_send", "retarus_de2", "retarus_de1", "nexmo",
      "nexmo_rest", "nexmo_api", "control" } do
      assert.matches("^http://127%.0%.0%.1:%d+$", box.urls[name])
    end
  end)

  it("has limits of its own where they are set", function()
    box:settings { nexmo_limit = 1, retarus_limit = 1 }
    local answers = {}
    for i = 1, 3 do answers[i] = (sms {}) end
    assert.equal("1", answers[2] == "1" and "1" or answers[3])
    call("GET", "/rest/v1/version")
    local second, third = call("GET", "/rest/v1/version"), call("GET", "/rest/v1/version")
    assert.equal(429, second == 429 and 429 or third)
  end)

  it("spoils answers in every way", function()
    local whole = '^HTTP/1.1 200 .*"status":"0"'
    for _, case in ipairs {
      { { kind = "lost_answer" }, "^$", true },
      { { kind = "lost_answer", how = "reset" }, "^$", true },
      { { kind = "lost_answer", how = "cut_head" }, "^HTTP/1.1 200 OK\r\nContent%-[%w%-:/ ]*$",
        true },
      { { kind = "lost_answer", how = "cut_body" }, '\r\n\r\n{.*[^}]$', true },
      { { kind = "cut", at = 17 }, "^HTTP/1.1 200 OK\r\n$", true },
      { { kind = "cut", at = 1e6 }, '"status":"0".*}$', true },
      { { kind = "close" }, "^$" }, { { kind = "reset" }, "^$" },
      { { kind = "latency", seconds = 0.01 }, whole, true },
      { { kind = "latency", seconds = 0.01, when = "before" }, whole, true },
      { { kind = "throttle" }, "please wait %[ 702 %] and retry" },
      { { kind = "throttle", text = "plain" }, "please wait and retry" },
      { { kind = "throttle", text = "window", wait = 471 }, "_START %[ 529 %]" },
      { { kind = "throttle", http = true, retry_after = 3 }, "^HTTP/1.1 429.*Retry%-After: 3" },
      { { kind = "status", status = 503, body = "busy", headers = { ["X-A"] = "b" } },
        "^HTTP/1.1 503.*X%-A: b.*\r\n\r\nbusy$" },
      { { kind = "status", status = 500, processed = true }, "^HTTP/1.1 500", true },
      { { kind = "nexmo_status", code = 10 }, '"status":"10"' },
      { { kind = "nexmo_status", code = 5, parts = { 1 } }, '"status":"5"' },
      { { kind = "garbage" }, "<html>", true }, { { kind = "empty" }, "\r\n\r\n$", true },
      { { kind = "oversized", bytes = 100000 }, ("x"):rep(99000), true },
      { { kind = "nulls" }, '"status":null', true }, { { kind = "shape" }, "%[true%]$", true },
      { { kind = "shape", body = "7" }, "\r\n\r\n7$", true },
    } do
      local fault = case[1]
      fault.operation, fault.count, fault.to = "send_sms", 1, "0900"
      box:fault(fault)
      local before = box:count()
      assert.matches(case[2], (raw_sms()), fault.kind)
      local arrivals = box:arrivals()
      assert.equal(before + 1, #arrivals)
      assert.equal(case[3] or false, arrivals[#arrivals].accepted, fault.kind)
      assert.equal(fault.kind, arrivals[#arrivals].fault)
      assert.matches(whole, (raw_sms()))
    end
  end)

  it("lets faults skip, count, match and end", function()
    local function statuses(n)
      local list = {}
      for i = 1, n do list[i] = (sms { ["client-ref"] = "r" .. i }) end
      return table.concat(list, " ")
    end
    box:fault { kind = "nexmo_status", code = 7, skip = 1, count = 2 }
    assert.equal("0 7 7 0", statuses(4))
    box:fault { { kind = "nexmo_status", code = 5, ref = "r2" }, { kind = "nexmo_status", code = 6,
      provider = "retarus" }, { kind = "nexmo_status", code = 8, host = "rest", ref = "r3" } }
    assert.equal("0 5 8", statuses(3))
    box:clear_faults()
    box:fault { kind = "nexmo_status", code = 7, probability = 0 }
    assert.equal("0 0", statuses(2))
    assert.has_error(function() box:fault { kind = "earthquake" } end)
    assert.has_error(function() box:fault { kind = "close", conut = 1 } end)
    assert.has_error(function() box:settings { no_such = 1 } end)
    assert.has_error(function() box:settings { record = "yes" } end)
  end)

  it("records what it saw, without secrets", function()
    sms({ api_key = "abcd1234", api_secret = "Secret0123456789", ["client-ref"] = "r-9" },
      { authorization = false })
    call("GET", "/number/search?country=GB&api_secret=Secret0123456789&sig=abcdef")
    local list = box:arrivals()
    local first = list[1]
    assert.same({ "send_sms", "r-9", "447700900000", "nexmo", "POST", "/sms/json", true, 1 },
      { first.operation, first.ref, first.to, first.host, first.method, first.path, first.accepted,
        first.parts })
    assert.is_true(math.abs(first.time / 1e6 - socket.gettime()) < 5)
    assert.is_true(first.time > 1.6e15 and first.time % 1 == 0)
    assert.is_nil(cjson.encode(list):find("Secret0123456789", 1, true))
    assert.equal("Basic", list[2].authorization)
    assert.is_nil(list[2].query:find("abcdef", 1, true))
    box:settings { record = false }
    sms {}
    assert.equal(2, box:count())
    box:reset()
    assert.equal(0, box:count())
  end)

  it("comes over HTTPS too", function()
    local secure = sandbox.start { tls = true }
    finally(function() secure:stop() end)
    local pipe = io.popen(("openssl s_client -quiet -verify_return_error -CAfile %s "
      .. "-connect %s 2>&1 <<E\n"
      .. "GET /rest/v1/version HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nE")
      :format(secure.urls.ca_file, secure.urls.retarus_tls:match "//(.*)$"))
    local text = pipe:read "*a"
    pipe:close()
    assert.matches("buildNumber", text)
  end)

  -- What sandbox/start says in an environment, once it has been stopped again.
  local function started_in(environment)
    local folder = process.output_of "mktemp -d"
    local command = ("env %s timeout 20 %s/start %s"):format(environment, box.folder, folder)
    local ended = child.shell(command)
    child.shell(("%s/stop %s"):format(box.folder, folder))
    child.shell("rm -r " .. folder)
    return ended
  end

  it("says in one line that the disk is full, starts nothing and leaves no file there", function()
    if child.shell("unshare -m mount -t tmpfs none /tmp").status ~= 0 then
      return pending "nothing can be mounted here"
    end
    local folder = process.output_of "mktemp -d"
    finally(function() child.shell("rm -r " .. folder) end)
    for _, pages in ipairs { 1, 3, 4, 8, 16 } do -- nginx.conf alone takes one or two
      local ended = child.shell(("unshare -m sh -c %s"):format(child.quoted((
        "mount -t tmpfs -o size=%dk none %s; %s/start %s/box; s=$?; find %s -type f; exit $s")
        :format(pages * 4, folder, box.folder, folder, folder))))
      assert.same({ 1, "" }, { ended.status, ended.out })
      assert.matches("^sandbox: cannot write /%S+/box/%S+: No space left on device\n$", ended.err)
      assert.equal(1, child.shell("pgrep -f " .. child.quoted("[m]aster.*" .. folder)).status)
    end
    local ended = child.shell(box.folder .. "/start /proc/nowhere")
    assert.equal(1, ended.status)
    assert.matches("^sandbox: cannot create directory [^\n]+\n$", ended.err)
  end)

  it("inherits no sockets: NGINX is nginx's own variable for these", function()
    local ended = started_in "NGINX=/usr/sbin/nginx"
    assert.equal(0, ended.status, ended.err)
    assert.matches("retarus=http://127", ended.out)
  end)

  it("has its modules where LuaRocks' paths are those of another Lua", function()
    local folder = process.output_of "mktemp -d"
    child.shell(("echo of another Lua >%s/cjson.so"):format(folder))
    local ended = started_in(("LUA_CPATH='%s/?.so' LUA_PATH='%s/?.lua'"):format(folder, folder))
    child.shell("rm -r " .. folder)
    assert.equal(0, ended.status, ended.err)
  end)

  it("runs another program, with other modules", function()
    local folder = process.output_of "mktemp -d"
    finally(function() child.shell("rm -r " .. folder) end)
    local found = child.shell(([[cd %s
      nginx=${SMS_NGINX:-$(PATH=$PATH:/usr/sbin command -v nginx)}
      folder=${SMS_NGINX_MODULES:-$($nginx -V 2>&1 | tr ' ' '\n' | sed -n 's/^--modules-path=//p')}
      cp "$folder"/*_lua_module.so "$folder"/ndk_http_module.so . || exit 1
      printf '#!/bin/sh\necho $* >>%%s\nexec %%s "$@"\n' $PWD/said "$nginx" >other
      chmod 755 other]]):format(folder))
    if found.status ~= 0 then return pending "nginx has its module for Lua built in" end
    local environment = ("SMS_NGINX=%s/other SMS_NGINX_MODULES=%s"):format(folder, folder)
    assert.equal(0, started_in(environment).status)
    assert.matches("%-c [^\n]+/nginx.conf", process.read(folder .. "/said"))
    child.shell(("rm %s/*_module.so"):format(folder))
    local ended = started_in(environment)
    assert.equal(1, ended.status)
    assert.equal(("sandbox: SMS_NGINX_MODULES: there is no ngx_http_lua_module.so in %s\n")
      :format(folder), ended.err)
  end)
end)
