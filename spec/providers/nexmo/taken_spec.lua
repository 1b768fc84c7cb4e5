-- What people pass is taken where it can mean one thing only: what Nexmo is sent for it.

local cjson = require "cjson"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local wire = require "spec.support.wire"

local TEXT = { from = "Acme", to = "447700900000", text = "Hello" }
local APPLICATION = { name = "Demo", type = "voice", answer_url = "https://example.com/a",
  event_url = "https://example.com/e" }

-- Of each operation a parameter: what it is given, and what is sent.
local SENT = {
  send_sms = {
    base = TEXT,
    ttl = { { "60000", "60000" }, { "60000.0", "60000" }, { 60000.0, "60000" } },
    ["message-class"] = { { "0", "0" }, { "3", "3" } },
    ["status-report-req"] = { { "1", "1" }, { "0", "0" }, { "true", "1" }, { false, "0" } },
    ["trusted-number"] = { { "true", "true" }, { "0", "false" }, { 1, "true" } },
    ["client-ref"] = { { 12345, "12345" }, { 12345.0, "12345" }, { 2 ^ 53 - 1,
      "9007199254740991" }, { "12345.0", "12345.0" } },
    ["account-ref"] = { { 7.0, "7" } },
    ["entity-id"] = { { 1101234567890123.0, "1101234567890123" } },
    type = { { "UNICODE", "unicode" }, { "Text", "text" } },
    udh = { { "050003CC0201", "050003CC0201" } },
    ["protocol-id"] = { { 64, "64" }, { "64", "64" }, { 64.0, "64" } },
  },
  list_inbound_numbers = {
    base = { country = "GB" },
    country = { { "gb", "GB" }, { "De", "DE" } },
    size = { { "5", "5" } }, index = { { "2.0", "2" } },
    features = { { "sms", "SMS" }, { "Voice,SMS", "SMS,VOICE" }, { { "voice", "sms" },
      "SMS,VOICE" },
      { { "MMS" }, "MMS" }, { { "VOICE", "mms", "sms" }, "SMS,MMS,VOICE" },
      { "mms, voice", "VOICE,MMS" }, { { "SMS", "sms" }, "SMS" } },
    type = { { "Mobile-LVN", "mobile-lvn" } },
    search_pattern = { { "1", "1" }, { "Contains", "1" } }, pattern = { { 4477, "4477" } },
  },
  list_owned_numbers = {
    base = {}, has_application = { { "true", "true" }, { "0", "false" } }, country = { { "us",
      "US" } },
    size = { { "100", "100" } },
  },
  list_applications = { base = {}, page_size = { { "5", "5" } }, page = { { "2", "2" } } },
  send_voice = {
    base = { to = "447700900000", text = "Hello" },
    ["repeat"] = { { "2", "2" } }, voice = { { "FEMALE", "female" } }, lg = { { "ar", "ar" } },
    machine_detection = { { "true", "true" }, { "Hangup", "hangup" }, { "false" } },
    machine_timeout = { { "5000", "5000" } }, callback_method = { { "post", "POST" } },
  },
}

describe("Nexmo", function()
  local box, nexmo

  setup(function()
    box = sandbox.start()
    nexmo = wire.nexmo(box)
  end)
  teardown(function()
    nexmo:close()
    box:stop()
  end)
  before_each(function() box:reset { strict = true } end)

  --- The value of a name in a query or form; nil: it is not there.
  local function value_in(text, name)
    for key, value in text:gmatch "([^&?]+)=([^&]*)" do
      if key == name then
        return (value:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
      end
    end
  end

  for operation, case in pairs(SENT) do
    it("is sent what the params of " .. operation .. " mean", function()
      for name, list in pairs(case) do
        for _, entry in ipairs(name ~= "base" and list or {}) do
          local params = wire.changed(case.base, { [name] = entry[1] })
          local shown = assert(nexmo:prepare(operation, params))
          local written = shown.body or shown.url:match "%?.*" or ""
          assert.same({ entry[2] }, { value_in(written, name) })
        end
      end
    end)
  end

  it("takes these calls", function()
    assert(nexmo:send_sms(wire.changed(TEXT, { ttl = "60000", ["message-class"] = "0",
      ["status-report-req"] = "1", ["client-ref"] = 12345, udh = "050003CC0201",
      ["protocol-id"] = 64 })))
    assert.equal("12345", box:arrivals()[1].ref)
    assert(nexmo:list_inbound_numbers { country = "gb", size = "5", features = { "VOICE", "sms" } })
    assert(nexmo:create_application(wire.changed(APPLICATION, { type = "VOICE",
      answer_method = "get", event_method = "Post" })))
    local body = cjson.decode(box:arrivals()[3].body)
    assert.same({ "GET", "POST" }, { body.capabilities.voice.webhooks.answer_url.http_method,
      body.capabilities.voice.webhooks.event_url.http_method })
    local count = 0
    for number, err in nexmo:each("list_inbound_numbers", { country = "gb", size = "7",
      index = "2" }) do
      assert.is_nil(err)
      count = count + (number and 1 or 0)
    end
    assert.is_true(count > 0)
  end)

  it("is sent a reference of a number by a gateway, and one in capitals by an item", function()
    local sent = assert(sms.gateway { nexmo }:send(wire.changed(TEXT, { ref = 77.0 })))
    assert.same({ "77", "77" }, { sent.ref, box:arrivals()[1].ref })
    for _, result, err in nexmo:send_all { wire.changed(TEXT, { ["client-ref"] = 78, type = "TEXT",
      ttl = "20000" }) } do
      assert.is_nil(err)
      assert.equal("78", result.messages[1]["client-ref"])
    end
  end)

  it("is sent nothing that is blank", function()
    box:clear_arrivals()
    local HINT = "leave it out where there is none"
    for name, value in pairs { ["client-ref"] = "", ["account-ref"] = " ", type = " ",
      callback = "",
      udh = "\194\160", ["protocol-id"] = "", ttl = "", ["message-class"] = " ",
      ["status-report-req"] = "", ["trusted-number"] = "\n" } do
      local _, err = nexmo:send_sms(wire.changed(TEXT, { [name] = value }))
      assert.same({ "invalid", name }, { err.kind, err.problems[1].path })
      assert.matches(HINT .. "$", err.problems[1].message)
    end
    for _, name in ipairs { "size", "search_pattern", "has_application" } do
      local _, err = nexmo:list_owned_numbers { [name] = "" }
      assert.matches(HINT .. "$", err.problems[1].message)
    end
    for _, text in ipairs { "   ", "\n", " \194\160\t" } do
      for _, result in ipairs { { nexmo:send_sms(wire.changed(TEXT, { text = text })) },
        { nexmo:send_voice { to = "447700900000", text = text } },
        { sms.gateway { nexmo }:send(wire.changed(TEXT, { text = text })) } } do
        assert.same({ "invalid", "text", "must not be blank" }, { result[2].kind,
          result[2].problems[1].path, result[2].problems[1].message })
      end
    end
    assert.equal(0, box:count())
  end)

  it("is sent params without what their metatables would give", function()
    local defaults = { text = "Hello", ["client-ref"] = "hidden" }
    local behind = setmetatable({ from = "Acme", to = "447700900000" }, { __index = defaults })
    local _, err = nexmo:send_sms(behind)
    assert.same({ "invalid", "text" }, { err.kind, err.problems[1].path })
    behind.text = "Hello"
    assert(nexmo:send_sms(behind))
    for _, _, failure in nexmo:send_all { behind } do assert.is_nil(failure) end
    assert(sms.gateway { nexmo, nexmo = setmetatable({}, { __index = defaults }) }:send(behind))
    assert.equal(3, box:count())
    for _, arrival in ipairs(box:arrivals()) do
      assert.is_nil(arrival.body:find("hidden", 1, true))
    end
  end)
end)
