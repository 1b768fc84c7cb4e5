-- Calls by the Voice API from nginx's handlers: many workers, threads and one token.

local cjson = require "cjson"
local nginx = require "spec.support.servers.nginx"
local sandbox = require "spec.support.servers.sandbox"

local INIT = [[
  sms = require "sms"
  handlers = require "spec.support.nginx.handlers"
  handlers.open("%s", { application_id = "%s", private_key = "%s", retry = { base = 0 } })
]]

local LOCATIONS = [[
  location /voice { content_by_lua_block { handlers.voice() } }
  location /status {
    content_by_lua_block {
      local client = sms.nexmo { api_key = "told", api_secret = "secret",
        base_url = handlers.nexmo.settings.urls.api, application_id = "a",
        private_key = ngx.var.arg_key }
      local status = require("sms.nginx").status()
      client:close()
      handlers.say(status.slots_free)
    }
  }
]]

describe("The Voice API in nginx", function()
  local box, server, path

  setup(function()
    box = sandbox.start()
    local id, key = box:application()
    path = os.tmpname()
    local file = assert(io.open(path, "w"))
    file:write(key)
    file:close()
    server = nginx.start { workers = 2, init = INIT:format(box.urls.nexmo, id, path),
      locations = LOCATIONS }
  end)
  teardown(function()
    server:stop()
    box:stop()
    os.remove(path)
  end)
  before_each(function() box:reset() end)

  local function ask_all(count, calls)
    local connections, answers = {}, {}
    for i = 1, count do
      connections[i] = server:begin("/voice?n=" .. calls)
    end
    for _, connection in ipairs(connections) do
      local status, body = nginx.answer(connection)
      assert.equal(200, status, body)
      for _, told in ipairs(cjson.decode(body)) do
        answers[#answers + 1] = told
      end
    end
    return answers
  end

  it("makes every call once, side by side", function()
    local seen = {}
    for _, told in ipairs(ask_all(8, 10)) do
      assert.matches("^%x+%-%x+%-%x+%-%x+%-%x+$", told)
      assert.is_nil(seen[told])
      seen[told] = true
    end
    assert.equal(80, box:count())
  end)

  it("goes on with a new token where all were refused at a time", function()
    box:fault { operation = "send_voice", kind = "status", status = 401, count = 5 }
    for _, told in ipairs(ask_all(1, 5)) do
      assert.matches("^%x+%-%x+%-%x+%-%x+%-%x+$", told)
    end
    assert.equal(10, box:count())
  end)

  it("tells what is free of its limit", function()
    local _, body = server:get("/status?key=" .. path)
    assert.equal(3, cjson.decode(body)["nexmo:told:send_voice 3/1s"])
  end)

  it("names a clock that is wrong", function()
    box:settings { clock_offset = 7200 }
    assert.matches("this machine's clock is 7[12]%d%d s behind the provider's", ask_all(1, 1)[1])
    assert.equal(2, box:count())
  end)
end)
