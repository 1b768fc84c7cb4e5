-- Proxies: what is refused when the client is made, and that their passwords are not shown.

local raw_server = require "spec.support.servers.raw_server"
local sms = require "sms"
local usual = require "spec.support.usual"

local PASSWORD = "p@ss-w0rd"

local function make(given)
  given.api_key, given.api_secret = "abcd1234", "Secret0123456789"
  return pcall(sms.nexmo, given)
end

-- Has the environment say what is given, as long as the case runs.
local function environment(values)
  local getenv = os.getenv
  finally(function() os.getenv = getenv end) -- luacheck: ignore
  os.getenv = function(name) -- luacheck: ignore
    if values[name] then return values[name] end
    return getenv(name)
  end
end

describe("A proxy", function()
  for _, proxy in ipairs { "http://", "http://user:p@ss-w0rd@host:3128", "ftp://host:3128",
    "://host", "http://host:99999", "http://host:port", "http://ho st:3128", "http:host",
    "host:3128:3128" } do
    it(("'%s' is refused when the client is made, and is not shown"):format(proxy), function()
      local ok, message = make { proxy = proxy }
      assert.is_false(ok)
      assert.matches("proxy: must be a URL such as http://user:", message, 1, true)
      assert.is_nil(message:find("w0rd", 1, true))
    end)
  end

  for _, proxy in ipairs { "host:3128", "http://user:p%40ss-w0rd@host:3128", "https://host",
    "socks5h://127.0.0.1:1080", "http://[::1]:3128/", "HTTP://host", "socks4a://u@host" } do
    it(("'%s' is taken"):format(proxy), function()
      local ok, client = make { proxy = proxy }
      assert.is_true(ok, client)
      client:close()
    end)
  end

  it("of the environment is refused likewise, and named", function()
    environment { https_proxy = "http://user:p@ss-w0rd@host:3128" }
    local ok, message = make {}
    assert.is_false(ok)
    assert.matches("the environment's proxy for https: must be a URL", message, 1, true)
    assert.is_nil(message:find("w0rd", 1, true))
    assert.is_true((make { base_url = "http://127.0.0.1:1" }))
  end)

  describe("with a password", function()
    local server, events

    setup(function() server = raw_server.start() end)
    teardown(function() server:stop() end)
    before_each(function() events = {} end)

    local function client_by(url)
      return usual.client_of({ url = "http://provider.test" }, { allow_http = true, timeout = 2,
        rate_limit = false, proxy = url:gsub("://", "://user:p%%40ss-w0rd@"),
        on_event = function(event) events[#events + 1] = event.message end })
    end

    local function assert_hidden(err)
      events[#events + 1] = err.message
      local all = table.concat(events, "\n")
      assert.is_nil(all:find("w0rd", 1, true), all)
      assert.is_nil(all:find("cEBzcy13MHJk", 1, true), all)
      return all
    end

    it("does not show it, whatever it answers", function()
      for _, status in ipairs { 407, 502 } do
        server:reply(raw_server.http(status, ("%s p%%40ss-w0rd dXNlcjpwQHNzLXcwcmQ= %s"):format(
          PASSWORD, "http://user:p%40ss-w0rd@127.0.0.1")))
        local _, err = client_by(server.url):send_sms(usual.TEXT)
        assert.matches(status == 502 and "*** *** http://***" or "407", assert_hidden(err), 1, true)
      end
      assert.matches("Basic dXNlcjpwQHNzLXcwcmQ=", server:requests()[1].text, 1, true)
    end)

    it("does not show it where it is not there", function()
      local _, err = client_by("http://127.0.0.1:" .. raw_server.closed_port()):send_sms(usual.TEXT)
      assert_hidden(err)
      assert.equal("connection", err.kind)
    end)
  end)
end)
