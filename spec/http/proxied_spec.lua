-- Through a proxy, with credentials and without: who is shown which of them. And redirects, which
-- are a way to lead a call to somebody else: nobody follows them.

local child = require "spec.support.child"
local nginx = require "spec.support.servers.nginx"
local process = require "spec.support.process"
local raw_server = require "spec.support.servers.raw_server"
local sandbox = require "spec.support.servers.sandbox"
local usual = require "spec.support.usual"

local LOGIN = "user:Pr0xyW0rd"
local IN_BASE64 = "dXNlcjpQcjB4eVcwcmQ="

-- A tinyproxy on loopback, which wants the login if there is one.
local function start_proxy(login)
  local folder, port = process.output_of "mktemp -d", nginx.free_port()
  local file = assert(io.open(folder .. "/conf", "w"))
  file:write(("Port %d\nListen 127.0.0.1\nTimeout 60\nAllow 127.0.0.1\n"):format(port),
    login and "BasicAuth " .. login:gsub(":", " ") .. "\n" or "")
  file:close()
  local pipe = assert(io.popen(("echo $$; exec tinyproxy -d -c '%s/conf' >'%s/log' 2>&1 </dev/null")
    :format(folder, folder)))
  local pid = tonumber(pipe:read())
  process.wait("the proxy", 20, function()
    return child.shell(("bash -c ': </dev/tcp/127.0.0.1/%d'"):format(port)).status == 0
  end)
  return { url = ("http://%%s127.0.0.1:%d"):format(port), stop = function()
    process.signal("TERM", pid)
    pipe:close()
    os.execute("rm -r '" .. folder .. "'")
  end }
end

describe("Through a proxy", function()
  local box = sandbox.for_specs { tls = true }
  local origin

  setup(function() origin = raw_server.start() end)
  teardown(function() origin:stop() end)
  before_each(function() origin:forget() end)

  local function client(proxy, more)
    local options = { proxy = proxy, allow_http = true, timeout = 20, rate_limit = false,
      no_proxy = "", api_key = "abcd1234", api_secret = "Secret0123456789" }
    for name, value in pairs(more or {}) do options[name] = value end
    return usual.client_of(origin, options)
  end

  for name, login in pairs { ["without credentials"] = "", ["with credentials"] = LOGIN .. "@" } do
    it(name .. " texts are sent, over TLS and without, and the provider is shown none", function()
      local proxy = start_proxy(login ~= "" and LOGIN)
      finally(proxy.stop)
      local url = proxy.url:format(login)
      assert(client(url, { base_url = box.urls.nexmo_tls, ca_file = box.urls.ca_file })
        :send_sms(usual.TEXT))
      origin:reply(usual.taken())
      assert(client(url):send_sms(usual.TEXT))
      local requests = origin:requests()
      assert.equal(1, #requests)
      assert.is_nil(requests[1].text:lower():find "proxy%-authorization")
      assert.is_nil(requests[1].text:find(IN_BASE64, 1, true))
      if login == "" then return end
      local _, err = client(proxy.url:format "user:wrong@", { base_url = box.urls.nexmo_tls,
        ca_file = box.urls.ca_file }):send_sms(usual.TEXT)
      assert.equal("not_sent", err.outcome)
      assert.is_true(err.status == 407 or err.status == 401, err.message) -- as tinyproxy has it
    end)
  end

  it("which is asked for a tunnel, it is shown its own credentials alone", function()
    origin:reply(raw_server.http(502, ""))
    local url = origin.url:gsub("://", "://" .. LOGIN .. "@")
    local _, err = client(url, { base_url = "https://provider.test" }):get_balance()
    assert.same({ "connection", "not_sent" }, { err.kind, err.outcome })
    local text = origin:requests()[1].text
    assert.matches("^CONNECT provider.test:443", text)
    assert.matches("\nProxy%-Authorization: Basic " .. IN_BASE64, text)
    assert.is_nil(text:find "\nAuthorization")
    assert.is_nil(text:find("Secret", 1, true))
  end)

  for _, status in ipairs { 301, 302, 303, 307, 308 } do
    it("or without, a redirect leads nobody to another host: " .. status, function()
      local other = raw_server.start()
      finally(function() other:stop() end)
      local location = "Location: " .. other.url .. "/sms/json\r\n"
      origin:reply(raw_server.http(status, "", location))
      for _, proxy in ipairs { "", origin.url } do
        local made = client(proxy)
        for _, call in ipairs { "send_sms", "get_balance" } do
          local result, err = made[call](made, call == "send_sms" and usual.TEXT or nil)
          assert.is_nil(result)
          assert.equal(status, err.status)
        end
      end
      local _, err = client(origin.url, { base_url = "https://provider.test" }):get_balance()
      assert.equal("not_sent", err.outcome)
      assert.same({ 5, 0 }, { #origin:requests(), #other:requests() })
    end)
  end
end)
