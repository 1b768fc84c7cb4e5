-- What a call may send beside the documented keys: the option `extra`.

local cjson = require "cjson"
local sandbox = require "spec.support.servers.sandbox"
local wire = require "spec.support.wire"

local box, nexmo

local message = { from = "Acme", to = "447700900000", text = "Hello" }
local application = { name = "A", capabilities = {} }

describe("Nexmo", function()
  box = sandbox.for_specs()
  setup(function() nexmo = wire.nexmo(box) end)
  teardown(function() nexmo:close() end)

  it("is sent what it takes since later in a form, a query and JSON", function()
    local extra = { later = "a&b", ["new-key"] = 1.0, off = false, zero = 0 }
    assert(nexmo:send_sms(message, { extra = extra }))
    assert(nexmo:list_owned_numbers({ index = 1 }, { extra = extra }))
    assert(nexmo:create_application(application, { extra = { later = { { 1 }, {} } } }))
    local arrivals = box:arrivals()
    local sent = "&later=a%26b&new-key=1&off=false&zero=0"
    assert.equal("from=Acme&to=447700900000&text=Hello" .. sent, arrivals[1].body)
    assert.equal("index=1" .. sent, arrivals[2].query)
    assert.same({ name = "A", capabilities = {}, later = { { 1 }, {} } },
      cjson.decode(arrivals[3].body))
  end)

  it("is not sent it with the read that an update begins with", function()
    local made = assert(nexmo:create_application(application))
    box:clear_arrivals()
    assert(nexmo:update_application({ application_id = made.id, name = "B", type = "voice",
      answer_url = "https://x.example/a", event_url = "https://x.example/e" },
      { extra = { later = 1 } }))
    local arrivals = box:arrivals()
    assert.same({ "get_application", "update_application" },
      { arrivals[1].operation, arrivals[2].operation })
    assert.equal("", arrivals[1].query or "")
    assert.equal(1, cjson.decode(arrivals[2].body).later)
  end)

  it("is sent it with every item of send_all", function()
    for _, _, err in nexmo:send_all({ message, message }, { extra = { later = 1 } }) do
      assert.is_nil(err)
    end
    local arrivals = box:arrivals()
    assert.equal(2, #arrivals)
    for _, arrival in ipairs(arrivals) do
      assert.equal("from=Acme&to=447700900000&text=Hello&later=1", arrival.body)
    end
  end)

  it("is not sent what has no name, is given already, or does not go into a form", function()
    local _, err = nexmo:send_sms(message, { extra = { "x" } })
    assert.same({ { path = "extra.1", message = "must have a name" } }, err.problems)
    _, err = nexmo:send_sms(message, { extra = { from = "Other" } })
    assert.same({ { path = "extra.from", message = "is among the parameters already" } },
      err.problems)
    _, err = nexmo:create_application(application, { extra = { name = "B" } })
    assert.same({ { path = "extra.name", message = "is among the parameters already" } },
      err.problems)
    _, err = nexmo:send_sms(message, { extra = { later = {} } })
    assert.same({ { path = "extra.later", message = "must not be a table" } }, err.problems)
    _, err = nexmo:send_sms(message, { extra = { later = "caf\233" } })
    assert.same({ { path = "extra.later", message = "is not valid UTF-8 at byte 4" } },
      err.problems)
    _, err = nexmo:send_sms(message, { extra = { ["caf\233"] = "x" } })
    assert.same({ { path = "extra", message = "must have names of valid UTF-8" } }, err.problems)
    _, err = nexmo:create_application(application, { extra = { later = { { deep = "\255" } } } })
    assert.same({ { path = "extra.later[1].deep", message = "is not valid UTF-8 at byte 1" } },
      err.problems)
    for _, list in ipairs { { "a", nil, "c", x = "d" }, { "a", nil, "c", [0.5] = "d" } } do
      _, err = nexmo:create_application(application, { extra = { later = list } })
      assert.same({ { path = "extra.later",
        message = "must be a list or have names for keys" } }, err.problems)
    end
    for _, _, of_item in nexmo:send_all({ message }, { extra = { later = "\255" } }) do
      assert.same({ "invalid", "not_sent" }, { of_item.kind, of_item.outcome })
    end
    _, err = nexmo:create_application(application, { extra = { { 1 } } })
    assert.same({ { path = "extra.1", message = "must have a name" } }, err.problems)
    assert.equal(0, box:count())
    assert(nexmo:send_sms(message))
  end)
end)
