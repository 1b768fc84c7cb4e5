-- TLS: who is trusted, who is not, and HTTP/2.

local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"

local function output_of(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "*a"
  pipe:close()
  return text
end

-- The pin of a certificate, as libcurl takes it.
local function pin_of(file)
  local digest = output_of(("openssl x509 -in '%s' -pubkey -noout 2>&1 | openssl pkey -pubin "
    .. "-outform der | openssl dgst -sha256 -binary | openssl base64"):format(file))
  return "sha256//" .. digest:match "%S+"
end

describe("Over TLS", function()
  local box, other

  setup(function()
    box = sandbox.start { tls = true }
    other = sandbox.start { tls = true, http2 = true }
  end)
  teardown(function()
    box:stop()
    other:stop()
  end)
  before_each(function()
    box:reset()
    other:reset()
  end)

  local function client(options)
    options.base_url = options.base_url or box.urls.retarus_tls
    options.retry = false
    return retarus.client(box, options)
  end

  local function assert_refused(options)
    local result, err = client(options):send_job(retarus.job "+491760000001")
    assert.is_nil(result)
    assert.same({ kind = "connection", outcome = "not_sent", retryable = true },
      retarus.brief(err))
    assert.equal(0, box:count())
    return err
  end

  it("a provider of the given CA is trusted", function()
    local made = client { ca_file = box.urls.ca_file }
    local sent = assert(made:send_job(retarus.job "+491760000001"))
    assert.equal(sent.jobId, assert(made:get_job(sent)).jobId)
    assert.is_true(made:check())
    assert.equal("retarus_tls", box:arrivals()[1].host)
  end)

  it("nobody else is trusted, and nothing sent", function()
    assert_refused {}
    assert_refused { ca_file = other.urls.ca_file }
    local err = assert_refused { ca_file = "/nonexistent/ca.pem" }
    assert.matches("while", err.message)
    assert(client { ca_file = box.urls.ca_file }:get_version())
  end)

  it("the name in the certificate counts", function()
    local port = box.urls.retarus_tls:match ":(%d+)$"
    assert(client { ca_file = box.urls.ca_file, base_url = "https://127.0.0.1:" .. port }
      :get_version())
    box:clear_arrivals()
    assert_refused { ca_file = box.urls.ca_file, base_url = "https://127.0.0.2:" .. port }
  end)

  it("a folder of CAs works as a file does", function()
    local dir = output_of "mktemp -d":match "[^\n]+"
    finally(function() os.execute("rm -r '" .. dir .. "'") end)
    output_of(("cp '%s' '%s/ca.pem' && openssl rehash '%s'"):format(box.urls.ca_file, dir, dir))
    assert(client { ca_path = dir }:get_version())
    box:clear_arrivals()
    assert_refused { ca_path = "/nonexistent" }
  end)

  it("insecure trusts everybody, and says so", function()
    local events = {}
    local made = client { insecure = true, on_event = function(event)
      events[#events + 1] = event.name
    end }
    assert.same({ "warning" }, events)
    assert(made:get_version())
  end)

  it("a pinned key is the only one", function()
    local own = pin_of(box.dir .. "/server.pem")
    local foreign = pin_of(other.dir .. "/server.pem")
    assert(client { ca_file = box.urls.ca_file, pinned_public_key = own }:get_version())
    assert(client { insecure = true, pinned_public_key = own }:get_version())
    box:clear_arrivals()
    assert_refused { ca_file = box.urls.ca_file, pinned_public_key = foreign }
    assert_refused { insecure = true, pinned_public_key = foreign }
  end)

  it("old versions can be refused", function()
    assert(client { ca_file = box.urls.ca_file, min_tls = "1.2" }:get_version())
    local speaks_1_3 = output_of(("openssl s_client -tls1_3 -connect %s </dev/null >/dev/null "
      .. "2>&1 && echo yes"):format(box.urls.retarus_tls:match "//(.*)$")):find "yes"
    box:clear_arrivals()
    local newest = { ca_file = box.urls.ca_file, min_tls = "1.3" }
    if speaks_1_3 then
      assert(client(newest):get_version())
    else
      assert_refused(newest)
    end
  end)

  it("a client certificate that is not there means nothing was sent", function()
    assert_refused { ca_file = box.urls.ca_file, client_cert = "/nonexistent/client.pem" }
    local own, key = box.dir .. "/server.pem", box.dir .. "/server.key"
    assert(client { ca_file = box.urls.ca_file, client_cert = own, client_key = key }
      :get_version())
  end)

  it("plain HTTP on a TLS port, and TLS on a plain one, are not sent or refused", function()
    local plain = box.urls.retarus:gsub("^http", "https")
    assert_refused { base_url = plain }
    -- To whom no TLS connection is kept: libcurl 8.14 takes one for http://, too.
    local fresh = sandbox.start { tls = true }
    finally(function() fresh:stop() end)
    local result, err = client { base_url = fresh.urls.retarus_tls:gsub("^https", "http") }
      :send_job(retarus.job "+491760000001")
    assert.is_nil(result)
    assert.same({ "rejected", 400 }, { err.kind, err.status })
    assert.equal(0, fresh:count())
  end)

  it("HTTP/2 is spoken where it is chosen", function()
    local made = retarus.client(other, { base_url = other.urls.retarus_tls,
      ca_file = other.urls.ca_file, http_version = "2" })
    local sent = assert(made:send_job(retarus.job "+491760000001"))
    assert(made:get_job(sent))
    local calls = {}
    for i = 1, 20 do calls[i] = function() return made:get_version() end end
    for _, result in ipairs(sms.all(calls)) do assert.equal("OK", result[1].message) end
    local connections = {}
    for _, arrival in ipairs(other:arrivals()) do
      connections[arrival.connection] = true
    end
    assert.equal(22, other:count())
    local first = next(connections)
    assert.is_nil(next(connections, first))
    local result, err = made:get_job { jobId = "J.never" }
    assert.is_nil(result)
    assert.equal("not_found", err.kind)
  end)

  it("HTTP/2 falls back where the provider does not speak it, and 1.1 stays 1.1", function()
    assert(client { ca_file = box.urls.ca_file, http_version = "2" }:get_version())
    assert(retarus.client(other, { base_url = other.urls.retarus_tls,
      ca_file = other.urls.ca_file }):get_version())
  end)

  it("a lost answer over HTTP/2 is ambiguous, and not sent again", function()
    local made = retarus.client(other, { base_url = other.urls.retarus_tls,
      ca_file = other.urls.ca_file, http_version = "2" })
    assert(made:get_version())
    for _, how in ipairs { "close", "reset", "cut_body" } do
      other:clear_arrivals()
      other:fault { kind = "lost_answer", how = how, operation = "send_job", count = 1 }
      local result, err = made:send_job(retarus.job "+491760000001")
      assert.is_nil(result)
      assert.equal("ambiguous", err.outcome)
      assert.equal(1, #other:arrivals "send_job")
      assert(made:send_job(retarus.job "+491760000001"))
    end
  end)
end)
