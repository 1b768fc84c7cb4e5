-- How calls of Nexmo are authenticated: where the credentials go, and what signs a message.

local raw_server = require "spec.support.servers.raw_server"
local sandbox = require "spec.support.servers.sandbox"
local wire = require "spec.support.wire"

local box

local SECRET = wire.signature_secret
local ID = "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab"
local METHODS = { "md5hash", "md5", "sha1", "sha256", "sha512" }

local sms_params = { from = "Acme", to = "447700900000", text = "1 + 1 & 2 = é" }

-- Published signatures: what a client is given, what it sends at which time, the `sig`.
local ours = {
  options = { api_key = "abcd1234", signature_secret = SECRET }, time = 1700000000,
  params = { from = "Acme", to = "447700900000", text = "Füße & Größe = 5€",
    ["client-ref"] = "r-1", ["status-report-req"] = 1 },
  body = "from=Acme&to=447700900000&text=F%C3%BC%C3%9Fe%20%26%20Gr%C3%B6%C3%9Fe%20%3D%205%E2%82%AC"
    .. "&status-report-req=1&client-ref=r-1&api_key=abcd1234&timestamp=1700000000",
}
local published = {
  options = { api_key = "not_a_key", signature_secret = "my_secret_key_for_testing" },
  time = 1490638615,
  params = { from = "12192259404", to = "14843472194", text = "Test&test=something" },
  body = "from=12192259404&to=14843472194&text=Test%26test%3Dsomething&api_key=not_a_key"
    .. "&timestamp=1490638615",
}
local vectors = {
  { published, "md5hash", "17f5e3b22f778ec73464c01d180e9d0f" },
  { ours, "md5hash", "9a7a8a2d8477a08b176d9ae6e1e16894" },
  { ours, "md5", "dd94ab06600054c442470b9894393ce7" },
  { ours, "sha1", "8ccc33679280bb83349959f2e335af794ee0d261" },
  { ours, "sha256", "7ee1efb44267a3db6a6bcbcf29ea1d53c7983a665de40104bcd1988d0e59dfc0" },
  { ours, "sha512", "76959a078f4dc86710bd8bd81bc55c32cd3d6845940b61215e3d1e0339b92b34"
    .. "8d4eb3a1790f38c4c61a46f5718f70a64707de8e1971cad0761cbb4d69ba0426" },
}

--- Runs a function while the host's clock says something else.
local function at(time, f)
  local real = os.time
  os.time = function() return time end -- luacheck: ignore
  local ok, message = pcall(f)
  os.time = real -- luacheck: ignore
  assert(ok, message)
end

--- Makes one call and gives back its arrival.
local function arrival_of(options, operation, params)
  box:clear_arrivals()
  local client = wire.nexmo(box, options)
  local result, err = client[operation](client, params)
  client:close()
  return box:arrivals()[1], result, err
end

describe("Nexmo", function()
  setup(function()
    box = sandbox.start()
  end)
  teardown(function()
    box:stop()
  end)
  before_each(function()
    box:reset { strict = true }
  end)

  describe("with a signature", function()
    local server
    setup(function()
      server = raw_server.start()
      server:reply(raw_server.http(200, '{"messages":[{"status":"0"}]}'))
    end)
    teardown(function()
      server:stop()
    end)

    for _, vector in ipairs(vectors) do
      local case, method, sig = vector[1], vector[2], vector[3]
      it(("signs as the published vector of %s at %d"):format(method, case.time), function()
        local client = wire.nexmo({ urls = { nexmo = server.url } },
          wire.changed(case.options, { auth = "signature", signature_method = method }))
        at(case.time, function()
          assert(client:send_sms(case.params))
        end)
        client:close()
        local requests = server:requests()
        local head, body = requests[#requests].text:match "^(.-)\r\n\r\n(.*)$"
        assert.matches("^POST /sms/json HTTP/1.1\r\n", head)
        assert.is_nil(head:lower():find("authorization", 1, true))
        assert.equal(case.body .. "&sig=" .. sig, body:gsub("[0-9A-F]+$", string.lower))
      end)
    end
  end)

  for _, method in ipairs(METHODS) do
    it("takes what is signed by " .. method .. ", and by that alone", function()
      local options = { auth = "signature", signature_secret = SECRET, signature_method = method }
      box:settings { nexmo_signature_method = method }
      local arrival = arrival_of(options, "send_sms", sms_params)
      assert.is_true(arrival.accepted)
      assert.is_nil(arrival.authorization)
      assert.matches("^from=Acme&to=447700900000&text=1%%20%%2B%%201%%20%%26%%202%%20%%3D%%20"
        .. "%%C3%%A9&api_key=abcd1234&timestamp=%d+&sig=%*%*%*$", arrival.body)
      box:settings { nexmo_signature_method = method == "md5" and "sha1" or "md5" }
      local _, result, err = arrival_of(options, "send_sms", sms_params)
      assert.is_nil(result)
      assert.same({ "auth", "rejected", "14" }, { err.kind, err.outcome, err.code })
    end)
  end

  it("signs by md5hash where nothing is said, and what is sent beside the documented", function()
    box:settings { nexmo_signature_method = "md5hash", strict = false }
    local client = wire.nexmo(box, { auth = "signature", signature_secret = SECRET })
    assert(client:send_sms(sms_params, { extra = { ["a-new-key"] = "x & y", ["0"] = false } }))
    assert.matches("&0=false&a%-new%-key=x%%20%%26%%20y&api_key=", box:arrivals()[1].body)
    client:close()
  end)

  it("refuses a signature of another time or secret", function()
    for offset, code in pairs { [0] = "0", [290] = "0", [-290] = "0", [400] = "14",
      [-400] = "14" } do
      at(os.time() + offset, function()
        local _, result, err = arrival_of({ auth = "signature", signature_secret = SECRET },
          "send_sms", sms_params)
        assert.equal(code, result and result.messages[1].status or err.code)
      end)
    end
    local _, _, err = arrival_of({ auth = "signature", signature_secret = "another" }, "send_sms",
      sms_params)
    assert.same({ "auth", "14" }, { err.kind, err.code })
  end)

  -- Operation and params; for each choice of `auth` the scheme, and the end of query or body.
  local PARAMS = "api_key=abcd1234&api_secret=***"
  local application = { name = "A", type = "voice", answer_url = "https://example.com/a",
    event_url = "https://example.com/e" }
  local places = {
    { "send_sms", sms_params, basic = { "Basic" }, params = { nil, "body" } },
    { "list_owned_numbers", { index = 1 }, basic = { "Basic" }, params = { nil, "query" },
      signature = { "Basic" } },
    { "list_owned_numbers", nil, basic = { "Basic" }, params = { nil, "query" },
      signature = { "Basic" } },
    { "list_inbound_numbers", { country = "GB" }, basic = { "Basic" }, params = { nil, "query" },
      signature = { "Basic" } },
    { "buy_number", { country = "GB", msisdn = "447700900100" }, basic = { "Basic" },
      params = { nil, "query" }, signature = { "Basic" } },
    { "get_balance", nil, basic = { "Basic" }, params = { nil, "query" },
      signature = { "Basic" } },
    { "send_voice", { to = "447700900000", text = "Hello" }, basic = { nil, "body" },
      params = { nil, "body" }, signature = { nil, "body" } },
    { "create_application", application, basic = { "Basic" }, params = { "Basic" },
      signature = { "Basic" } },
    { "list_applications", nil, basic = { "Basic" }, params = { "Basic" },
      signature = { "Basic" } },
    { "create_application", application, version = 1, basic = { nil, "body" },
      params = { nil, "body" }, signature = { nil, "body" } },
    { "list_applications", nil, version = 1, basic = { nil, "query" },
      params = { nil, "query" }, signature = { nil, "query" } },
    { "get_application", { application_id = ID }, version = 1, basic = { nil, "query" },
      params = { nil, "query" }, signature = { nil, "query" }, absent = true },
    { "delete_application", { application_id = ID }, version = 1, basic = { nil, "query" },
      params = { nil, "query" }, signature = { nil, "query" }, absent = true },
    { "update_application", wire.changed(application, { application_id = ID }), version = 1,
      basic = { nil, "query" }, params = { nil, "query" }, signature = { nil, "query" },
      absent = true },
  }

  for _, case in ipairs(places) do
    for _, choice in ipairs { "basic", "params", "signature" } do
      local version, place = case.version or 2, case[choice]
      local options = { auth = choice, api_version = version, signature_secret = SECRET }
      local title = ("%s, version %d, auth = '%s'"):format(case[1], version, choice)
      if place then
        it("finds the credentials of " .. title, function()
          local arrival, _, err = arrival_of(options, case[1], case[2])
          assert.equal(case.absent and "not_found" or nil, err and err.kind)
          assert.equal(place[1], arrival.authorization)
          for _, part in ipairs { "query", "body" } do
            local text = arrival[part] or ""
            if place[2] == part then
              assert.equal(PARAMS, text:sub(-#PARAMS))
              assert.is_nil(text:find("&&", 1, true))
            else
              assert.is_nil(text:find("api_", 1, true))
            end
          end
        end)
      end
      it("is told of wrong credentials by " .. title, function()
        local wrong = wire.changed(options, { api_secret = "Wrong-9876543210",
          signature_secret = "Wrong-Signature-0" })
        local arrival, result, err = arrival_of(wrong, case[1], case[2])
        assert.is_nil(result)
        assert.same({ "auth", "rejected", false }, { err.kind, err.outcome, err.retryable })
        assert.is_false(arrival.accepted)
        assert.is_nil((tostring(err) .. err.message):find "Wrong%-")
      end)
    end
  end

  it("carries every character of a secret", function()
    local secret = "ü +&=%/?#:\"'~;"
    box:settings { nexmo_secret = secret, nexmo_key = "a&b=c d+" }
    for _, choice in ipairs { "basic", "params" } do
      local options = { auth = choice, api_key = "a&b=c d+", api_secret = secret }
      for _, case in ipairs { places[1], places[2], places[7] } do
        assert.is_true(arrival_of(options, case[1], case[2]).accepted, case[1])
      end
    end
  end)

  it("checks credentials without sending anything", function()
    for _, choice in ipairs { "basic", "params", "signature" } do
      local options = { auth = choice, signature_secret = SECRET }
      local arrival, result = arrival_of(options, "check")
      assert.equal("/account/get-balance", arrival.path)
      assert.is_true(result)
      local _, _, err = arrival_of(wire.changed(options, { api_secret = "Wrong" }), "check")
      assert.same({ "auth", "get_balance" }, { err.kind, err.operation })
    end
  end)
end)
