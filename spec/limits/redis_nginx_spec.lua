-- nginx gives slots by nginx.redis, with its pool of connections.

local http = require "socket.http"
local redis_server = require "spec.support.servers.redis_server"
local socket = require "socket"

local CPATH = package.cpath:gsub("/5%.%d/", "/luajit/") -- nginx has no other Lua

-- A module that was built with sanitizers needs them in the program that loads it.
local SANITIZED = "ASAN_OPTIONS=detect_leaks=0 "
  .. [[LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)"]]

local CONFIGURATION = [=[
  load_module /usr/lib/nginx/modules/ndk_http_module.so;
  load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;
  worker_processes 2;
  daemon off;
  master_process on;
  pid DIR/pid;
  error_log DIR/error.log;
  events {}
  http {
    access_log off;
    client_body_temp_path DIR/body;
    proxy_temp_path DIR/proxy;
    fastcgi_temp_path DIR/fastcgi;
    uwsgi_temp_path DIR/uwsgi;
    scgi_temp_path DIR/scgi;
    lua_package_path "PATH";
    lua_package_cpath "CPATH";
    lua_socket_log_errors off;
    init_by_lua_block {
      local redis = require "nginx.redis"
      share = require("sms.redis").new {
        connect = function()
          local client = redis:new()
          client:set_timeout(300)
          local ok, err = client:connect("127.0.0.1", REDIS)
          if not ok then return nil, err end
          ngx.ctx.reused = client:get_reused_times()
          return client
        end,
        release = function(client, ok)
          if ok then client:set_keepalive(10000, 8) else client:close() end
        end,
      }
    }
    server {
      listen 127.0.0.1:PORT;
      location = /slot {
        content_by_lua_block {
          local core = require "sms.core"
          local period = tonumber(ngx.var.arg_period)
          local slots = assert(share:open("nexmo:nginx", 5, period))
          local index, claim, why = slots:acquire(core.now(), period)
          local arrival = core.now()
          if ngx.var.arg_finish and index then
            assert(slots:finish(index, claim, core.now()))
          end
          ngx.say(index and "taken" or claim and "wait" or why)
          ngx.say(("%.6f"):format(arrival))
          ngx.say(ngx.ctx.reused)
        }
      }
    }
  }
]=]

local function output_of(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "*a"
  pipe:close()
  return text
end

--- Whether there was a slot, when, and how often the connection had been used before.
local function asked(nginx, query)
  local body = http.request(("http://127.0.0.1:%d/slot?%s"):format(nginx.port, query))
  if not body then return nil end
  local what, arrival, reused = body:match "^(.-)\n(.-)\n(.-)\n"
  return what, tonumber(arrival), tonumber(reused)
end

local function start_nginx(server)
  local dir = output_of("mktemp -d"):match "[^\n]+"
  local nginx = { dir = dir, port = server.port + 1 }
  local here = output_of("pwd"):match "[^\n]+"
  local values = {
    DIR = dir, PORT = tostring(nginx.port), REDIS = tostring(server.port),
    PATH = here .. "/lua/?.lua;;", CPATH = CPATH,
  }
  local file = assert(io.open(dir .. "/conf", "w"))
  file:write((CONFIGURATION:gsub("%f[%w]%u+%f[%W]", values)))
  file:close()
  local pid = output_of(([[
    chmod 755 %s
    %s nginx -p %s -c %s/conf >/dev/null 2>&1 </dev/null &
    echo $!
  ]]):format(dir, CPATH:find("/asan/", 1, true) and SANITIZED or "", dir, dir))
  nginx.pid = pid:match "%d+"
  local give_up = socket.gettime() + 10
  while not asked(nginx, "period=1") do
    assert(socket.gettime() < give_up, "nginx does not come up")
    socket.sleep(0.01)
  end
  return nginx
end

describe("slots in Redis, in nginx", function()
  local server, nginx

  setup(function()
    server = redis_server.start()
    nginx = start_nginx(server)
  end)
  teardown(function()
    os.execute(("kill -QUIT %s; rm -rf %s"):format(nginx.pid, nginx.dir))
    server:stop()
  end)

  it("are as many as there may be, for all workers, over kept connections", function()
    asked(nginx, "period=60")
    server:command("HSET", "sms:{nexmo:nginx:5/60000000}:state", "lost", 0)
    local counts, kept = { taken = 0, wait = 0 }, 0
    for _ = 1, 20 do
      local what, _, reused = asked(nginx, "period=60")
      counts[what] = counts[what] + 1
      kept = math.max(kept, reused)
    end
    assert.are.same({ taken = 5, wait = 15 }, counts)
    assert.is_true(kept > 0)
  end)

  it("come back when the attempts have ended", function()
    local arrivals = {}
    while #arrivals < 30 do
      local what, arrival = asked(nginx, "period=0.2&finish=1")
      if what == "taken" then arrivals[#arrivals + 1] = arrival end
    end
    for i = 1, #arrivals - 5 do assert.is_true(arrivals[i + 5] - arrivals[i] >= 0.2) end
  end)

  it("are not given out while Redis is stopped or away", function()
    server:pause()
    assert.are.equal("Redis gave no answer: timeout", (asked(nginx, "period=1")))
    server:resume()
    server:kill()
    assert.truthy(asked(nginx, "period=1"):find "^Redis")
    server:launch()
    assert.are.equal("wait", (asked(nginx, "period=1")))
  end)
end)
