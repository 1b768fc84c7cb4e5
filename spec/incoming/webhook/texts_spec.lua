-- A webhook that is authentic is read, whatever its texts are: no other copy of it comes.

local cases = require "spec.cases.webhooks"
local sms = require "sms"
local stores = require "spec.support.stores.init"
local webhooks = require "spec.support.servers.webhooks"

local ANY_TIME = { tolerance = false }
local HIGH, LOW = "\237\160\189", "\237\178\150" -- of U+1F496
local HEART, REPLACED = "\240\159\146\150", "\239\191\189"

local PART = { concat = "true", ["concat-ref"] = "17", ["concat-total"] = "2", type = "unicode" }

--- The fields of a part of a text.
local function part(number, text)
  local fields = cases.changed(cases.inbound, PART)
  fields.messageId, fields["concat-part"], fields.text = "0C" .. number, tostring(number), text
  return fields
end

describe("A webhook's texts", function()
  stores.redis.around()

  local unknowing, knowing = webhooks.client(), webhooks.client "sha256"

  --- What is read of a text, in all forms that can bring it; `escaped`: as JSON has it.
  local function each_way(params, escaped, check)
    local requests = {}
    for _, form in ipairs(webhooks.forms) do
      requests[#requests + 1] = webhooks.request(form, webhooks.signed(params, "sha256"))
    end
    local raw = webhooks.json(params)
    requests[#requests + 1] = webhooks.by_token(raw)
    if escaped then
      local from, to = raw:find(params.text, 1, true)
      raw = raw:sub(1, from - 1) .. escaped .. raw:sub(to + 1)
      requests[#requests + 1] = webhooks.by_token(raw)
    end
    for _, request in ipairs(requests) do
      check(assert(knowing:read_webhook(request, ANY_TIME)))
    end
    check(assert(unknowing:read_webhook(requests[1])))
  end

  it("may have a NUL, and any other control character", function()
    local text = "a\0b\1\127\27"
    local params = cases.changed(cases.inbound, { text = text })
    each_way(params, nil, function(read) assert.equal(text, read.fields.text) end)
    local read = unknowing:read_webhook { method = "POST", body =
      [[{"messageId":"1","to":"2","msisdn":"3","type":"text","text":"a\u0000b"}]] }
    assert.equal("a\0b", read.fields.text)
  end)

  it("of a part keep half a character, which is whole when they are joined", function()
    local fields = {}
    for number, given in ipairs { { "I " .. HIGH, [[I \ud83d]] }, { LOW .. "!", [[\uDC96!]] } } do
      each_way(part(number, given[1]), given[2], function(read)
        assert.equal("inbound_sms", read.kind)
        assert.equal(given[1], read.fields.text)
        fields[number] = read.fields
      end)
    end
    for _, order in ipairs { { 1, 2 }, { 2, 1 } } do
      for name, kind in pairs(stores) do
        local inbound = sms.inbound.new(kind.make())
        assert.is_false((inbound:add(fields[order[1]], 1700000000)), name)
        local message = assert(inbound:add(fields[order[2]], 1700000000))
        assert.equal("I " .. HEART .. "!", message.fields.text)
      end
    end
  end)

  it("of parts whose neighbours do not come have U+FFFD for half a character", function()
    for _, case in ipairs { { { 1, "a" .. HIGH }, nil, "a" .. REPLACED },
      { { 2, LOW .. "b" }, nil, REPLACED .. "b" },
      { { 1, "a" .. HIGH }, { 3, LOW .. "b" }, "a" .. REPLACED .. REPLACED .. "b" } } do
      local inbound = sms.inbound.new(sms.stores.table(), { window = 10 })
      for i = 1, 2 do
        local given = case[i]
        local fields = given and part(given[1], given[2])
        if fields then
          fields["concat-total"] = "3"
          assert.is_false((inbound:add(fields, 0)))
        end
      end
      assert.equal(case[3], inbound:expired(10)[1].fields.text)
    end
  end)

  it("of no part have U+FFFD for half a character", function()
    for text, escaped in pairs { ["a" .. HIGH .. "b"] = [[a\ud83db]], [LOW] = [[\udc96]],
      [LOW .. HIGH] = [[\udc96\ud83d]], [HIGH .. HIGH .. LOW] = [[\ud83d\ud83d\uDC96]] } do
      local expected = text:gsub(HIGH .. LOW, HEART):gsub(HIGH, REPLACED):gsub(LOW, REPLACED)
      local params = cases.changed(cases.inbound, { text = text })
      each_way(params, escaped, function(read)
        assert.equal(expected, read.fields.text)
        local message = sms.inbound.new(sms.stores.table()):add(read.fields, 0)
        assert.equal(expected, message.fields.text)
      end)
    end
  end)

  it("are UTF-8 where what came is not, in values and names", function()
    for text, expected in pairs { ["a\255b"] = "a\239\191\189b", ["\192\128"] = REPLACED:rep(2),
      ["Gr\252\223e"] = "Gr" .. REPLACED:rep(2) .. "e", ["é\244\144\128\128"] =
      "é" .. REPLACED:rep(4), ["é" .. HEART .. "\226\130"] = "é" .. HEART .. REPLACED:rep(2) } do
      local params = cases.changed(cases.inbound, { text = text, ["x" .. text] = "1" })
      each_way(params, nil, function(read)
        assert.equal(expected, read.fields.text)
        assert.equal("1", read.fields["x" .. expected])
      end)
    end
  end)

  it("may have a percent sign that begins no escape", function()
    local params = cases.changed(cases.inbound, { text = "100% or 5%4" })
    local signed = webhooks.form(webhooks.signed(params, "sha256"))
    local raw = signed:gsub("100%%25", "100%%"):gsub("5%%254", "5%%4")
    assert.matches("100%+or+5%4&", raw, 1, true)
    for _, text in ipairs { signed, raw } do
      for _, request in ipairs { { method = "GET", query = text },
        { method = "POST", body = text } } do
        assert.same(params, assert(knowing:read_webhook(request, ANY_TIME)).fields)
      end
    end
  end)

  it("are read in no time, however bad they are", function()
    local body = ('{"text":"%s","message_uuid":"1","status":"x","deep":["%s"]}')
      :format(("\255"):rep(60000), ([[\ud83d\\ud83d]]):rep(4000))
    local began = os.clock()
    local read = assert(unknowing:read_webhook { method = "POST", body = body })
    assert.is_true(os.clock() - began < 2)
    assert.equal(180000, #read.fields.text)
    assert.equal((REPLACED .. [[\ud83d]]):rep(4000), read.fields.deep[1])
  end)
end)

describe("Nested members of a webhook", function()
  local unknowing, knowing = webhooks.client(), webhooks.client "sha256"

  local function each_way(body, check)
    check(assert(knowing:read_webhook(webhooks.by_token(body), ANY_TIME)))
    check(assert(unknowing:read_webhook { method = "POST", body = body }))
  end

  it("are tables, signed by a token or not at all", function()
    each_way([[{"message_uuid":"1","status":"rejected","usage":{"price":"0.1","n":[1,null]},
      "list":[],"none":null,"error":{"title":1000,"detail":"a\ud83d"}}]], function(read)
      assert.equal("delivery_receipt", read.kind)
      assert.same({ message_uuid = "1", status = "rejected", list = {},
        usage = { price = "0.1", n = { 1 } }, error = { title = 1000, detail = "a" .. REPLACED } },
        read.fields)
    end)
    each_way([[{"call_uuid":"1","status":"machine","headers":{"X-A":"b"}}]], function(read)
      assert.equal("voice", read.kind)
      assert.same({ ["X-A"] = "b" }, read.fields.headers)
    end)
    each_way([[{"uuid":"1","conversation_uuid":"CON-2","dtmf":{"digits":"1"}}]], function(read)
      assert.equal("voice", read.kind)
      assert.equal("1", read.fields.dtmf.digits)
    end)
  end)

  it("do not make a kind of what they are not", function()
    for _, body in ipairs { [[{"message_uuid":["1"],"status":"delivered"}]],
      [[{"messageId":"1","msisdn":"2","to":"3","type":"text","text":{"a":"b"}}]],
      [[{"messageId":"1","msisdn":["2"],"to":"3","type":"text","text":"a"}]] } do
      each_way(body, function(read) assert.equal("other", read.kind) end)
    end
  end)

  it("of a receipt reach sms.receipts", function()
    each_way([[{"message_uuid":"1","status":"undeliverable","timestamp":"2030-01-01T10:00:06Z",
      "to":{"type":"sms","number":"447700900000"},"from":{"type":"sms","number":"Acme"},
      "client_ref":"r","usage":{"currency":"EUR","price":"0.0333"},
      "error":{"code":1240,"reason":"x"}}]], function(read)
      local state = sms.receipts.new(sms.stores.table()):add(read.fields)
      assert.same({ "undeliverable", true }, { state.status, state.final })
      assert.same({ status = "undeliverable", ["message-timestamp"] = "2030-01-01T10:00:06Z",
        msisdn = "447700900000", to = "Acme", ["client-ref"] = "r", price = "0.0333",
        ["err-code"] = "1240" }, state.parts[1].receipt)
    end)
  end)

  it("are refused beside a signature, which cannot tell what it signs", function()
    for _, more in ipairs { '"to":["Acme"]', '"x":{"to":"a"}', '"x":[]' } do
      local read, err = knowing:read_webhook { method = "POST",
        body = ('{"messageId":"1","status":"failed","sig":"00",%s}'):format(more) }
      assert.is_nil(read)
      assert.same({ "protocol", "a parameter is no text" }, { err.kind, err.message })
    end
  end)

  it("are refused where one comes twice beside a signature", function()
    local read, err = knowing:read_webhook { method = "POST",
      body = '{"messageId":"1","status":"failed","sig":"00","to":"Acme","to":"Other"}' }
    assert.is_nil(read)
    assert.same({ "protocol", "a parameter comes twice" }, { err.kind, err.message })
  end)

  it("may come twice where a token signs the body: the last one counts", function()
    local body = [[{"message_uuid":"1","status":"failed","error":{"title":"1"},"error":"2"}]]
    assert.equal("2", assert(knowing:read_webhook(webhooks.by_token(body), ANY_TIME)).fields.error)
  end)

  it("come under any type of JSON", function()
    local body = [[{"message_uuid":"1","status":"delivered"}]]
    for _, content in ipairs { "application/json", "text/json; charset=utf-8",
      "application/problem+json", "text/plain" } do
      local read = assert(unknowing:read_webhook { method = "POST", body = body,
        headers = { ["Content-Type"] = content } })
      assert.equal("delivery_receipt", read.kind)
    end
  end)
end)
