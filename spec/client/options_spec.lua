-- Every client option: what is taken, what is refused, and the defaults.

local call_options = require "sms.call.options"
local options = require "sms.client.options"
local retarus = require "sms.providers.retarus"
local sms = require "sms"
local urls = require "sms.base.urls"

local function make(given)
  local all = { username = "user", password = "pass" }
  for name, value in pairs(given) do all[name] = value end
  return pcall(sms.retarus, all)
end

local NAN = 0 / 0
local SECONDS = {
  ok = { 0.1, 1, 3600 },
  bad = { { "1", "must be a number" }, { -1, "must be" }, { true, "number" }, { {}, "number" },
    { NAN, "number" }, { 1 / 0, "number" } },
}
local TEXT = {
  ok = { "x" },
  bad = { { 7, "must be a string" }, { "", "must not be empty" }, { "a\nb", "control" },
    { true, "string" }, { "a\0b", "control" } },
}
local TEXT_OR_NONE = {
  ok = { "x", "" },
  bad = { { 7, "must be a string" }, { "a\nb", "control" }, { false, "string" } },
}
local SWITCH = {
  ok = { true, false },
  bad = { { 1, "must be true or false" }, { "true", "true or false" } },
}
local LIMIT = { calls = 5, period = 1 }

local OPTIONS = {
  timeout = SECONDS, connect_timeout = SECONDS, deadline = SECONDS,
  max_wait = { ok = { 0, 0.5, 100 }, bad = SECONDS.bad },
  base_url = {
    ok = { "https://example.com", "https://example.com/", "https://example.com:8443/a/b/",
      "HTTPS://example.com", "http://127.0.0.1:8080", "http://127.99.0.1", "http://localhost:1/x",
      "http://[::1]:80" },
    bad = { { 7, "must be a string" }, { "", "empty" }, { "example.com", "must be a URL" },
      { "ftp://example.com", "must be a URL" }, { "https://", "must be a URL" },
      { "https://user:pw@example.com", "without user and query" },
      { "https://example.com?a=b", "without user and query" },
      { "https://example.com/#a", "must be a URL" }, { "https://exa mple.com", "must be a URL" },
      { "https://example.com\r\nX: y", "control" },
      { "https://example.com:x", "must be a URL" }, { "https://example.com:99999", "its port" },
      { "https://:443", "must be a URL" }, { "https://a:1:2", "must be a URL" },
      { "https://[::1]x", "must be a URL" },
      { "http://example.com", "plain HTTP to another machine" },
      { "http://localhost.example.com", "plain HTTP" }, { "http://127.0.0.1.example.com", "plain" },
      { "http://10.0.0.1", "plain HTTP" }, { "http://[::2]", "plain HTTP" } },
  },
  hosts = {
    ok = { {}, { send = "https://a.example" }, { de1 = "http://localhost", de2 = "https://b" } },
    bad = { { "https://a.example", "must be a table" },
      { { rest = "https://a.example" }, "hosts: 'rest' is not known" },
      { { "https://a.example" }, "hosts" }, { { send = 7 }, "hosts.send: must be a URL" },
      { { de1 = "http://example.com" }, "hosts.de1: plain HTTP" },
      { { de2 = "" }, "hosts.de2: must be a URL" } },
  },
  allow_http = SWITCH, insecure = SWITCH,
  proxy = TEXT_OR_NONE, no_proxy = TEXT_OR_NONE,
  ca_file = TEXT, ca_path = TEXT, client_cert = TEXT,
  client_key = TEXT, pinned_public_key = TEXT,
  min_tls = { ok = { "1.0", "1.1", "1.2", "1.3" },
    bad = { { 1.2, "'1.0', '1.1', '1.2' or '1.3'" }, { "1.4", "one of" },
      { "TLSv1.2", "one of" } } },
  http_version = { ok = { "1.1", "2" },
    bad = { { 2, "string" }, { "3", "must be one of: 1.1, 2" }, { "1.0", "one of" } } },
  max_connections = { ok = { 1, 64, 10000 },
    bad = { { 0, "1 to 10000" }, { 10001, "1 to 10000" }, { 1.5, "whole" }, { "64", "whole" } } },
  keep_alive = { ok = { 1, 86400 }, bad = { { 0, "1 to 86400" }, { "20", "whole" } } },
  max_response_bytes = { ok = { 1, 1073741824 },
    bad = { { 0, "1 to 1073741824" }, { 1073741825, "1 to" }, { 0.5, "whole" } } },
  rate_limit = {
    ok = { false, LIMIT, { LIMIT, { calls = 100000, period = 86400 } },
      { calls = 1, period = 0.001 }, { calls = 1, period = 1, share = "process" },
      { calls = 1, period = 1, share = { open = print } } },
    bad = { { true, "rate_limit: must be a table, a list of tables, or false" }, { 5, "must be" },
      { {}, "rate_limit.calls: is required" }, { { calls = 5 }, "rate_limit.period: is required" },
      { { calls = 0, period = 1 }, "rate_limit.calls: must be 1 to 100000" },
      { { calls = 1.5, period = 1 }, "rate_limit.calls: must be a whole" },
      { { calls = 1, period = 0 }, "rate_limit.period: must be 0.001 to 86400" },
      { { calls = 1, period = 86401 }, "rate_limit.period: must be" },
      { { calls = 1, period = 1, per = "to" }, "rate_limit.per" },
      { { calls = 1, period = 1, per = "from" }, "rate_limit.per: retarus has no parameter" },
      { { calls = 1, period = 1, shar = "process" }, "did you mean 'share'" },
      { { calls = 1, period = 1, share = "cluster" }, "rate_limit.share: must be 'process'" },
      { { calls = 1, period = 1, share = {} }, "rate_limit.share: must be" },
      { { LIMIT, { calls = 1 } }, "period: is required" }, { { LIMIT, 7 }, "entry 2 is wrong" } },
  },
  retry = {
    ok = { false, {}, { attempts = 1 }, { attempts = 100, base = 0, cap = 0 },
      { trust_duplicate_detection = true } },
    bad = { { true, "retry: must be a table or false" }, { 3, "must be a table" },
      { { attempts = 0 }, "retry.attempts: must be 1 to 100" }, { { attempts = 2.5 }, "whole" },
      { { base = -1 }, "retry.base: must be" }, { { cap = "20" }, "retry.cap: must be a number" },
      { { attemps = 3 }, "retry.attemps: is not known; did you mean 'attempts'" } },
  },
  slots_path = TEXT,
  slots_mode = { ok = { 0, 432, 511 }, bad = { { 512, "0 to 511" }, { "0600", "whole" } } },
  on_event = { ok = { print },
    bad = { { "print", "on_event: must be a function" }, { {}, "function" } } },
  runtime = { ok = { { perform = print, sleep = print } },
    bad = { { "script", "runtime: must be" }, { {}, "perform and sleep" },
      { { perform = print }, "perform and sleep" } } },
  username = { ok = { "user", "jürgen" },
    bad = { { 7, "username: must be a string" }, { "", "empty" }, { "a\nb", "control" },
      { "a:b", "colon" }, { false, "must be a string" } } },
  password = { ok = { "p", "a:b" },
    bad = { { 7, "password: must be a string" }, { "", "empty" }, { "a\0", "control" } } },
}

describe("The client option", function()
  for name, cases in pairs(OPTIONS) do
    it(name .. " is checked", function()
      for _, value in ipairs(cases.ok) do
        local ok, made = make { [name] = value }
        assert.is_true(ok, made)
        made:close()
      end
      if cases.ok[1] == false then assert.is_true((make { [name] = false })) end
      for _, case in ipairs(cases.bad) do
        local ok, message = make { [name] = case[1] }
        assert.is_false(ok, name .. " = " .. tostring(case[1]))
        assert.is_truthy(tostring(message):find(case[2], 1, true), message)
        assert.is_truthy(tostring(message):find(name, 1, true), message)
      end
    end)
  end

  it("allow_http lets plain HTTP go anywhere", function()
    assert.is_true((make { base_url = "http://example.com", allow_http = true }))
    assert.is_true((make { hosts = { send = "http://10.0.0.1" }, allow_http = true }))
  end)

  it("that is misspelt or of the other provider is named", function()
    for name, near in pairs { time_out = "timeout", Base_URL = "base_url", ratelimit = "rate_limit",
      user_name = "username", passwort = "password", onevent = "on_event", retries = false,
      api_key = false, auto_unicode = false } do
      local ok, message = make { [name] = 1 }
      assert.is_false(ok)
      assert.is_truthy(message:find(name .. ": is not known", 1, true), message)
      assert.equal(near and "'" .. near .. "'" or nil, message:match "did you mean ('.*')")
    end
    local ok, message = make { "user" }
    assert.is_false(ok)
    assert.matches("1: is not known", message)
  end)

  it("has its default where it is left out", function()
    local settings = assert(options.read(retarus, {}))
    assert.same({ attempts = 3, base = 0.5, cap = 20 }, settings.retry)
    assert.same({ { calls = 100, period = 60 } }, settings.limits)
    assert.same({ 64, 20, 4 * 1024 * 1024, "1.1", false, false }, { settings.max_connections,
      settings.keep_alive, settings.max_response_bytes, settings.http_version,
      settings.insecure, settings.allow_http })
    assert.same({ send = "https://sms4a.eu.retarus.com", de2 = "https://sms4a.de2.retarus.com",
      de1 = "https://sms4a.de1.retarus.com" }, settings.urls)
  end)

  it("for times comes from the call, the client, the operation, the default", function()
    local slow, quick = { timeout = 120, deadline = 240 }, {}
    local function times(own, operation, given)
      local settings = assert(options.read(retarus, own))
      local chosen = assert(call_options.for_call(settings, operation, given))
      return { chosen.timeout, chosen.connect_timeout, chosen.deadline, chosen.max_wait }
    end
    assert.same({ 30, 5, 120 }, times({}, quick))
    assert.same({ 120, 5, 240 }, times({}, slow))
    assert.same({ 7, 2, 9, 3 },
      times({ timeout = 7, connect_timeout = 2, deadline = 9, max_wait = 3 }, slow))
    assert.same({ 1, 2, 4, 0 }, times({ timeout = 7, connect_timeout = 2, deadline = 9 }, slow,
      { timeout = 1, deadline = 4, max_wait = 0 }))
  end)

  it("hosts replaces single hosts, base_url all of them", function()
    local settings = assert(options.read(retarus, { base_url = "https://a.example/x/",
      hosts = { de1 = "https://b.example//" } }))
    assert.same({ send = "https://a.example/x", de2 = "https://a.example/x",
      de1 = "https://b.example" }, settings.urls)
  end)

  it("proxy goes before the environment, which is read as libcurl reads it", function()
    local function proxy(given, scheme, environment)
      local url = scheme:find ":" and scheme or scheme .. "://a.example:8080/x"
      return { urls.proxy(given, url, function(name) return environment[name] end) }
    end
    local all = { http_proxy = "h", HTTP_PROXY = "H", https_proxy = "s", HTTPS_PROXY = "S",
      all_proxy = "a", ALL_PROXY = "A", no_proxy = "n", NO_PROXY = "N" }
    assert.same({ "own", "mine", "relay" },
      proxy({ proxy = "own", no_proxy = "mine" }, "http", all))
    assert.same({ "h", "n", "relay" }, proxy({}, "http", all))
    assert.same({ "s", "n", "tunnel" }, proxy({}, "https", all))
    assert.same({}, proxy({}, "http", { HTTP_PROXY = "H", https_proxy = "s" }))
    assert.same({ "S", "N", "tunnel" }, proxy({}, "https", { HTTPS_PROXY = "S", NO_PROXY = "N" }))
    assert.same({ "A", nil, "tunnel" }, proxy({}, "https", { ALL_PROXY = "A", https_proxy = "" }))
    assert.same({ "a", nil, "relay" }, proxy({}, "http", { all_proxy = "a", ALL_PROXY = "A" }))
    assert.same({ "SOCKS5://a", nil, "tunnel" }, proxy({}, "http", { all_proxy = "SOCKS5://a" }))
    assert.same({ nil, "n" }, proxy({ proxy = "" }, "https", all))
    assert.same({ "s", "", "tunnel" }, proxy({ no_proxy = "" }, "https", all))
    assert.same({ "own", "n", "tunnel" }, proxy({ proxy = "own" }, "https", all))
    assert.same({ "own", "example" }, proxy({ proxy = "own", no_proxy = "example" }, "https", all))
    for _, url in ipairs { "http://127.0.0.1:1", "https://[::1]/x", "https://localhost" } do
      assert.same({ nil, "n" }, proxy({}, url, all))
      assert.same("own", proxy({ proxy = "own" }, url, all)[1])
    end
  end)
end)
