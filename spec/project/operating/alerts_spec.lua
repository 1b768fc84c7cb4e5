-- What packaging/ has for Prometheus and Grafana asks for what the library exports. With
-- SMS_TEST_LONG=1 a real Prometheus takes it, scrapes an nginx, fires, and answers the dashboard.

local child = require "spec.support.child"
local cjson = require "cjson"
local nginx = require "spec.support.servers.nginx"
local process = require "spec.support.process"
local prometheus = require "spec.support.operating.prometheus"
local sandbox = require "spec.support.servers.sandbox"
local tree = require "spec.support.rooms.tree"

local LONG = os.getenv "SMS_TEST_LONG"
local RULES, TESTS = "packaging/prometheus/sms.rules.yml", "packaging/prometheus/sms.rules.test.yml"

local families = {}
for _, family in ipairs(require "sms.report.families") do families[family[1]] = family end

-- The family of a series, whose name a histogram's samples have with an end of their own.
local function family_of(name)
  return families[name] or families[name:gsub("_%l+$", "")]
end

-- All queries of the dashboard.
local function queries()
  local list = {}
  for _, panel in ipairs(cjson.decode(tree.read "packaging/grafana/sms.json").panels) do
    for _, target in ipairs(panel.targets) do
      list[#list + 1] = { title = panel.title, expr = target.expr }
    end
  end
  return list
end

-- Each name of a metric in a text has to be exported, with the labels that stand behind it.
local function assert_exported(text, seen)
  for name, selector in text:gmatch "(sms_[%l_]+)({?[^}\n]*)" do
    local family = assert(family_of(name), name .. " is not exported")
    seen[family[1]] = true
    for label in (selector:match "^{(.*)" or ""):gmatch '([%l_]+)[=!]~?"' do
      local is_known = label == "job" or label == "le"
      for _, own in ipairs(family[3]) do is_known = is_known or own == label end
      assert(is_known, ("%s has no label %s"):format(name, label))
    end
  end
end

describe("Alerts and the dashboard", function()
  it("ask only for what is exported, by its labels", function()
    local rules = tree.read(RULES):gsub("#[^\n]*", "")
    local seen = {}
    for expression in rules:gmatch "expr:(.-)\n%s+%l+:" do assert_exported(expression, seen) end
    assert.is_true(seen.sms_calls_total and seen.sms_webhooks_total)
    assert_exported(tree.read(TESTS):gsub("%- sms%.rules", ""), {})
    for _, query in ipairs(queries()) do assert_exported(query.expr, seen) end
    for name in pairs(families) do
      assert.is_true(seen[name], name .. " is neither alerted on nor shown")
    end
  end)

  it("tell each alert by a test of its own", function()
    local tests = tree.read(TESTS)
    for alert in tree.read(RULES):gmatch "alert: (%w+)" do
      assert(tests:find("alertname: " .. alert .. "\n%s+exp_alerts", 1), alert .. " is not tested")
    end
  end)
end)

if not LONG or not prometheus.is_installed() then return end

local CONFIGURATION = [[
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [ "%s/packaging/prometheus/sms.rules.yml" ]
scrape_configs:
  - job_name: otp
    metrics_path: /status
    static_configs: [ { targets: [ "127.0.0.1:%d" ] } ]
  - job_name: open
    metrics_path: /open
    static_configs: [ { targets: [ "127.0.0.1:%d" ] } ]
]]

local INIT = [[
  sms = require "sms"
  handlers = require "spec.support.nginx.handlers"
  handlers.open("%s", { rate_limit = { { calls = 40, period = 60 } }, max_wait = 0,
    signature_secret = "abc", signature_method = "sha256", auth = "basic",
    slots_path = "%s" })
]]

local LOCATIONS = [[
  location /one { content_by_lua_block { handlers.one() } }
  location /status {
    default_type "text/plain; version=0.0.4";
    content_by_lua_block { ngx.print((select(2, require("sms.nginx").status()))) }
  }
  location /open {
    default_type "application/openmetrics-text; version=1.0.0; charset=utf-8";
    content_by_lua_block {
      ngx.print((select(2, require("sms.nginx").status { format = "openmetrics" })))
    }
  }
  location /hook {
    content_by_lua_block {
      hook = hook or require("sms.nginx").handler { client = handlers.nexmo, on = {} }
      return hook()
    }
  }
]]

describe("A real Prometheus", function()
  local box, server = sandbox.for_specs(), nginx.for_specs()
  local watcher

  local REFUSED = "/hook?msisdn=447700900000&to=1234&messageId=1&text=x&type=text"

  -- There is no outbox, and nothing was repeated, waited or warned of.
  local MAY_BE_EMPTY = { sms_outbox = true, sms_retries = true, sms_waits = true,
    sms_warnings = true }

  after_each(function()
    if watcher then watcher:stop() end
    watcher = nil
  end)

  it("accepts the rules, and their tests pass", function()
    for _, command in ipairs { "check rules sms.rules.yml", "test rules sms.rules.test.yml" } do
      local ended = child.shell("cd packaging/prometheus && promtool " .. command)
      assert.equal(0, ended.status, ended.out .. ended.err)
    end
  end)

  local function start()
    local slots = process.output_of "mktemp -d"
    child.shell("chmod 777 " .. slots)
    server:start({ init = INIT:format(box.urls.nexmo, slots), locations = LOCATIONS,
      http = "lua_shared_dict sms 1m;" }, { workers = 2 })
    watcher = prometheus.start(CONFIGURATION:format(process.output_of "pwd", server.port,
      server.port))
  end

  local function fires(name)
    for _, alert in ipairs(watcher:ask "/api/v1/alerts".alerts) do
      if alert.labels.alertname == name and alert.labels.job == "otp" then return true end
    end
  end

  it("scrapes both formats, fires, and answers the dashboard", function()
    start()
    for i = 1, 30 do server:ask("/one?ref=a" .. i) end
    box:fault { operation = "send_sms", kind = "status", status = 500, count = 1 }
    assert.equal("ambiguous", server:ask "/one?ref=bad".outcome)
    for i = 1, 20 do server:ask("/one?ref=b" .. i) end
    assert.equal("rate_limited", server:ask "/one?ref=c".kind)
    server:get(REFUSED)
    local _, text = server:get "/status"
    local linted = child.shell("printf %s " .. child.quoted(text) .. " | promtool check metrics")
    assert.equal(0, linted.status, linted.out .. linted.err)
    for _, name in ipairs { "SmsAmbiguous", "SmsRateLimited", "SmsWebhookRefused" } do
      process.wait(name, 30, function() return fires(name) end)
    end
    for _, target in ipairs(watcher:ask "/api/v1/targets".activeTargets) do
      assert.not_equal("down", target.health, target.lastError)
    end
    local series = 'sms_calls_total{kind="ok",operation="send_sms",job="%s"}'
    process.wait("both formats to say the same", 10, function()
      local one, other = watcher:query(series:format "otp"), watcher:query(series:format "open")
      return one[1] and other[1] and one[1].value[2] == other[1].value[2]
    end)
    for _, query in ipairs(queries()) do
      local expression = query.expr:gsub("%$provider", ".*"):gsub("%$__rate_interval", "10s")
        :gsub("%$__range", "1m")
      process.wait(query.title .. ": " .. expression, 15, function()
        server:ask "/one?ref=more" -- beyond the limit: rates want something to go on
        server:get(REFUSED)
        local result, why = watcher:query(expression)
        assert(result, why)
        return result[1] or MAY_BE_EMPTY[query.expr:match "sms_[%l]+"]
      end)
    end
  end)
end)
