-- The texts that Prometheus and others read: by their formats' rules.

local metrics = require "sms.report.metrics"
local text = require "sms.report.text"

local CELLS = {
  { name = "sms_calls_total", labels = { "nexmo", "send_sms", "ok", "accepted" }, value = 3 },
  { name = "sms_calls_total", labels = { "nexmo", "send_sms", "ok", "accepted" }, value = 2 },
  { name = "sms_calls_total", labels = { 'a"b\\c\nd', "x", "auth", "rejected" }, value = 2 ^ 40 },
  { name = "sms_request_duration_seconds", labels = { "nexmo", "send_sms", "2" }, value = 4 },
  { name = "sms_request_duration_seconds", labels = { "nexmo", "send_sms", "14" }, value = 1 },
  { name = "sms_request_duration_seconds_sum", labels = { "nexmo", "send_sms" }, value = 61.25 },
  { name = "sms_in_flight", labels = {}, value = 0 },
}

describe("Texts of metrics", function()
  local function assert_has(written, ...)
    for _, line in ipairs { ... } do
      local found = ("\n" .. written):find("\n" .. line .. "\n", 1, true)
      assert.is_truthy(found, line .. "\n" .. written)
    end
  end

  it("are Prometheus' format", function()
    local written = text.formats.prometheus(metrics.of(CELLS))
    assert_has(written, "# TYPE sms_calls_total counter",
      'sms_calls_total{provider="nexmo",operation="send_sms",kind="ok",outcome="accepted"} 5',
      'sms_calls_total{provider="a\\"b\\\\c\\nd",operation="x",kind="auth",outcome="rejected"} '
        .. "1099511627776",
      "# TYPE sms_request_duration_seconds histogram",
      'sms_request_duration_seconds_bucket{provider="nexmo",operation="send_sms",le="0.005"} 0',
      'sms_request_duration_seconds_bucket{provider="nexmo",operation="send_sms",le="0.01"} 4',
      'sms_request_duration_seconds_bucket{provider="nexmo",operation="send_sms",le="1.0"} 4',
      'sms_request_duration_seconds_bucket{provider="nexmo",operation="send_sms",le="+Inf"} 5',
      'sms_request_duration_seconds_sum{provider="nexmo",operation="send_sms"} 61.25',
      'sms_request_duration_seconds_count{provider="nexmo",operation="send_sms"} 5',
      "sms_in_flight 0")
    assert.is_nil(written:find "UNIT")
    assert.is_nil(written:find "EOF")
    assert.is_nil(written:find "sms_outbox") -- nothing is told of what there is not
  end)

  it("are OpenMetrics: counters without _total in their heads, units, an end", function()
    local written = text.formats.openmetrics(metrics.of(CELLS))
    assert_has(written, "# TYPE sms_calls counter",
      'sms_calls_total{provider="nexmo",operation="send_sms",kind="ok",outcome="accepted"} 5',
      "# TYPE sms_request_duration_seconds histogram",
      "# UNIT sms_request_duration_seconds seconds")
    assert.matches("\n# EOF\n$", written)
  end)

  it("have a worker's label behind the others", function()
    local families = metrics.of(CELLS, { worker = "7" })
    assert_has(text.formats.prometheus(families), 'sms_in_flight{worker="7"} 0',
      'sms_request_duration_seconds_bucket{provider="nexmo",operation="send_sms",worker="7",'
        .. 'le="0.01"} 4')
  end)

  it("name every family by the conventions", function()
    for _, family in ipairs(require "sms.report.families") do
      local name, kind = family[1], family[2]
      assert.equal(kind == "counter", name:find "_total$" ~= nil, name)
      assert.matches("^sms_[%l_]+$", name)
      assert.equal(name:find "_seconds" ~= nil, family.unit == "seconds", name)
      assert.matches("%.$", family[4])
    end
  end)
end)
