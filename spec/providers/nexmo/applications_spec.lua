-- Applications in their course: what an update keeps, what a repeat means.

local cjson = require "cjson"
local sandbox = require "spec.support.servers.sandbox"
local wire = require "spec.support.wire"

local box, nexmo

local PUBLIC = "-----BEGIN PUBLIC KEY-----\nMFwwDQ\n-----END PUBLIC KEY-----\n"

local documented = { name = "New", type = "voice", answer_url = "https://example.com/answer",
  event_url = "https://example.com/event" }

local function hook(path, method, more)
  return wire.changed({ address = "https://example.com/" .. path, http_method = method },
    more or {})
end

--- What somebody has made with version 2.
local function full_capabilities()
  return {
    voice = {
      webhooks = {
        answer_url = hook("old", "POST", { connect_timeout = 500, socket_timeout = 3000 }),
        fallback_answer_url = hook("fallback", "GET"),
        event_url = hook("old", "GET"),
      },
      signed_callbacks = false, conversations_ttl = 1, region = "eu-west",
    },
    messages = { version = "v1", webhooks = { inbound_url = hook("in", "POST"),
      status_url = hook("status", "POST") } },
    vbc = {},
    verify = { webhooks = { status_url = hook("verified", "POST") } },
  }
end

local function made()
  local application = assert(nexmo:create_application { name = "Old",
    privacy = { improve_ai = false }, keys = { public_key = PUBLIC },
    capabilities = full_capabilities() })
  box:clear_arrivals()
  return application.id
end

local function update(id, more, options)
  return nexmo:update_application(
    wire.changed(wire.changed(documented, { application_id = id }), more or {}), options)
end

describe("An application of Nexmo", function()
  box = sandbox.for_specs({}, { strict = true })
  setup(function() nexmo = wire.nexmo(box) end)
  teardown(function() nexmo:close() end)

  it("keeps in an update what the documented parameters do not name", function()
    local id = made()
    local result = assert(update(id))
    local expected = full_capabilities()
    expected.voice.webhooks.answer_url = hook("answer", "GET",
      { connect_timeout = 500, socket_timeout = 3000 })
    expected.voice.webhooks.event_url = hook("event", "POST")
    local read = assert(nexmo:get_application { application_id = id })
    for _, application in ipairs { result, read } do
      assert.same({}, wire.differences(expected, application.capabilities))
      assert.same({ public_key = PUBLIC }, application.keys)
      assert.same({ improve_ai = false }, application.privacy)
      assert.equal("New", application.name)
    end
    local arrivals = box:arrivals()
    assert.same({ "get_application", "update_application", "get_application" },
      { arrivals[1].operation, arrivals[2].operation, arrivals[3].operation })
    assert.same({ capabilities = expected, keys = { public_key = PUBLIC }, name = "New",
      privacy = { improve_ai = false } }, cjson.decode(arrivals[2].body))
    assert.matches('"vbc":{}', arrivals[2].body)
  end)

  it("takes a new key and privacy in an update", function()
    local id, key = made(), PUBLIC:gsub("MFww", "MGcw")
    local result = assert(update(id, { keys = { public_key = key },
      privacy = { improve_ai = true }, answer_method = "POST", event_method = "GET" }))
    assert.same({ { public_key = key }, { improve_ai = true } }, { result.keys, result.privacy })
    assert.same(hook("event", "GET"), result.capabilities.voice.webhooks.event_url)
    assert.equal("POST", result.capabilities.voice.webhooks.answer_url.http_method)
  end)

  it("has after an update with capabilities exactly what was given", function()
    local id = made()
    local given = { rtc = { webhooks = { event_url = hook("rtc", "POST") } }, vbc = {} }
    local result = assert(nexmo:update_application { application_id = id, name = "New",
      capabilities = given, keys = { public_key = PUBLIC } })
    assert.same(given, result.capabilities)
    assert.same({ improve_ai = true }, result.privacy)
    assert.equal(1, box:count())
  end)

  it("gets a voice where it had none", function()
    local id = assert(nexmo:create_application { name = "Old", capabilities = {} }).id
    local result = assert(update(id))
    assert.same({ voice = { webhooks = { answer_url = hook("answer", "GET"),
      event_url = hook("event", "POST") } } }, result.capabilities)
  end)

  it("is not written where it cannot be read", function()
    local id = made()
    local _, err = update("aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab")
    assert.same({ "not_found", "rejected", 404, "update_application" },
      { err.kind, err.outcome, err.status, err.operation })
    box:fault { operation = "get_application", kind = "status", status = 503 }
    _, err = update(id)
    assert.same({ "server", 503, "update_application" }, { err.kind, err.status, err.operation })
    assert.same({}, box:arrivals "update_application")
  end)

  it("is surely as it was where reading it failed", function()
    local id = made()
    box:fault { operation = "get_application", kind = "close" }
    local _, err = update(id)
    assert.same({ "connection", "not_sent", true }, { err.kind, err.outcome, err.retryable })
  end)

  it("is read for an update without what is sent beside the documented", function()
    local id = made()
    box:settings { strict = false }
    assert(update(id, nil, { extra = { later = { deep = true } } }))
    local arrivals = box:arrivals()
    assert.is_nil(arrivals[1].query)
    assert.same({ deep = true }, cjson.decode(arrivals[2].body).later)
  end)

  it("is not changed in the caller's table", function()
    local id, capabilities = made(), full_capabilities()
    assert(nexmo:update_application { application_id = id, name = "New",
      capabilities = capabilities })
    assert.same(full_capabilities(), capabilities)
    local params = wire.changed(documented, { application_id = id })
    assert(nexmo:update_application(params))
    assert.same(wire.changed(documented, { application_id = id }), params)
  end)

  it("cannot be deleted twice", function()
    local id = made()
    assert.same({}, nexmo:delete_application { application_id = id })
    local result, err = nexmo:delete_application { application_id = id }
    assert.is_nil(result)
    assert.same({ "not_found", "rejected", 404, false },
      { err.kind, err.outcome, err.status, err.retryable })
    assert.equal(2, box:count())
  end)

  it("has an id that stays one piece of the path", function()
    for id, sent in pairs { ["a/b"] = "a%2Fb", ["a?b=c"] = "a%3Fb%3Dc", ["a b#"] = "a%20b%23",
      ["%2e"] = "%252e", ["é"] = "%C3%A9" } do
      box:clear_arrivals()
      local _, err = nexmo:get_application { application_id = id }
      assert.equal("not_found", err.kind)
      assert.equal("/v2/applications/" .. sent, box:arrivals()[1].path)
    end
  end)

  it("is seen the same through both versions", function()
    local old = wire.nexmo(box, { api_version = 1 })
    local id = assert(old:create_application(documented)).id
    assert.same(hook("answer", "GET"),
      assert(nexmo:get_application { application_id = id }).capabilities.voice.webhooks.answer_url)
    assert(update(id, { name = "Newer" }))
    assert.equal("Newer", assert(old:get_application { application_id = id }).name)
    assert.equal(1, assert(old:list_applications()).count)
    assert.same({}, old:delete_application { application_id = id })
    assert.same({}, nexmo:list_applications()._embedded.applications)
    old:close()
  end)

  it("is found page by page, counted from 0", function()
    for i = 1, 3 do
      assert(nexmo:create_application(wire.changed(documented, { name = "App " .. i })))
    end
    for _, version in ipairs { 1, 2 } do
      local client, names = wire.nexmo(box, { api_version = version }), {}
      for index = 0, 2 do
        local page = assert(client:list_applications { page_size = 2, page_index = index })
        assert.same({}, wire.differences({ 3, 2, index },
          { page.count, page.page_size, page.page_index }))
        for _, application in ipairs(page._embedded.applications) do
          names[#names + 1] = application.name
        end
      end
      assert.same({ "App 1", "App 2", "App 3" }, names)
      client:close()
    end
  end)
end)
