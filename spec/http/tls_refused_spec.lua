-- TLS: who is refused, in words that say why, whatever OpenSSL is configured to take.

local lua_process = require "spec.support.lua_process"
local process = require "spec.support.process"
local sms = require "sms"
local tls_server = require "spec.support.secrets.tls_server"

-- Certificates, the host that is called, and what is said; nothing where it is trusted.
local CASES = {
  { "good", { names = "DNS:localhost" }, "localhost" },
  { "expired", { names = "DNS:localhost", to = "20210101000000Z" }, "localhost", "expired" },
  { "future", { names = "DNS:localhost", from = "20480101000000Z" }, "localhost", "not yet valid" },
  { "other", { names = "DNS:provider.test" }, "localhost", "does not match|no alternative" },
  { "own", { names = "DNS:localhost", is_own = true }, "localhost", "self.signed" },
  { "wildcard", { names = "DNS:*.b.localhost" }, "a.b.localhost" },
  { "deep", { names = "DNS:*.b.localhost" }, "c.a.b.localhost", "does not match|no alternative" },
  { "bare", { names = "DNS:*" }, "localhost", "does not match|no alternative" },
  { "inner", { names = "DNS:a.*.localhost" }, "a.b.localhost", "does not match|no alternative" },
  { "number", { names = "DNS:*.0.0.1" }, "127.0.0.1", "does not match|no alternative" },
}

-- Takes everything that there has ever been.
local LAX = [[
openssl_conf = all
[all]
ssl_conf = tls
[tls]
system_default = lax
[lax]
MinProtocol = %s
CipherString = ALL:@SECLEVEL=0
]]

local PROGRAM = [[
local sms = require "sms"
local client = sms.nexmo { api_key = "abcd1234", api_secret = "Secret0123456789", retry = false,
  base_url = "https://localhost:%d", ca_file = "%s/ca.pem", rate_limit = false, min_tls = %s }
local _, err = client:get_balance()
print(err.kind, err.outcome, err.message)
]]

describe("Over TLS", function()
  local folder, servers

  setup(function() folder = tls_server.folder() end)
  before_each(function() servers = {} end)
  after_each(function()
    for _, server in ipairs(servers) do server:stop() end
  end)
  teardown(function() os.execute("rm -r '" .. folder .. "'") end)

  local function server_of(name, options, words)
    local server = tls_server.start(tls_server.certificate(folder, name, options), words)
    servers[#servers + 1] = server
    return server
  end

  local function failure(server, host, more)
    local options = { api_key = "abcd1234", api_secret = "Secret0123456789", retry = false,
      base_url = ("https://%s:%d"):format(host or "localhost", server.port), rate_limit = false,
      ca_file = folder .. "/ca.pem" }
    for name, value in pairs(more or {}) do options[name] = value end
    local client = sms.nexmo(options)
    local result, err = client:get_balance()
    client:close()
    assert.is_nil(result) -- what answers is no provider
    return err
  end

  -- That it was refused, in one of the words.
  local function assert_refused(err, words)
    assert.same({ "connection", "not_sent" }, { err.kind, err.outcome }, err.message)
    for word in words:gmatch "[^|]+" do
      if err.message:find(word) then return end
    end
    error(("'%s' has none of %s"):format(err.message, words))
  end

  for _, case in ipairs(CASES) do
    local name, options, host, words = case[1], case[2], case[3], case[4]
    it(("a certificate is %s: %s, for %s"):format(words and "refused" or "taken", name, host),
      function()
        local err = failure(server_of(name, options), host)
        if words then
          assert_refused(err, words)
        else
          assert.equal("protocol", err.kind, err.message) -- the page is no answer of Nexmo
        end
      end)
  end

  it("an authority that is not known is refused", function()
    local server = server_of("good", { names = "DNS:localhost" })
    local other = tls_server.folder()
    finally(function() os.execute("rm -r '" .. other .. "'") end)
    assert_refused(failure(server, nil, { ca_file = other .. "/ca.pem" }), "local issuer|signature")
  end)

  it("a server that asks for a certificate gets the client's, and none takes no other", function()
    local server = server_of("good", { names = "DNS:localhost" },
      ("-tls1_2 -Verify 1 -verify_return_error -CAfile %s/ca.pem"):format(folder))
    local own = tls_server.certificate(folder, "client", { names = "DNS:client.test" })
    assert.equal("protocol", failure(server, nil, { client_cert = own.certificate,
      client_key = own.key }).kind)
    assert_refused(failure(server), "handshake|alert|certificate")
  end)

  -- What is said with a version for the server, one for OpenSSL's configuration, and min_tls.
  local function said(version, configured, least)
    local server = server_of("good", { names = "DNS:localhost" },
      ("-%s -cipher ALL:@SECLEVEL=0"):format(version))
    local path = folder .. "/openssl.cnf"
    local file = assert(io.open(path, "w"))
    file:write(LAX:format(configured))
    file:close()
    return lua_process.run(PROGRAM:format(server.port, folder, least or "nil"),
      { OPENSSL_CONF = path })
  end

  for _, version in ipairs { "tls1", "tls1_1" } do
    it("an old version is refused, also where OpenSSL may take it: " .. version, function()
      local output = said(version, "TLSv1")
      assert.matches("^connection\tnot_sent\t", output)
      assert.matches("version", output)
      if process.output_of "openssl version":find "OpenSSL 3" then
        assert.matches("^protocol\t", said(version, "TLSv1", '"1.0"')) -- that it may
      end
    end)
  end

  it("a system that asks for TLS 1.3 is not overruled", function()
    assert.matches("^connection\tnot_sent\t.*version", said("tls1_2", "TLSv1.3"))
    assert.matches("^protocol\t", said("tls1_2", "TLSv1.3", '"1.2"'))
    assert.matches("^protocol\t", said("tls1_2", "TLSv1.2"))
  end)
end)
