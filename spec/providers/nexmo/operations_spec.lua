-- The Nexmo operations over real sockets: every key, and as few as possible.

local cases = require "spec.cases.nexmo"
local application_cases = require "spec.cases.nexmo_applications"
local json = require "sms.base.json"
local number_cases = require "spec.cases.nexmo_numbers"
local provider = require "sms.providers.nexmo"
local sandbox = require "spec.support.servers.sandbox"
local voice_cases = require "spec.cases.nexmo_voice"
local wire = require "spec.support.wire"

local box

local function new_client(options)
  return wire.nexmo(box, options)
end

--- The request that is there beside the sandbox's own notes about it.
local function request_of(arrival)
  return {
    method = arrival.method, path = arrival.path, query = arrival.query, body = arrival.body,
    authorization = arrival.authorization, content_type = arrival.content_type,
    accept = arrival.accept,
  }
end

--- An arrival as `prepare` shows it: key and secret masked, the scheme alone.
local function shown(expected)
  local query = expected.query and "?" .. expected.query or ""
  local body = expected.body ~= "" and expected.body or nil
  return {
    method = expected.method,
    url = (box.urls.nexmo .. expected.path .. query):gsub("api_key=abcd1234", "api_key=***"),
    headers = {
      Accept = "application/json", ["Content-Type"] = expected.content_type,
      Authorization = expected.authorization and expected.authorization .. " ***",
    },
    body = body and body:gsub("api_key=abcd1234", "api_key=***") or nil,
  }
end

--- A request with the members of its body in the order of their names, where they come in that of
--- what was read.
local function in_order(case, request)
  request.body = case.requests and json.encode_any(json.decode(request.body)) or request.body
  return request
end

local function run(case, id)
  case = wire.fill(case, id)
  local client = new_client(case.options)
  local result, err = client[case[2]](client, case.params)
  assert.equal(case.failure, err and err.code)
  if type(case.result) == "table" then
    assert.same({}, wire.differences(case.result, result))
  end
  local arrivals = box:arrivals()
  assert.equal(case.requests or 1, #arrivals)
  case.arrival.accept = "application/json"
  assert.same(case.arrival, in_order(case, request_of(arrivals[#arrivals])))
  assert.same(shown(case.arrival), in_order(case, assert(client:prepare(case[2], case.params))))
  assert.equal((case.requests or 0) + 1, box:count()) -- to prepare such an update, it is read
  client:close()
end

describe("A Nexmo operation", function()
  setup(function()
    box = sandbox.start()
  end)
  teardown(function()
    box:stop()
  end)
  before_each(function()
    box:reset { strict = true, key_bits = 512 }
  end)

  for _, list in ipairs { cases, number_cases } do
    for _, case in ipairs(list) do
      it(("%s sends %s"):format(case[2], case[1]), function()
        run(case)
      end)
    end
  end

  for _, case in ipairs(application_cases) do
    it(("%s sends %s"):format(case[2], case[1]), function()
      local client, id = new_client(), nil
      if case[2] ~= "create_application" then
        id = assert(client:create_application(application_cases.before)).id
        box:clear_arrivals()
      end
      client:close()
      run(case, id)
    end)
  end

  it("has a case with every documented key", function()
    local missing = {}
    for _, operation in ipairs(provider.operations) do
      local seen = {}
      for _, list in ipairs { cases, number_cases, application_cases } do
        for _, case in ipairs(list) do
          for name in pairs(case[2] == operation[1] and case.params or {}) do
            seen[name] = true
          end
        end
      end
      for _, case in ipairs(operation[1] == "send_voice" and voice_cases.calls or {}) do
        for name in pairs(case.params) do
          seen[name] = true
        end
      end
      for _, field in ipairs(operation.fields) do
        if not seen[field[1]] then
          missing[#missing + 1] = operation[1] .. "." .. field[1]
        end
      end
    end
    assert.same({}, missing)
  end)
end)
