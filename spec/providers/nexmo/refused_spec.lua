-- Every field of every Nexmo operation, given wrongly: refused by name, and nothing is sent.

local application_cases = require "spec.cases.nexmo_refused_applications"
local applications = require "sms.providers.nexmo.applications"
local cases = require "spec.cases.nexmo_refused"
local provider = require "sms.providers.nexmo"
local sandbox = require "spec.support.servers.sandbox"
local wire = require "spec.support.wire"

local box, clients

local NOT_FIELDS = { base = true, missing = true }

local function operation_of(title)
  return (title:gsub(",.*", ""))
end

--- A call that must be refused with one problem.
local function refused(client, operation, params, path, message)
  local before = wire.changed(params, {})
  local result, err = client[operation](client, params)
  assert.is_nil(result)
  assert.same({ "invalid", "not_sent", "nexmo", operation, false },
    { err.kind, err.outcome, err.provider, err.operation, err.retryable })
  assert.equal(1, #err.problems, "problems of " .. path)
  assert.equal(path, err.problems[1].path)
  assert.matches(message, err.problems[1].message)
  assert.is_nil(tostring(err):find "%d%d%d%d%d%d%d%d%d%d")
  assert.is_nil(tostring(err):find "[%z\1-\31]")
  for name, value in pairs(before) do
    assert.is_true(rawequal(value, params[name]) or value ~= value)
  end
end

local function check_fields(version, title, case)
  local operation, client = operation_of(title), clients[version]
  for name, values in pairs(case) do
    for _, entry in ipairs(NOT_FIELDS[name] and {} or values) do
      refused(client, operation, wire.changed(case.base, { [name] = entry[1] }),
        entry[3] or name, entry[2])
    end
  end
  for _, name in ipairs(case.missing) do
    refused(client, operation, wire.changed(case.base, { [name] = wire.none }), name,
      "^is required")
  end
end

describe("Nexmo is sent nothing", function()
  setup(function()
    box = sandbox.start()
    clients = { wire.nexmo(box, { api_version = 1 }), wire.nexmo(box) }
  end)
  teardown(function()
    clients[1]:close()
    clients[2]:close()
    box:stop()
  end)

  after_each(function()
    assert.equal(0, box:count())
  end)

  for title, case in pairs(cases) do
    it("by " .. title .. " where a field is wrong", function()
      check_fields(2, title, case)
    end)
  end

  for version, list in pairs(application_cases) do
    for title, case in pairs(list) do
      it(("by %s of version %d where a field is wrong"):format(title, version), function()
        check_fields(version, title, case)
      end)
    end
  end

  it("without a case for every field", function()
    local unchecked = {}
    for version = 1, 2 do
      for _, declared in ipairs(provider.operations) do
        local operation = applications.select(declared, { api_version = version })
        for _, field in ipairs(operation.fields) do
          local found = false
          for _, list in ipairs { cases, application_cases[version] } do
            for title, case in pairs(list) do
              found = found or operation_of(title) == operation[1] and case[field[1]] ~= nil
            end
          end
          unchecked[#unchecked + 1] = not found and operation[1] .. "." .. field[1] or nil
        end
      end
    end
    assert.same({}, unchecked)
  end)
end)
