-- What an update of an application writes back of what it read, byte by byte.

local raw_server = require "spec.support.servers.raw_server"
local sms = require "sms"

local PARAMS = { application_id = "a1", name = "New", type = "voice",
  answer_url = "https://example.com/a", event_url = "https://example.com/e" }

local ANSWER = [["address":"https:\/\/example.com\/a","http_method":"GET"]]
local EVENT = [["address":"https:\/\/example.com\/e","http_method":"POST"]]
local HOOKS = ('"webhooks":{"answer_url":{%s},"event_url":{%s}}'):format(ANSWER, EVENT)

-- what was read, what is written
local CASES = {
  ["nothing but an id"] = { '{"id":"a1"}',
    '{"capabilities":{"voice":{' .. HOOKS .. '}},"name":"New"}' },
  ["lists and objects that are empty, numbers that are large or long, blanks, escapes"] = {
    [[ { "id" : "a1" , "list" : [ ] , "object":{ } , "big":12345678901234567890, "n":1.10e+02,
      "name":"Old","text":"\u00e4\/\ud83d","né":[1,2.50,{"a":null}],"none":null,
      "_links":{"self":1}}]],
    [[{"list":[ ],"object":{ },"big":12345678901234567890,"n":1.10e+02,"name":"New",]]
      .. [["text":"\u00e4\/\ud83d","né":[1,2.50,{"a":null}],"none":null,"capabilities":{"voice":{]]
      .. HOOKS .. "}}}" },
  ["members of all that is on the way to its URLs"] = {
    [[{"capabilities":{"rtc":{"x":[]},"voice":{"ttl":900719925474099312,"webhooks":{]]
      .. [["event_url":{"http_method":"GET","socket_timeout":10.0,"address":"old"},"later":[0, 1],]]
      .. [["answer_url":{"address":"old"}},"region":"eu-west"},"vbc":{}},"id":"a1",]]
      .. [["name":"a\"}{","z":"\u007a"}]],
    [[{"capabilities":{"rtc":{"x":[]},"voice":{"ttl":900719925474099312,"webhooks":{]]
      .. [["event_url":{"http_method":"POST","socket_timeout":10.0,]]
      .. [["address":"https:\/\/example.com\/e"},]]
      .. [["later":[0, 1],"answer_url":{]] .. ANSWER .. [[}},"region":"eu-west"},"vbc":{}},]]
      .. [["name":"New","z":"\u007a"}]] },
  ["what is null on the way"] = {
    '{"id":"a1","capabilities":{"voice":null,"a":1},"name":null,"keys":{"public_key":null}}',
    '{"capabilities":{"voice":{' .. HOOKS .. '},"a":1},"name":"New","keys":{"public_key":null}}' },
  ["what is a list on the way"] = { '{"id":"a1","capabilities":[]}',
    '{"capabilities":{"voice":{' .. HOOKS .. '}},"name":"New"}' },
  ["names with escapes"] = { [[{"\u0069d":"a1","n\u0061me":"Old","k\u0065pt":1}]],
    [[{"n\u0061me":"New","k\u0065pt":1,"capabilities":{"voice":{]] .. HOOKS .. "}}}" },
}

describe("An update of an application", function()
  local server, client

  setup(function()
    server = raw_server.start()
    client = sms.nexmo { api_key = "abcd1234", api_secret = "Secret0123456789",
      base_url = server.url, rate_limit = false, retry = false }
  end)
  teardown(function()
    client:close()
    server:stop()
  end)
  before_each(function() server:forget() end)

  local function body_of(request)
    return request.text:match "\r\n\r\n(.*)$"
  end

  for what, case in pairs(CASES) do
    it("writes back the bytes of " .. what, function()
      server:reply(raw_server.http(200, case[1]))
      assert.equal(case[2], assert(client:prepare("update_application", PARAMS)).body)
      assert.equal(1, #server:requests())
      assert(client:update_application(PARAMS))
      local requests = server:requests()
      assert.equal(3, #requests)
      assert.matches("^GET /v2/applications/a1 ", requests[2].text)
      assert.matches("^PUT /v2/applications/a1 ", requests[3].text)
      assert.equal(case[2], body_of(requests[3]))
    end)
  end

  it("writes what is given, and what is extra, in its place", function()
    server:reply(raw_server.http(200,
      '{"keys":{"public_key":"old"},"x":[],"id":"a1","privacy":{}}'))
    local params = { privacy = { improve_ai = false } }
    for name, value in pairs(PARAMS) do params[name] = value end
    assert(client:update_application(params, { extra = { x = { 1.5 }, y = true } }))
    assert.equal('{"keys":{"public_key":"old"},"x":[1.5],"privacy":{"improve_ai":false},'
      .. '"capabilities":{"voice":{' .. HOOKS .. '}},"name":"New","y":true}',
      body_of(server:requests()[2]))
  end)

  it("writes nothing where it cannot tell what it read", function()
    for body, kind in pairs { ['{"id":"a1","name":"a","name":"b"}'] = "protocol",
      ['{"id":"a1"}{}'] = "protocol", ['{"id":""}'] = "protocol", ["[]"] = "protocol" } do
      server:forget()
      server:reply(raw_server.http(200, body))
      for _, how in ipairs { "update_application", "prepare" } do
        local result, err
        if how == "prepare" then
          result, err = client:prepare("update_application", PARAMS)
        else
          result, err = client:update_application(PARAMS)
        end
        assert.is_nil(result)
        assert.same({ kind, "not_sent", "update_application" },
          { err.kind, err.outcome, err.operation })
      end
      assert.equal(2, #server:requests())
    end
  end)

  it("is prepared without a read where it is wrong, or says all of it", function()
    local _, err = client:prepare("update_application", { application_id = "a1" })
    assert.equal("invalid", err.kind)
    assert.equal('{"capabilities":{},"name":"New"}', client:prepare("update_application",
      { application_id = "a1", name = "New", capabilities = {} }).body)
    assert.same({}, server:requests())
  end)
end)
