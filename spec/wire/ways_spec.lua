-- What an error says where a proxy is between: whose fault it is, as far as can be told.

local raw_server = require "spec.support.servers.raw_server"
local usual = require "spec.support.usual"

local TUNNEL, RELAY = "https://provider.test", "http://provider.test"
local HTML = "<html>Gateway down</html>"

-- What the proxy replies, to a request for which URL, and what is said of it then.
local CASES = {
  ["a tunnel that is refused"] = { TUNNEL, raw_server.http(403, HTML),
    "^the proxy opened no way to the provider %(HTTP status 403%)$", "connection", "not_sent" },
  ["a tunnel that is refused for want of credentials"] = { TUNNEL, raw_server.http(407, ""),
    "^the proxy wants other credentials %(HTTP status 407%)$", "rejected", "not_sent" },
  ["a tunnel that stays unanswered"] = { TUNNEL, { { sleep = 5 } },
    "is over, while waiting for the proxy to open a way to the provider$", "timeout", "not_sent" },
  ["a proxy that is none"] = { TUNNEL, { "SSH-2.0-OpenSSH\r\n", { close = true } },
    ", while waiting for the proxy to open a way to the provider$", "connection", "not_sent" },
  ["a tunnel that leads to no TLS"] = { TUNNEL,
    { "HTTP/1.1 200 Opened\r\n\r\nnothing", { close = true } },
    ", while agreeing on TLS through the proxy$", "connection", "not_sent" },
  ["a relay that wants other credentials"] = { RELAY, raw_server.http(407, HTML, ""),
    "^the proxy wants other credentials %(HTTP status 407%)$", "rejected", "rejected" },
  ["a network that wants a login"] = { RELAY, raw_server.http(511, HTML, ""),
    "^a proxy wants a login to its network %(HTTP status 511%)$", "server", "ambiguous" },
  ["a relay that has no way on"] = { RELAY, raw_server.http(502, HTML, ""),
    "^<html>Gateway down</html> %(from the proxy, or from behind it%)$", "server", "ambiguous" },
  ["a relay that says nothing"] = { RELAY, raw_server.http(503, "", ""),
    "^HTTP status 503 %(from the proxy, or from behind it%)$", "server", "ambiguous" },
  ["a relay that sends elsewhere"] = { RELAY, raw_server.http(302, "", "Location: /login\r\n"),
    "%(from the proxy, or from behind it%)$", "protocol", "ambiguous" },
  ["a relay that answers with a page"] = { RELAY, raw_server.http(200, HTML, ""),
    "%(from the proxy, or from behind it%)$", "protocol", "ambiguous" },
  ["a relay that does not answer"] = { RELAY, { { close = true } },
    ", while %a+ing [%a ]+ through the proxy$", "connection", "ambiguous" },
  ["the provider behind a relay"] = { RELAY,
    raw_server.http(403, '{"type":"https://developer.nexmo.com/a","title":"No","detail":"Never"}'),
    "^No: Never$", "auth", "rejected" },
}

describe("Where a proxy is between, an error tells of", function()
  local proxy

  setup(function() proxy = raw_server.start() end)
  teardown(function() proxy:stop() end)

  local function error_of(url, given)
    given.allow_http, given.rate_limit = true, false
    given.timeout = given.timeout or 10
    local client = usual.client_of({ url = url }, given)
    local result, err = client:send_sms(usual.TEXT)
    client:close()
    assert.is_nil(result)
    return err
  end

  for name, case in pairs(CASES) do
    it(name, function()
      proxy:forget()
      proxy:reply(case[2])
      local err = error_of(case[1], { proxy = proxy.url, timeout = case[4] == "timeout" and 0.3 })
      assert.matches(case[3], err.message)
      assert.same({ case[4], case[5] }, { err.kind, err.outcome })
      assert.equal(1, #proxy:requests())
    end)
  end

  for _, scheme in ipairs { "http", "https", "socks5h" } do
    it(("a proxy by %s that is not there"):format(scheme), function()
      for _, url in ipairs { TUNNEL, RELAY } do
        local gone = ("%s://127.0.0.1:%d"):format(scheme, raw_server.closed_port())
        local err = error_of(url, { proxy = gone })
        assert.matches(", while connecting to the proxy$", err.message)
        assert.equal("not_sent", err.outcome)
        err = error_of(url, { proxy = scheme .. "://proxy.invalid:3128" })
        assert.matches("proxy%.invalid, while looking up the proxy's name$", err.message)
        assert.equal("not_sent", err.outcome)
      end
    end)
  end

  it("TLS with the proxy, and a proxy of no SOCKS", function()
    proxy:reply { "HTTP/1.1 400 Bad\r\n\r\n", { close = true } }
    local tls, socks = proxy.url:gsub("^http", "https"), proxy.url:gsub("^http", "socks5h")
    assert.matches(", while agreeing on TLS with the proxy$",
      error_of(RELAY, { proxy = tls }).message)
    assert.matches(", while waiting for the proxy to open a way to the provider$",
      error_of(TUNNEL, { proxy = socks }).message)
  end)

  it("no proxy, where none is asked", function()
    local closed = "http://127.0.0.1:" .. raw_server.closed_port()
    local excepted = { proxy = proxy.url, no_proxy = "127.0.0.0/8" }
    for _, given in ipairs { {}, { proxy = "" }, excepted } do
      assert.matches(", while connecting$", error_of(closed, given).message)
    end
  end)
end)
