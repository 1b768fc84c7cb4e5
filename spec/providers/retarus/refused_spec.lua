-- Bad input for Retarus: named with its path, nothing sent, and the next call works.

local cases = require "spec.cases.retarus_refused"
local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"

local function job_with(place, name, value)
  local recipient = { dst = "+491760000001" }
  local options = {}
  local record = place == "options" and options or recipient
  if name then record[name] = value end
  return { options = options, messages = { { text = "Hello", recipients = { recipient } } } }
end

local function sorted(fields)
  local names, i = {}, 0
  for name in pairs(fields) do names[#names + 1] = name end
  table.sort(names)
  return function()
    i = i + 1
    return names[i], fields[names[i]]
  end
end

describe("Retarus refuses", function()
  local server, client

  setup(function()
    server = raw_server.start()
    client = retarus.client_of(server.url)
  end)
  teardown(function() server:stop() end)
  before_each(function()
    server:forget()
    server:reply(raw_server.http(200, '{"jobId":"J"}'))
  end)

  -- `expected`: path -> words of the message
  local function assert_refused(expected, operation, params)
    local result, err = client[operation](client, params)
    assert.is_nil(result)
    assert.same({ kind = "invalid", outcome = "not_sent", retryable = false },
      retarus.brief(err))
    assert.same({ "retarus", operation }, { err.provider, err.operation })
    local found = {}
    for _, problem in ipairs(err.problems) do
      assert.is_nil(found[problem.path], problem.path)
      found[problem.path] = problem.message
    end
    for path, words in pairs(expected) do
      assert.matches(words, found[path] or "(nothing about " .. path .. ")")
      found[path] = nil
    end
    assert.same({}, found)
    local prepared, same = client:prepare(operation, params)
    assert.is_nil(prepared)
    assert.same(err.problems, same.problems)
    assert.same({}, server:requests())
    return err
  end

  for _, place in ipairs { "options", "recipient" } do
    local prefix = place == "options" and "options." or "messages[1].recipients[1]."
    for name, field in sorted(cases[place]) do
      it(("every wrong %s of %s"):format(name, place), function()
        for _, bad in ipairs(field.bad) do
          local value, words, within = bad[1], bad[2], bad[3]
          assert_refused({ [prefix .. name .. (within or "")] = words or "must" }, "send_job",
            job_with(place, name, value))
        end
        assert(client:send_job(job_with(place)))
      end)

      it(("no good %s of %s"):format(name, place), function()
        for i, value in ipairs(field.ok) do
          local sent, err = client:send_job(job_with(place, name, value))
          assert.is_nil(err)
          assert.equal("J", sent.jobId)
          assert.equal(i, #server:requests())
        end
      end)
    end
  end

  for _, case in ipairs(cases.jobs) do
    it("a job with " .. case[1], function()
      assert_refused(case[3], "send_job", case[2])
      assert(client:send_job(retarus.job "+491760000001"))
    end)
  end

  for _, case in ipairs(cases.reads) do
    it(("%s with %s"):format(case[1], case[2]), function()
      assert_refused(case[4], case[1], case[3])
      assert(client:get_version())
    end)
  end

  it("no criteria at the edge", function()
    server:reply(raw_server.http(200, "[]"))
    for i, params in ipairs(cases.taken_lists) do
      assert.same({}, client:list_jobs(params))
      assert.equal(i, #server:requests())
    end
  end)

  it("3,001 recipients, counted over all messages", function()
    local messages = {}
    for i = 1, 3 do
      messages[i] = { text = "Hello", recipients = {} }
      for k = 1, 1000 do messages[i].recipients[k] = ("+4917600%05d"):format(i * 1000 + k) end
    end
    assert(client:send_job { messages = messages })
    server:forget()
    messages[4] = { text = "Hello", recipients = { "+491760000001" } }
    assert_refused({ messages = "at most 3000 recipients together, not 3001" }, "send_job",
      { messages = messages })
  end)

  it("tables that contain themselves", function()
    local params = retarus.job "+491760000001"
    params.options = { blackoutPeriods = {} }
    params.options.blackoutPeriods[1] = params
    assert_refused({ ["options.blackoutPeriods[1]"] = "must be a string" }, "send_job", params)
    local extra = {}
    extra.again = extra
    local result, err = client:send_job(retarus.job "+491760000001", { extra = { new = {} } })
    assert.is_nil(err)
    assert.equal("J", result.jobId)
    result, err = client:send_job(retarus.job "+491760000001", { extra = extra })
    assert.same({ "invalid", "not_sent" }, { not result and err.kind, err.outcome })
    assert.matches("nested too deep, or contains itself", err.message)
  end)

  it("to show what it refused in the sentence", function()
    local err = assert_refused({ ["messages[1].recipients[1].dst"] = "phone number",
      ["options.qos"] = "EXPRESS" }, "send_job",
      { options = { qos = "secret" }, messages = { { text = "Hello",
        recipients = { "+4917600000000012345" } } } })
    assert.is_nil(tostring(err):find("4917600", 1, true))
    assert.is_nil(tostring(err):find("secret", 1, true))
    assert.matches("^retarus send_job: [%w%.%[%]]+: must be .* %(and 1 more%) "
      .. "%[invalid, not_sent%]$", tostring(err))
  end)
end)
