-- The capabilities of an application: each field of each is checked before anything is sent, and
-- what passes is what the sandbox, which reads the facts for itself, takes.

local capabilities = require "sms.providers.nexmo.applications.capabilities"
local cases = require "spec.cases.nexmo_capabilities"
local cjson = require "cjson"
local sandbox = require "spec.support.servers.sandbox"
local wire = require "spec.support.wire"

local box, nexmo

--- Capabilities with one value at its path; a webhook around it has its address.
local function at_path(path, value)
  local all = {}
  local at, last = all, nil
  for name in path:gmatch "[^.]+" do
    if last then
      at[last] = at[last] or {}
      at = at[last]
    end
    last = name
  end
  if last ~= "address" and path:find "_url%." then
    at.address = "https://example.com"
  end
  at[last] = value
  return all
end

local function create(given, options)
  return nexmo:create_application({ name = "Demo", capabilities = given }, options)
end

describe("A capability of an application", function()
  setup(function()
    box = sandbox.start()
    box:settings { key_bits = 512 }
    nexmo = wire.nexmo(box)
  end)
  teardown(function()
    nexmo:close()
    box:stop()
  end)

  for path, case in pairs(cases) do
    it("is sent with every value that " .. path .. " may have", function()
      for _, value in ipairs(case.good) do
        local given = at_path(path, value)
        box:clear_arrivals()
        local made = assert(create(given))
        assert.same(given, made.capabilities)
        assert.same(given, cjson.decode(box:arrivals()[1].body).capabilities)
      end
      for value, sent in pairs(case.like or {}) do
        box:clear_arrivals()
        assert.same(at_path(path, sent), assert(create(at_path(path, value))).capabilities)
      end
    end)

    it("is refused with others of " .. path, function()
      box:clear_arrivals()
      for _, operation in ipairs { "create_application", "update_application" } do
        for _, entry in ipairs(case.bad) do
          local params = { name = "Demo", capabilities = at_path(path, entry[1]) }
          params.application_id = operation == "update_application" and "a" or nil
          local result, err = nexmo[operation](nexmo, params)
          assert.is_nil(result)
          assert.same({ "invalid", "not_sent", 1, "capabilities." .. path .. (entry[3] or "") },
            { err.kind, err.outcome, #err.problems, err.problems[1].path })
          assert.matches(entry[2], err.problems[1].message, 1, true)
        end
      end
      assert.equal(0, box:count())
    end)
  end

  it("has cases for every field that is declared", function()
    local missing = {}
    local function walk(fields, prefix)
      for _, field in ipairs(fields) do
        local path = prefix .. field[1]
        if not cases[path] or not cases[path].bad[1] then
          missing[#missing + 1] = path
        end
        walk(field.fields or {}, path .. ".")
      end
    end
    walk(capabilities.fields, "")
    assert.same({}, missing)
  end)

  it("names all that is wrong", function()
    local _, err = create { voice = { region = "eu", webhooks = { answer_url = {} } },
      verify = { webhooks = { status_url = { address = "x", http_method = "GET" } } } }
    local paths = {}
    for i, problem in ipairs(err.problems) do
      paths[i] = problem.path
    end
    assert.same({ "capabilities.voice.webhooks.answer_url.address", "capabilities.voice.region",
      "capabilities.verify.webhooks.status_url.address",
      "capabilities.verify.webhooks.status_url.http_method" }, paths)
  end)

  it("is handed through where it is of a later version", function()
    local later = { meetings = { webhooks = { room_changed = { address = "https://a.b" } } },
      video = { x = { 1, 2, { y = true } } }, network_apis = { network_application_id = "n" } }
    box:clear_arrivals()
    local made = assert(create(later))
    assert.same(later, made.capabilities)
  end)

  it("may have fields of a later version beside the check", function()
    local later = { voice = { later = { a = 1 } } }
    box:clear_arrivals()
    assert(nexmo:update_application({
      application_id = assert(create { voice = {} }).id, name = "Demo", type = "voice",
      answer_url = "https://example.com/a", event_url = "https://example.com/e",
    }, { extra = { capabilities = later } }))
    assert.same(later, cjson.decode(box:arrivals "update_application"[1].body).capabilities)
  end)

  it("is not changed in the caller's table", function()
    local given = { voice = { conversations_ttl = 48.0, region = "eu-west" }, vbc = {} }
    assert(create(given))
    assert.same({ voice = { conversations_ttl = 48.0, region = "eu-west" }, vbc = {} }, given)
  end)
end)
