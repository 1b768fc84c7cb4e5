-- Many requests of all kinds, with reloads; under a sanitizer where the module was built with
-- one. The long form, 40,000 requests: SMS_TEST_LONG=1.

local cjson = require "cjson"
local load = require "spec.support.runs.load"
local nginx = require "spec.support.servers.nginx"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"

local REQUESTS = os.getenv "SMS_TEST_LONG" and 40000 or 500
local RELOADS = 4 -- in the first quarter
local LONGEST = 60 -- seconds until one worker is left
local CONNECTIONS = 64 + 24 -- to the provider and from here, at most

local INIT = [[
  sms = require "sms"
  broken = require "spec.support.nginx.broken"
  handlers = require "spec.support.nginx.handlers"
  handlers.open("%s", { retry = { attempts = 9, base = 0.01, cap = 0.02 } })
]]

local LOCATIONS = [[
  location /one { content_by_lua_block { handlers.one() } }
  location /many { content_by_lua_block { handlers.many() } }
  location /raise { content_by_lua_block { handlers.raise() } }
  location /kill { content_by_lua_block { broken.kill() } }
  location /status { content_by_lua_block { handlers.status() } }
  location /new {
    content_by_lua_block {
      local nexmo = sms.nexmo { base_url = "%s", api_key = "abcd1234",
        api_secret = "Secret0123456789", rate_limit = false }
      handlers.say { ref = nexmo:check() and ngx.var.arg_ref }
      nexmo:close()
    }
  }
  location /later {
    content_by_lua_block {
      local ref = ngx.var.arg_ref
      sms.later(function() handlers.call(ref) end)
      handlers.say {}
    }
  }
]]

local KINDS = { "one", "many", "one", "later", "kill", "one", "new", "raise", "one", "status" }

describe("Many requests", function()
  local box, server

  setup(function()
    box = sandbox.start()
    box:settings { record = false }
    box:fault { operation = "send_sms", kind = "throttle", http = true, retry_after = 0,
      probability = 0.02 }
    box:fault { operation = "send_sms", kind = "latency", seconds = 0.02, probability = 0.1 }
    server = nginx.start { workers = 1, init = INIT:format(box.urls.nexmo),
      locations = LOCATIONS:format(box.urls.nexmo) }
  end)
  teardown(function()
    server:stop()
    box:stop()
  end)

  it("are answered, each its own way, and nothing is left", function()
    local reloads, before, last = 0, nil, nil
    local answers, count = load.run(server, 24, function(i)
      return ("/%s?n=5&ref=r%d"):format(KINDS[i % #KINDS + 1], i)
    end, function(seconds, answered)
      if reloads < RELOADS and answered > REQUESTS / 4 / RELOADS * reloads then
        reloads = reloads + 1
        server:signal "HUP"
      elseif not before and answered > REQUESTS / 2 and #server:workers() == 1 then
        before, last = process.usage(server:workers()[1]), answered + REQUESTS / 2
        if not before.memory then before, last = nil, nil end -- an old one, about to end
      end
      if last then return answered < last - 24 end
      return seconds < LONGEST
    end)
    assert.is_truthy(before, "old workers are still there")
    assert.is_true(count >= REQUESTS - 24)
    for path, answer in pairs(answers) do
      assert.equal(200, answer.status, path)
      if path:find "^/one" or path:find "^/new" then
        assert.equal(path:match "ref=(.*)", cjson.decode(answer.body).ref, answer.body)
      end
    end
    process.wait("nothing in flight", 10, function()
      return cjson.decode((select(2, server:get "/status"))).in_flight == 0
    end)
    local after = process.wait("the worker that stays", 10, function()
      local usage = process.usage(server:workers()[1])
      return usage.memory and usage -- none: an old one, about to end
    end)
    print(("# %d requests%s: %d descriptors, then %d; %d threads, then %d; %d KB, then %d"):format(
      count, nginx.sanitized and " under a sanitizer" or "", before.descriptors,
      after.descriptors, before.threads, after.threads, before.memory, after.memory))
    assert.is_true(after.descriptors <= before.descriptors + CONNECTIONS,
      ("%d descriptors, then %d"):format(before.descriptors, after.descriptors))
    assert.is_true(after.threads <= before.threads, "threads")
    if not nginx.sanitized then
      assert.is_true(after.memory < before.memory * 1.5 + 8192,
        ("%d KB, then %d KB"):format(before.memory, after.memory))
    end
    server:signal "QUIT"
    process.wait("the end", 15, function() return not process.lives(server.pid) end)
    assert.equal("", server:log())
  end)
end)
