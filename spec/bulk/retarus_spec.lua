-- send_all through Retarus: jobs out of single messages.

local cjson = require "cjson"
local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"

local function item(i, text)
  return { dst = ("+49176%07d"):format(i), text = text or "Hello", customerRef = "c" .. i }
end

local function list_of(count, texts)
  local list = {}
  for i = 1, count do list[i] = item(i, texts and texts[(i - 1) % #texts + 1]) end
  return list
end

describe("send_all of Retarus", function()
  local box, client

  setup(function() box = sandbox.start() end)
  teardown(function() box:stop() end)
  before_each(function()
    box:reset { arrival_body = 400000 }
    client = retarus.client(box)
  end)

  --- What a loop over all sees: results and errors by customerRef, and the last round.
  local function collect(source, options, from)
    local results, errs, count = {}, {}, 0
    for sent, result, err in (from or client):send_all(source, options) do
      if not sent then return results, errs, err, count end
      count = count + 1
      assert.is_nil(results[sent.customerRef] or errs[sent.customerRef])
      results[sent.customerRef], errs[sent.customerRef] = result, err
    end
    return results, errs, nil, count
  end

  --- The bodies of the jobs, in the order of their first recipient.
  local function jobs()
    local list = {}
    for i, arrival in ipairs(box:arrivals "send_job") do list[i] = cjson.decode(arrival.body) end
    table.sort(list, function(a, b)
      return a.messages[1].recipients[1].dst < b.messages[1].recipients[1].dst
    end)
    return list
  end

  local function recipients_of(job)
    local count = 0
    for _, message in ipairs(job.messages) do count = count + #message.recipients end
    return count
  end

  it("packs items into jobs of 3,000, in their order, those with one text together", function()
    local list = list_of(6500, { "One", "Two", "Three" })
    list[7].blackoutPeriods = { "2018-10-25T18:00Z/2018-10-26T07:00Z" }
    local results, errs, fatal, count = collect(list, { options = { src = "Acme" } })
    assert.is_nil(fatal)
    assert.same({}, errs)
    assert.equal(6500, count)
    local sent = jobs()
    assert.same({ 3000, 3000, 500 },
      { recipients_of(sent[1]), recipients_of(sent[2]), recipients_of(sent[3]) })
    for n, job in ipairs(sent) do
      assert.same({ src = "Acme" }, job.options)
      assert.equal(3, #job.messages)
      for _, message in ipairs(job.messages) do
        local last = 0
        for _, recipient in ipairs(message.recipients) do
          local i = tonumber(recipient.customerRef:sub(2))
          assert.is_true(i > last and i > (n - 1) * 3000 and i <= n * 3000)
          assert.equal(list[i].text, message.text)
          assert.equal(list[i].dst, recipient.dst)
          last = i
        end
      end
    end
    assert.same(list[7].blackoutPeriods, sent[1].messages[1].recipients[3].blackoutPeriods)
    local ids = {}
    for ref, result in pairs(results) do
      local n = math.floor((tonumber(ref:sub(2)) - 1) / 3000)
      ids[n] = ids[n] or result.jobId
      assert.equal(ids[n], result.jobId)
    end
    assert.matches("^J%.", ids[0])
    assert.is_true(ids[0] ~= ids[1] and ids[1] ~= ids[2])
    assert.equal("One", list[1].text) -- what was given is not changed
  end)

  it("tells an invalid item with its own error, and sends its job without it", function()
    local list = list_of(8)
    list[2].dst, list[3].text, list[4].txt = "nobody", nil, "typo"
    list[5].dst, list[6].blackoutPeriods = 491760000001, { "tomorrow" }
    local results, errs, fatal, count = collect(list)
    assert.is_nil(fatal)
    assert.equal(8, count)
    local paths = {}
    for ref, err in pairs(errs) do
      assert.same({ "invalid", "not_sent", "retarus", "send_job" },
        { err.kind, err.outcome, err.provider, err.operation })
      paths[ref] = err.problems[1].path
    end
    assert.same({ c2 = "dst", c3 = "text", c4 = "txt", c5 = "dst", c6 = "blackoutPeriods[1]" },
      paths)
    assert.equal(3, recipients_of(jobs()[1]))
    assert.is_table(results.c1 and results.c7 and results.c8)
  end)

  it("tells every item of a job that failed", function()
    box:fault { kind = "status", status = 422, count = 1 }
    local _, errs, fatal, count = collect(list_of(3500), { in_flight = 1 })
    assert.is_nil(fatal)
    assert.equal(3500, count)
    local failed = 0
    for _, err in pairs(errs) do
      assert.equal("rejected", err.outcome)
      failed = failed + 1
    end
    assert.equal(3000, failed)
    assert.same({ 2 }, { box:count() })
  end)

  it("repeats a job whose answer was lost where duplicate detection is trusted", function()
    box:fault { operation = "send_job", kind = "lost_answer", how = "close", count = 1 }
    local results, errs = collect(list_of(3), {
      options = { duplicateDetection = true, customerRef = "campaign" },
      retry = { trust_duplicate_detection = true, base = 0, cap = 0 },
    })
    assert.same({}, errs)
    assert.matches("^J%.", results.c1.jobId)
    assert.equal(results.c1, results.c3)
    assert.equal(2, #box:arrivals "send_job")
    box:fault { operation = "send_job", kind = "lost_answer", how = "close", count = 1 }
    local _, unclear = collect { item(9) }
    assert.equal("ambiguous", unclear.c9.outcome)
    assert.equal(3, #box:arrivals "send_job")
  end)

  it("sends texts as they are, each once for all its recipients, and what is sent beside them",
    function()
      local texts = { 'a "b" \\ c/d', "line\nline", "It’s €5", "last" }
      local list = list_of(9, texts)
      list[1].customerRef = ("x"):rep(65) -- longer than advised: another way through the checks
      local results, errs = collect(list, { options = { flash = true }, extra = { campaign = 7 } })
      assert.same({}, errs)
      assert.is_table(results[list[1].customerRef] and results.c9)
      local sent = jobs()[1]
      assert.same({ flash = true }, sent.options)
      assert.equal(7, sent.campaign)
      for n, message in ipairs(sent.messages) do
        assert.equal(texts[n], message.text)
        for i, recipient in ipairs(message.recipients) do
          local given = list[(i - 1) * #texts + n]
          assert.same({ dst = given.dst, customerRef = given.customerRef }, recipient)
        end
      end
      assert.equal(3, #sent.messages[1].recipients)
    end)

  it("counts jobs, not items, where it says how long it takes", function()
    local limited = retarus.client(box, { rate_limit = { calls = 10, period = 60 } })
    local report
    collect(list_of(10), { total = 3000 * 16 + 10, on_progress = function(told) report = told end },
      limited)
    assert.is_true(report.time_left > 100 and report.time_left < 100000, report.time_left)
  end)

  it("sends nothing where the options of its jobs are wrong", function()
    for _, case in ipairs {
      { { source = "Acme" }, "options.source" }, { { maxParts = 99 }, "options.maxParts" },
    } do
      local results, errs, fatal, count = collect(list_of(3), { options = case[1] })
      assert.same({ {}, {}, 0 }, { results, errs, count })
      assert.equal("invalid", fatal.kind)
      assert.equal(case[2], fatal.problems[1].path)
    end
    assert.equal(0, box:count())
  end)

  it("knows that a character can make the provider refuse the whole job", function()
    local list = list_of(3)
    list[2].text = "It’s"
    local results, errs = collect(list, { options = { invalidCharacters = "REFUSE" } })
    assert.is_table(results.c1 and results.c3)
    assert.equal("invalid", errs.c2.kind)
    assert.matches("outside GSM 7%-bit at byte 3", errs.c2.message)
    local given = { options = { invalidCharacters = "REFUSE", encoding = "UTF-16" } }
    assert.same({}, (select(2, collect(list, given))))
  end)

  it("warns once a job of texts that maxParts would cut, or tells the item", function()
    local list, long = list_of(4), ("x"):rep(161)
    list[2].text, list[3].text = long, long
    local function send(settings, strict)
      local warnings = {}
      settings.on_event = function(event)
        if event.name == "warning" then warnings[#warnings + 1] = event.message end
      end
      local _, errs = collect(list, { options = { maxParts = 1 }, strict_parts = strict },
        retarus.client(box, settings))
      return warnings, errs
    end
    local warnings, errs = send {}
    assert.same({ "text needs 2 parts and would be cut to the 1 of maxParts" }, warnings)
    assert.same({}, errs)
    for _, strict in ipairs { "option", "client" } do
      box:clear_arrivals()
      warnings, errs = send({ strict_parts = strict == "client" }, strict == "option" or nil)
      assert.same({}, warnings)
      assert.same({ "invalid", "invalid" }, { errs.c2.kind, errs.c3.kind })
      assert.equal(2, recipients_of(jobs()[1]))
    end
    assert.equal(1, #send({ strict_parts = true }, false))
  end)
end)
