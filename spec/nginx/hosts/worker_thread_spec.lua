-- Calls in ngx.run_worker_thread: in a thread that may block, of nginx's own pool.

local cjson = require "cjson"
local nginx = require "spec.support.servers.nginx"
local sandbox = require "spec.support.servers.sandbox"

local LOCATIONS = [[
  location /thread {
    content_by_lua_block {
      local ok, told = ngx.run_worker_thread("calls", "spec.support.nginx.worker_thread", "send",
        ngx.var.arg_base, tonumber(ngx.var.arg_n), ngx.var.arg_ref)
      ngx.print(ok and told or "failed: " .. tostring(told))
    }
  }
  location /one { content_by_lua_block { handlers.one() } }
]]

local INIT = [[
  sms = require "sms"
  handlers = require "spec.support.nginx.handlers"
  handlers.open("%s")
]]

describe("In a thread of nginx", function()
  local box, server = sandbox.for_specs(), nginx.for_specs()

  local function start(options)
    server:start({ main = "thread_pool calls threads=3;", init = INIT:format(box.urls.nexmo),
      locations = LOCATIONS }, options)
  end

  local function begin(n, ref)
    return server:begin(("/thread?base=%s&n=%d&ref=%s"):format(box.urls.nexmo, n, ref))
  end

  it("calls are refused where OpenSSL has been built without threads", function()
    start { preload = "no_openssl_threads" }
    local _, body = nginx.answer(begin(1, "x"))
    assert.matches("the OpenSSL in this process has been built without threads",
      cjson.decode(body)[3])
    assert.equal(0, box:count())
  end)

  if not nginx.has_driver_thread then return end

  it("calls wait as in a script, and the worker goes on", function()
    start()
    box:fault { operation = "send_sms", kind = "latency", seconds = 0.2 }
    local threads = {}
    for i = 1, 3 do threads[i] = begin(5, "t" .. i .. "-") end
    assert.equal("beside", server:ask "/one?ref=beside".ref)
    assert.is_false(nginx.have_answers(threads))
    for i, connection in ipairs(threads) do
      local _, body = nginx.answer(connection)
      local told = cjson.decode(body)
      assert.is_false(told[1])
      assert.matches("nothing to wait for outside of nginx's phases", told[2])
      for k = 1, 5 do assert.equal("t" .. i .. "-" .. k, told[2 + k]) end
      assert.equal("sent,sent,sent", told[8])
    end
    assert.equal(3 * 8 + 1, box:count())
    assert.equal("", server:log())
  end)
end)
