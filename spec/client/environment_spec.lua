-- Credentials and proxies from the environment, each in a process of its own.

local lua_process = require "spec.support.lua_process"
local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"

local CREDENTIALS = { RETARUS_USERNAME = "user", RETARUS_PASSWORD = "pass" }

describe("The environment", function()
  local server

  setup(function() server = raw_server.start() end)
  teardown(function() server:stop() end)
  before_each(function()
    server:forget()
    server:reply(raw_server.http(200, "{}"))
  end)

  local function run(program, environment)
    return lua_process.run(('local sms = require "sms"; local url = %q\n'):format(server.url)
      .. program, environment)
  end

  local function with(more)
    local all = {}
    for name, value in pairs(CREDENTIALS) do all[name] = value end
    for name, value in pairs(more) do all[name] = value end
    return all
  end

  it("gives the credentials that a client is not given", function()
    assert.equal("table", run([[io.write(type(sms.retarus { base_url = url }:get_version()))]],
      CREDENTIALS))
    assert.matches("\r\nAuthorization: Basic dXNlcjpwYXNz\r\n", server:requests()[1].text)
    run([[sms.retarus { base_url = url, username = "other" }:get_version()]], CREDENTIALS)
    assert.matches("\r\nAuthorization: Basic b3RoZXI6cGFzcw==\r\n", server:requests()[2].text)
  end)

  it("gives the URL that a client is not given", function()
    local program = [[sms.retarus { %s }:get_version()]]
    run(program:format "", with { RETARUS_BASE_URL = server.url })
    run(program:format "base_url = url", with { RETARUS_BASE_URL = "http://127.0.0.1:1" })
    run(program:format "hosts = { send = url }", with { RETARUS_BASE_URL = "http://127.0.0.1:1" })
    assert.equal(3, #server:requests())
    assert.matches(":3: RETARUS_BASE_URL: plain HTTP to another machine is refused",
      run("print(pcall(function()\nlocal made = sms.retarus() return made\nend))",
        with { RETARUS_BASE_URL = "http://provider.test" }))
    assert.matches("RETARUS_PASSWORD: must not", run("sms.retarus()",
      { RETARUS_USERNAME = "user", RETARUS_PASSWORD = "a\tb" }))
  end)

  it("makes the client of the direct functions, one for all calls", function()
    -- Their hosts are the provider's own: a proxy that refuses the tunnel shows where they go.
    server:reply(raw_server.http(403, "no"))
    local output = run([[
      local result, err = sms.retarus.get_version({}, { retry = false })
      io.write(tostring(result), " ", err.kind, " ", err.outcome, " ", err.operation, "\n")
      result, err = sms.retarus.get_job({ jobId = "J" }, { retry = false })
      io.write(tostring(result), " ", err.kind, " ", err.outcome, " ", err.operation, "\n")
      result, err = sms.retarus.send_job {}
      io.write(tostring(result), " ", err.kind)
    ]], with { https_proxy = server.url })
    assert.equal("nil connection not_sent get_version\nnil connection not_sent get_job\n"
      .. "nil invalid", output)
    local asked = {}
    for i, request in ipairs(server:requests()) do asked[i] = request.text:match "^%S+ (%S+)" end
    assert.same({ "sms4a.eu.retarus.com:443", "sms4a.de2.retarus.com:443",
      "sms4a.de1.retarus.com:443" }, asked)
  end)

  it("is asked for what is missing, by name, with nginx' way of giving it", function()
    local program = [[
      local function try(body)
        local ok, message = pcall(body)
        io.write(tostring(ok), " ", tostring(message), "\n")
      end
      try(function() local c = sms.retarus {} return c end)
      try(function() local r = sms.retarus.get_version {} return r end)
    ]]
    for missing, environment in pairs {
      username = { RETARUS_PASSWORD = "pass" }, password = { RETARUS_USERNAME = "user" },
    } do
      local variable = "RETARUS_" .. missing:upper()
      for _, empty in ipairs { false, true } do
        environment[variable] = empty and "" or nil
        local lines = {}
        for line in run(program, environment):gmatch "[^\n]+" do lines[#lines + 1] = line end
        assert.equal(2, #lines)
        for i, line in ipairs(lines) do
          assert.matches(("^false [^:]+:%d: %s is missing: .*%s .*nginx.*'env %s;'")
            :format(i + 5, missing, variable, variable), line)
        end
      end
    end
    assert.same({}, server:requests())
  end)

  it("may be completed later: a direct function that failed looks again", function()
    local output = run([[
      local getenv = os.getenv
      local ok = pcall(sms.retarus.get_version, {})
      os.getenv = function(name) -- luacheck: ignore
        return ({ RETARUS_USERNAME = "u", RETARUS_PASSWORD = "p" })[name] or getenv(name)
      end
      local result, err = sms.retarus.send_job {}
      io.write(tostring(ok), " ", tostring(result), " ", err.kind)
    ]])
    assert.equal("false nil invalid", output)
  end)

  -- A program that asks a provider, by options, and says what came of it.
  local ASK = [[
    local client = sms.retarus { allow_http = true, retry = false, %s }
    local result, err = client:get_version()
    io.write(result and "ok" or err.kind)
  ]]

  it("names the proxy", function()
    local program = ASK:format [[base_url = "http://provider.invalid"]]
    for expected, list in pairs {
      ok = { { http_proxy = server.url }, { all_proxy = server.url }, { ALL_PROXY = server.url },
        { http_proxy = server.url, no_proxy = "example.com" } },
      connection = { { HTTP_PROXY = server.url }, { https_proxy = server.url }, {},
        { http_proxy = server.url, no_proxy = "provider.invalid" },
        { http_proxy = server.url, NO_PROXY = "*" } },
    } do
      for _, environment in ipairs(list) do
        assert.equal(expected, run(program, with(environment)))
      end
    end
    assert.equal(4, #server:requests())
  end)

  it("names no proxy for this machine, however that is spelt", function()
    local hosts = { "127.0.0.1", "127.8.0.1", "127.1", "localhost", "LocalHost", "[::1]",
      "[0:0:0:0:0:0:0:1]" }
    local proxies = {}
    for _, name in ipairs { "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy",
      "ALL_PROXY" } do
      proxies[name] = server.url
    end
    local port, programs = raw_server.closed_port(), {}
    for _, host in ipairs(hosts) do
      for _, scheme in ipairs { "http", "https" } do
        programs[#programs + 1] = ASK:format(('base_url = "%s://%s:%d"'):format(scheme, host, port))
      end
    end
    assert.equal(("connection"):rep(#programs),
      run("do " .. table.concat(programs, "end do ") .. " end", with(proxies)))
    assert.same({}, server:requests())
    -- What an option names is meant, and each host is looked at by itself.
    assert.equal("ok", run(ASK:format 'base_url = "http://127.0.0.1:1", proxy = url', with {}))
    assert.equal("ok", run(ASK:format [[hosts = { send = "http://provider.invalid",
      de1 = "http://127.0.0.1:1", de2 = "http://127.0.0.1:1" }]], with(proxies)))
    assert.equal(2, #server:requests())
  end)

  it("does not matter to a client that is given all", function()
    local client = retarus.client_of(server.url, { username = "user", password = "pass" })
    assert(client:get_version())
  end)
end)
