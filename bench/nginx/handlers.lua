--- What the nginx under measurement runs, as bench/nginx/run says.

local cosocket = require "cosocket"
local sms = require "sms"

local ngx = ngx -- luacheck: ignore

local handlers = {}

local PARAMS = { from = "Acme", to = "447700900000", text = "Hello from nginx",
  ["client-ref"] = "r-1" }

local clients = {}

--- The way through the driver thread alone: one request, made beforehand, unread answers.
local function prepared(client)
  local runtime = require "sms.runtime.nginx"
  local built = {
    method = "POST", url = client.settings.urls.rest .. "/sms/json", content = "form",
    body = ngx.encode_args(PARAMS), auth = "basic",
  }
  return { send_sms = function()
    return runtime.perform(client.transports.rest, built, 30, 5, 0)
  end }
end

local KEY, SECRET = "abcd1234", "Secret0123456789"

local function library_of(base_url, more)
  local options = { api_key = KEY, api_secret = SECRET, rate_limit = false, base_url = base_url }
  for name, value in pairs(more) do
    options[name] = value
  end
  return sms.nexmo(options)
end

local function clients_of(scheme, port, tls, more)
  local library = library_of(scheme .. "://127.0.0.1:" .. port, more)
  return { library = library, driver = prepared(library),
    cosocket = cosocket.new("127.0.0.1", port, KEY, SECRET, tls) }
end

--- Makes all clients, of an upstream that answers at once and of one that takes its time.
function handlers.open(port, tls_port, ca_file)
  clients.plain = clients_of("http", port, false, {})
  clients.tls = clients_of("https", tls_port, true, { ca_file = ca_file })
  local slow = "http://127.0.0.1:" .. port .. "/slow"
  clients.slow = library_of(slow, { max_connections = 1000 })
  clients.queue = library_of(slow, { max_connections = 64 })
end

--- Seconds that the worker's own thread has been on the CPU.
local function own_time()
  local file = assert(io.open(("/proc/self/task/%d/schedstat"):format(ngx.worker.pid())))
  local nanoseconds = file:read "*n"
  file:close()
  return nanoseconds / 1e9
end

local function now()
  ngx.update_time()
  return ngx.now()
end

--- Makes `n` calls through `client` by a `way`, so many `in_flight`. Answers with the
--- seconds that passed, the CPU seconds of the worker's own thread, and those of all its threads.
function handlers.run()
  local client = clients[ngx.var.arg_way][ngx.var.arg_client]
  local left, in_flight = tonumber(ngx.var.arg_n), tonumber(ngx.var.arg_in_flight)
  local threads = {}
  local function work()
    while left > 0 do
      left = left - 1
      local result, err = client:send_sms(PARAMS)
      if not result then
        error(tostring(err))
      end
    end
    return true
  end
  local began, own, all = now(), own_time(), os.clock()
  for i = 1, in_flight do
    threads[i] = ngx.thread.spawn(work)
  end
  for _, thread in ipairs(threads) do
    assert(ngx.thread.wait(thread))
  end
  ngx.say(now() - began, " ", own_time() - own, " ", os.clock() - all)
end

--- One call to the upstream that takes its time.
function handlers.wait()
  local result, err = clients.slow:send_sms(PARAMS)
  ngx.status = result and 200 or 500
  ngx.say(tostring(err))
end

--- Calls by `callers` at once, of which 64 have a connection, to the upstream that takes its
--- time; they begin one after the other. Answers with the median and p99 of their milliseconds.
function handlers.queue()
  local callers, calls = tonumber(ngx.var.arg_callers), tonumber(ngx.var.arg_n)
  local threads, took = {}, {}
  local function call()
    local began = now()
    local result, err = clients.queue:send_sms(PARAMS)
    assert(result, tostring(err))
    took[#took + 1] = 1000 * (now() - began)
  end
  for i = 1, callers do
    threads[i] = ngx.thread.spawn(function()
      ngx.sleep(i * 0.2 / 64)
      for _ = 1, calls / callers do
        call()
      end
      return true
    end)
  end
  for _, thread in ipairs(threads) do
    assert(ngx.thread.wait(thread))
  end
  table.sort(took)
  ngx.say(took[math.ceil(#took / 2)], " ", took[math.ceil(0.99 * #took)])
end

return handlers
