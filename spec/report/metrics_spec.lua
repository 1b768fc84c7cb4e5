-- What a process counts of its calls: each ended call once, by how it ended.

local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"

local KEY, USER = "0123abcd", "someone@example.org"

describe("sms.metrics", function()
  local box = sandbox.for_specs()

  local function client(more)
    local options = { base_url = box.urls.nexmo, api_key = "abcd1234",
      api_secret = "Secret0123456789", rate_limit = false, retry = false }
    for name, value in pairs(more or {}) do options[name] = value end
    return sms.nexmo(options)
  end

  local function send(from)
    return from:send_sms { from = "Acme", to = "447700900000", text = "Hello" }
  end

  -- The sum of a metric's samples with these labels.
  local function sum(name, labels, field)
    local total = 0
    for _, sample in ipairs(sms.metrics()[name].samples) do
      local is_it = true
      for label, value in pairs(labels) do is_it = is_it and sample.labels[label] == value end
      total = is_it and total + sample[field or "value"] or total
    end
    return total
  end

  -- By how much it grows while something is done.
  local function growth(name, labels, body, field)
    local before = sum(name, labels, field)
    body()
    return sum(name, labels, field) - before
  end

  local SMS = { provider = "nexmo", operation = "send_sms" }

  local function ended(kind, outcome)
    return { provider = "nexmo", operation = "send_sms", kind = kind, outcome = outcome }
  end

  it("counts calls by provider, operation, kind and outcome", function()
    local from = client()
    assert.equal(2, growth("sms_calls_total", ended("ok", "accepted"), function()
      assert(send(from))
      assert(send(from))
    end))
    for _, case in ipairs {
      { { kind = "status", status = 500 }, "server", "ambiguous" },
      { { kind = "throttle", http = true }, "rate_limited", "not_sent" },
      { { kind = "lost_answer" }, "connection", "ambiguous" },
    } do
      case[1].operation = "send_sms"
      box:fault(case[1])
      assert.equal(1, growth("sms_calls_total", SMS, function()
        assert.equal(1, growth("sms_calls_total", ended(case[2], case[3]), function()
          local _, err = send(from)
          assert.same({ case[2], case[3] }, { err.kind, err.outcome })
        end))
      end))
      box:clear_faults()
    end
    assert.equal(1, growth("sms_calls_total", ended("invalid", "not_sent"), function()
      from:send_sms { from = "Acme" }
    end))
    from:close()
  end)

  it("begins what is ambiguous or rate limited at 0: the first one is an increase", function()
    local from = client()
    assert(from:update_application { app_id = "none", name = "A", type = "voice",
      answer_url = "https://example.org", event_url = "https://example.org" } == nil)
    local found = {}
    for _, sample in ipairs(sms.metrics().sms_calls_total.samples) do
      local labels = sample.labels
      if labels.operation == "update_application" then
        found[labels.kind .. " " .. labels.outcome] = sample.value
      end
    end
    for _, name in ipairs { "timeout ambiguous", "server ambiguous", "rate_limited not_sent" } do
      assert.equal(0, found[name], name)
    end
    from:close()
  end)

  it("counts repeats, and those that the spent budget forbids", function()
    local from = client { retry = { attempts = 2, base = 0, cap = 0 }, api_key = "budget12" }
    box:fault { operation = "send_sms", kind = "throttle", http = true, retry_after = 0 }
    local repeats
    local refused = growth("sms_retry_budget_spent_total", SMS, function()
      repeats = growth("sms_retries_total", SMS, function()
        for _ = 1, 14 do send(from) end
      end)
    end)
    assert.equal(14, repeats + refused)
    assert.is_true(repeats >= 10 and refused >= 2, refused)
    box:clear_faults()
    from:close()
  end)

  it("has a histogram of how long requests take, in seconds", function()
    local from = client()
    box:fault { operation = "send_sms", kind = "latency", seconds = 0.12, when = "before" }
    local before = sms.metrics().sms_request_duration_seconds
    assert.equal(1, growth("sms_request_duration_seconds", SMS, function()
      assert(send(from))
    end, "count"))
    box:clear_faults()
    local family = sms.metrics().sms_request_duration_seconds
    assert.same({ "histogram", "seconds" }, { family.type, family.unit })
    local function of_sms(of)
      for _, sample in ipairs(of.samples) do
        if sample.labels.operation == "send_sms" then return sample end
      end
    end
    local was, is = of_sms(before), of_sms(family)
    assert.is_true(is.sum - was.sum >= 0.12 and is.sum - was.sum < 1, is.sum - was.sum)
    for i, bucket in ipairs(is.buckets) do
      local more = bucket.count - was.buckets[i].count
      if bucket.le <= 0.1 then assert.equal(0, more, bucket.le) end
      if bucket.le >= 1 then assert.equal(1, more, bucket.le) end
    end
    assert.equal(math.huge, is.buckets[#is.buckets].le)
    assert.equal(is.count, is.buckets[#is.buckets].count)
    from:close()
  end)

  it("has slots, used and free, and who waits for them, without a key or a user name", function()
    local from = client { api_key = KEY, rate_limit = { { calls = 2, period = 30 } } }
    local other = sms.retarus { base_url = box.urls.retarus, username = USER, password = "p" }
    send(from)
    local _, free = nil, nil
    for _, sample in ipairs(sms.metrics().sms_slots_free.samples) do
      if sample.labels.limit == "2/30s" then free = sample end
    end
    assert.equal(1, free.value)
    assert.equal(1, sum("sms_slots_used", { limit = "2/30s" }))
    assert.matches("^%x%x%x%x$", free.labels.account)
    local waiting
    local waits = growth("sms_waits_total", SMS, function()
      sms.all {
        function() send(from) end,
        function()
          from:send_sms({ from = "Acme", to = "447700900000", text = "x" }, { deadline = 60 })
        end,
        function()
          waiting = sum("sms_queue_length", { account = free.labels.account })
          from:close()
        end,
      }
    end)
    assert.same({ 1, 1 }, { waiting, waits })
    for _, format in ipairs { "prometheus", "openmetrics" } do
      local text = sms.metrics(format)
      for _, secret in ipairs { KEY, USER, "abcd1234", "447700900000" } do
        assert.is_nil(text:find(secret, 1, true), secret)
      end
    end
    other:close()
  end)

  it("counts warnings and webhooks", function()
    assert.equal(1, growth("sms_warnings_total", { provider = "nexmo" }, function()
      client { insecure = true }:close()
    end))
    local from = client { signature_secret = "abc", signature_method = "sha256" }
    local labels = { provider = "nexmo", result = "refused", kind = "auth" }
    assert.equal(1, growth("sms_webhooks_total", labels, function()
      assert.is_nil((from:read_webhook { method = "GET", headers = {},
        query = "msisdn=447700900000&to=1234&messageId=1&text=x&type=text" }))
    end))
    from:close()
    local plain = client()
    labels = { provider = "nexmo", result = "accepted", kind = "inbound_sms" }
    assert.equal(1, growth("sms_webhooks_total", labels, function()
      assert(plain:read_webhook { method = "GET", headers = {},
        query = "msisdn=447700900000&to=1234&messageId=1&text=x&type=text" })
    end))
    plain:close()
  end)

  it("raises at the caller's line where it is misused", function()
    for _, case in ipairs {
      { { "xml" }, 'the format is "prometheus" or "openmetrics"' },
      { { nil, { outbox = {} } }, "did you mean 'outboxes'" },
      { { nil, { outboxes = { {} } } }, "outboxes%[1%]: an outbox was expected" },
    } do
      local ok, message = pcall(function() sms.metrics(case[1][1], case[1][2]) end)
      assert.is_false(ok)
      assert.matches("metrics_spec.lua:%d+: sms.metrics: .*" .. case[2], message)
    end
  end)
end)
