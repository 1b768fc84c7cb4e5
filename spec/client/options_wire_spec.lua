-- Client options at work over real sockets.

local lua_process = require "spec.support.lua_process"
local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"
local script = require "sms.runtime.script"
local socket = require "socket"

local http = raw_server.http
local NOWHERE = "http://127.0.0.1:1"

describe("The client option", function()
  local server

  setup(function() server = raw_server.start() end)
  teardown(function() server:stop() end)
  before_each(function()
    server:forget()
    server:reply(http(200, "{}"))
  end)

  local function first_line(number)
    local request = server:requests()[number or 1]
    return request and request.text:match "^[^\r]*"
  end

  local function elapsed(body)
    local began = socket.gettime()
    body()
    return socket.gettime() - began
  end

  it("proxy sends everything through the proxy, no_proxy nothing of its hosts", function()
    local client = retarus.client_of(NOWHERE, { proxy = server.url, retry = false })
    assert(client:get_version())
    assert.equal("GET http://127.0.0.1:1/rest/v1/version HTTP/1.1", first_line())
    server:forget()
    client = retarus.client_of(NOWHERE,
      { proxy = server.url, no_proxy = "example.com,127.0.0.1", retry = false })
    local result, err = client:get_version()
    assert.is_nil(result)
    assert.equal("connection", err.kind)
    assert.same({}, server:requests())
  end)

  it("proxy asks for a tunnel where the host has TLS, without credentials", function()
    server:reply(http(403, "no"))
    local client = retarus.client_of("https://sms.example", { proxy = server.url, retry = false })
    local result, err = client:send_job(retarus.job "+491760000001")
    assert.is_nil(result)
    assert.same({ "connection", "not_sent" }, { err.kind, err.outcome })
    assert.equal("CONNECT sms.example:443 HTTP/1.1", first_line())
    assert.is_nil(server:requests()[1].text:find("Basic", 1, true))
  end)

  it("proxy that wants other credentials is told, with its status", function()
    server:reply(http(407, "<html>Squid"))
    for base, outcome in pairs { ["https://sms.example"] = "not_sent", [NOWHERE] = "rejected" } do
      local client = retarus.client_of(base, { proxy = server.url })
      local result, err = client:send_job(retarus.job "+491760000001")
      assert.is_nil(result)
      assert.same({ "rejected", outcome, 407, true },
        { err.kind, err.outcome, err.status, err.account })
      assert.equal("the proxy wants other credentials (HTTP status 407)", err.message)
    end
    assert.equal(2, #server:requests()) -- no repeats
    server:reply(http(502, "no"))
    local client = retarus.client_of("https://sms.example", { proxy = server.url, retry = false })
    local _, err = client:get_version()
    assert.same({ "connection", "not_sent", 502 }, { err.kind, err.outcome, err.status })
    assert.equal("the proxy opened no way to the provider (HTTP status 502)", err.message)
  end)

  it("proxy is none where it is empty, whatever the environment says; so is no_proxy", function()
    for options, expected in pairs {
      ['proxy = ""'] = "connection", ['no_proxy = ""'] = "ok", [""] = "connection" } do
      local output = lua_process.run(([[
        local client = require "sms".retarus { username = "u", password = "p", retry = false,
          base_url = "http://provider.invalid", allow_http = true, %s }
        local result, err = client:get_version()
        io.write(result and "ok" or err.kind)
      ]]):format(options), { http_proxy = server.url,
        no_proxy = options ~= 'proxy = ""' and "provider.invalid" or nil })
      assert.equal(expected, output)
    end
  end)

  it("proxy that cannot be reached means nothing was sent", function()
    local client = retarus.client_of(server.url, { proxy = NOWHERE, retry = false })
    local result, err = client:send_job(retarus.job "+491760000001")
    assert.is_nil(result)
    assert.same({ "connection", "not_sent" }, { err.kind, err.outcome })
    assert.same({}, server:requests())
  end)

  it("timeout bounds each attempt, deadline all of them", function()
    server:reply { { sleep = 30 } }
    local client = retarus.client_of(server.url, { timeout = 0.1 })
    local err
    local seconds = elapsed(function() err = select(2, client:get_version()) end)
    assert.equal("timeout", err.kind)
    assert.equal(3, #server:requests())
    assert.is_true(seconds >= 0.3 and seconds < 10)
    server:forget()
    client = retarus.client_of(server.url, { timeout = 1, deadline = 1.5 })
    seconds = elapsed(function() err = select(2, client:get_version()) end)
    assert.equal("timeout", err.kind)
    assert.matches("^the deadline of 1.5 s ", err.message)
    assert.is_true(seconds >= 1.49 and seconds < 3) -- three attempts take longer
    assert.equal(2, #server:requests())
  end)

  it("max_response_bytes is the ceiling of a reply, by default 4 MiB", function()
    local function reply_of(bytes)
      server:reply(http(200, '{"message":"' .. ("x"):rep(bytes - 14) .. '"}'))
    end
    local client = retarus.client_of(server.url, { max_response_bytes = 1000, retry = false })
    reply_of(1000)
    assert.equal(986, #assert(client:get_version()).message)
    reply_of(1001)
    local result, err = client:get_version()
    assert.is_nil(result)
    assert.same({ "protocol", "ambiguous" }, { err.kind, err.outcome })
    assert.matches("^the reply is larger than allowed", err.message)
    client = retarus.client_of(server.url, { retry = false })
    reply_of(4 * 1024 * 1024)
    assert(client:get_version())
    reply_of(4 * 1024 * 1024 + 1)
    assert.is_nil((client:get_version()))
  end)

  it("keep_alive lets a connection serve again, and not when it has been idle too long", function()
    local client = retarus.client_of(server.url, { keep_alive = 1 })
    for _ = 1, 3 do assert(client:get_version()) end
    script.sleep(2.1) -- it counts whole seconds
    assert(client:get_version())
    local requests = server:requests()
    assert.equal(requests[1].connection, requests[3].connection)
    assert.are_not.equal(requests[3].connection, requests[4].connection)
  end)

  it("max_connections is the most at once", function()
    server:reply { { sleep = 0.02 }, http(200, "{}") }
    -- In a process of its own: among the clients of one, the largest number counts.
    assert.equal("8", lua_process.run(([[
      local sms = require "sms"
      local client = sms.retarus { username = "user", password = "pass", base_url = %q,
        max_connections = 2 }
      local calls, done = {}, 0
      for i = 1, 8 do calls[i] = function() return client:get_version() end end
      for _, result in ipairs(sms.all(calls)) do done = done + (result[1] and 1 or 0) end
      io.write(done)
    ]]):format(server.url)))
    local connections, count = {}, 0
    for _, request in ipairs(server:requests()) do
      if not connections[request.connection] then count = count + 1 end
      connections[request.connection] = true
    end
    assert.equal(8, #server:requests())
    assert.equal(2, count)
  end)

  it("runtime is asked to perform and to sleep", function()
    local performed, slept = 0, {}
    local client = retarus.client_of(server.url, { retry = { attempts = 2, base = 0.01 },
      runtime = {
        perform = function(...)
          performed = performed + 1
          return script.perform(...)
        end,
        sleep = function(seconds) slept[#slept + 1] = seconds end,
      } })
    server:reply(http(500, ""))
    assert.is_nil((client:get_version()))
    assert.equal(2, performed)
    assert.equal(1, #slept)
    assert.is_true(slept[1] >= 0 and slept[1] < 0.01)
  end)

  it("hosts sends each operation to its own", function()
    local box = sandbox.start()
    finally(function() box:stop() end)
    local client = retarus.client(box, { base_url = box.urls.retarus,
      hosts = { send = box.urls.retarus_send .. "/prefix" } })
    local job = assert(client:send_job(retarus.job "+491760000001"))
    assert(client:get_job(job))
    assert.equal("send retarus", retarus.asked(box))
  end)

  it("base_url leads to whatever is asked, an IPv6 address too", function()
    assert(retarus.client_of("http://localhost:" .. server.port):get_version())
    assert.matches("\r\nHost: localhost:" .. server.port, server:requests()[1].text)
    local result, err = retarus.client_of("http://[::1]:1", { retry = false }):get_version()
    assert.is_nil(result)
    assert.equal("not_sent", err.outcome)
  end)
end)
