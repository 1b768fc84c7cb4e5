-- Functions for `on_event` in the words of what they are for.

local cjson = require "cjson"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"

describe("sms.adapters", function()
  local box = sandbox.for_specs()

  local function send(on_event, body)
    box:fault { operation = "send_sms", kind = "status", status = 503, retry_after = 0, count = 1,
      body = body }
    local client = sms.nexmo { base_url = box.urls.nexmo, api_key = "abcd1234",
      api_secret = "Secret0123456789", rate_limit = false, on_event = on_event, insecure = true }
    local _, err = client:send_sms { from = "Acme", to = "447700900000", text = "Private" }
    client:list_owned_numbers {}
    client:close()
    box:clear_faults()
    return err
  end

  it("json writes a line for each event", function()
    local lines = {}
    send(sms.adapters.json(function(line) lines[#lines + 1] = line end))
    local names = {}
    for i, line in ipairs(lines) do
      assert.is_nil(line:find "\n")
      local event = cjson.decode(line)
      names[i] = event.name
      assert.is_true(math.abs(event.time - os.time()) < 10, line)
      assert.equal("nexmo", event.provider)
      assert.is_nil(line:find "Private")
      assert.is_nil(line:find "447700900000")
    end
    assert.equal("warning request response request response", table.concat(names, " "))
    local failed = cjson.decode(lines[3])
    assert.same({ 503, "server", "send_sms", "POST" },
      { failed.status, failed.kind, failed.operation, failed.method })
  end)

  it("json writes UTF-8, whatever a provider or a proxy has said", function()
    local lines = {}
    local err = send(sms.adapters.json(function(line) lines[#lines + 1] = line end),
      "F\252r Sie nicht")
    assert.matches("F�r Sie nicht", err.message)
    assert.matches("F�r Sie nicht", lines[3])
    for _, line in ipairs(lines) do assert.is_table(sms.measure(line)) end
  end)

  it("opentelemetry emits records with the names of its semantic conventions", function()
    local records = {}
    send(sms.adapters.opentelemetry(function(record) records[#records + 1] = record end))
    local port = tonumber(box.urls.nexmo:match ":(%d+)")
    assert.same({ ["sms.provider"] = "nexmo" }, records[1].attributes)
    assert.same({ "sms.warning", "WARN", "insecure: TLS certificates are not verified" },
      { records[1].name, records[1].severity, records[1].body })
    assert.same({ ["sms.provider"] = "nexmo", ["sms.operation"] = "send_sms",
      ["http.request.method"] = "POST", ["server.address"] = "127.0.0.1", ["server.port"] = port,
      ["http.response.status_code"] = 503, ["error.type"] = "server" }, records[3].attributes)
    assert.same({ "sms.response", "ERROR" }, { records[3].name, records[3].severity })
    assert.is_true(records[3].duration >= 0)
    assert.is_true(math.abs(records[3].timestamp - os.time()) < 10)
    assert.same({ ["sms.provider"] = "nexmo", ["sms.operation"] = "list_owned_numbers",
      ["http.request.method"] = "GET", ["server.address"] = "127.0.0.1", ["server.port"] = port,
      ["http.response.status_code"] = 200 }, records[5].attributes)
  end)

  it("opentelemetry tells of repeats and of usual ports", function()
    local record
    local on_event = sms.adapters.opentelemetry(function(told) record = told end)
    on_event { name = "response", attempt = 3, server = "https://rest.nexmo.com" }
    assert.same({ ["server.address"] = "rest.nexmo.com", ["server.port"] = 443,
      ["http.request.resend_count"] = 2 }, record.attributes)
  end)

  it("raise at the caller's line without a function", function()
    for _, name in ipairs { "json", "opentelemetry" } do
      local ok, message = pcall(function() sms.adapters[name]() end)
      assert.is_false(ok)
      assert.matches("adapters_spec.lua:%d+: adapters." .. name .. ": a function was expected",
        message)
    end
  end)
end)

describe("client:warnings", function()
  local function client(options)
    options = options or {}
    options.api_key, options.api_secret = "abcd1234", "x"
    return sms.nexmo(options)
  end

  it("has what nobody was told, with the time", function()
    local made = client { insecure = true }
    assert.same({}, client():warnings())
    local warning = made:warnings()[1]
    assert.equal("insecure: TLS certificates are not verified", warning.message)
    assert.is_true(math.abs(warning.time - os.time()) <= 5)
    warning.message = "changed"
    assert.matches("^insecure", made:warnings()[1].message) -- the caller's own copy
    made:close()
    assert.equal(1, #made:warnings())
  end)

  it("keeps the last 20", function()
    local events = require "sms.call.events"
    local made = client()
    for i = 1, 25 do events.emit({ client = made }, { name = "warning", message = "w" .. i }) end
    local list = made:warnings()
    assert.same({ 20, "w6", "w25" }, { #list, list[1].message, list[20].message })
    made:close()
  end)
end)
