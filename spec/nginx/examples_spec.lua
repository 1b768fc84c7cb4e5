-- The examples for nginx, in a real nginx, as their configurations have it.

local cjson = require "cjson"
local core = require "sms.core"
local nginx = require "spec.support.servers.nginx"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"
local socket = require "socket"

-- Limits are shared by all that use a key on this machine.
local KEY = ("%x%04x"):format(os.time(), math.random(0, 65535))
local THROTTLED_KEY = KEY .. "f" -- nobody else can use it for a while
local WHOLE_PERIOD = 61 -- seconds since the boot: before, nothing in a machine's limit is free

describe("For nginx, the example", function()
  local box, server = sandbox.for_specs(), nginx.for_specs()

  setup(function() socket.sleep(math.max(0, WHOLE_PERIOD - core.now())) end)

  local function start(name, key, nexmo_url)
    key = key or KEY
    box:settings { nexmo_key = key, retarus_username = key }
    local environment = ("env NEXMO_API_KEY=%s NEXMO_API_SECRET=Secret0123456789 "
      .. "NEXMO_BASE_URL=%s RETARUS_USERNAME=%s RETARUS_PASSWORD=pass RETARUS_BASE_URL=%s ")
      :format(key, nexmo_url or box.urls.nexmo, key, box.urls.retarus)
    server:start { before = environment, workers = 2, conf = function(self)
      return nginx.example(self, name, 2)
    end }
  end

  local function post(path, body)
    local status, answer = server:get(path, { body = body,
      headers = { ["Content-Type"] = "application/x-www-form-urlencoded" } })
    return status .. " " .. answer
  end

  local function last_text(operation)
    local arrivals = box:arrivals(operation)
    return arrivals[#arrivals].body
  end

  describe("otp", function()
    before_each(function() start "otp" end)

    it("sends a code through Nexmo, which is right once", function()
      assert.equal("200 sent\n", post("/otp", "to=%2B44 7700 900000"))
      assert.equal(1, box:count())
      local code = last_text "send_sms":match "text=Your%+code%+is%+(%d%d%d%d%d%d)"
        or last_text "send_sms":match "text=Your%%20code%%20is%%20(%d%d%d%d%d%d)"
      assert.equal("403 no\n", post("/otp/check", "to=447700900000&code=no"))
      assert.equal("200 yes\n", post("/otp/check", "to=447700900000&code=" .. code))
      assert.equal("403 no\n", post("/otp/check", "to=447700900000&code=" .. code))
    end)

    it("takes no code after many wrong ones, and sends no two in a row", function()
      assert.equal("200 sent\n", post("/otp", "to=447700900000"))
      assert.equal("429 a code has just been sent\n", post("/otp", "to=00447700900000"))
      local code = last_text "send_sms":match "(%d%d%d%d%d%d)%."
      for _ = 1, 5 do post("/otp/check", "to=447700900000&code=000") end
      assert.equal("403 no\n", post("/otp/check", "to=447700900000&code=" .. code))
      assert.equal("403 no\n", post("/otp/check", "to=447700900001&code="))
    end)

    it("asks Retarus where Nexmo cannot be reached, and says so in its log", function()
      server:stop()
      start("otp", KEY, "http://127.0.0.1:" .. nginx.free_port())
      assert.equal("200 sent\n", post("/otp", "to=447700900000"))
      assert.equal(1, #box:arrivals "send_job")
      assert.matches("nexmo send_sms: .*%[connection, not_sent%]", server:log())
    end)

    local falls_back = {
      ["is busy"] = { kind = "throttle", http = true, retry_after = 100 },
      ["refuses the credentials"] = { kind = "nexmo_status", code = 4 },
      ["has no route"] = { kind = "nexmo_status", code = 6 },
      ["does not allow the sender"] = { kind = "nexmo_status", code = 15 },
      ["has no credit"] = { kind = "nexmo_status", code = 9 },
    }
    for what, fault in pairs(falls_back) do
      it("asks Retarus where Nexmo " .. what, function()
        if fault.kind == "throttle" then
          server:stop()
          start("otp", THROTTLED_KEY)
        end
        fault.operation = "send_sms"
        box:fault(fault)
        assert.equal("200 sent\n", post("/otp", "to=447700900000"))
        local jobs = box:arrivals "send_job"
        assert.equal(1, #jobs)
        assert.is_true(jobs[1].accepted)
        assert.equal("+447700900000", jobs[1].to)
        local code = jobs[1].body:match "(%d%d%d%d%d%d)%."
        assert.equal("200 yes\n", post("/otp/check", "to=447700900000&code=" .. code))
      end)
    end

    local stays = {
      ["a lost answer"] = { { kind = "lost_answer", how = "reset" }, "202 it may be on its way\n" },
      ["a failure inside"] = { { kind = "status", status = 500 }, "202 it may be on its way\n" },
      ["an error of its own"] = { { kind = "nexmo_status", code = 5 },
        "202 it may be on its way\n" },
      ["a barred number"] = { { kind = "nexmo_status", code = 7 }, "502 not sent\n" },
    }
    for what, case in pairs(stays) do
      it("does not ask Retarus after " .. what, function()
        case[1].operation = "send_sms"
        box:fault(case[1])
        assert.equal(case[2], post("/otp", "to=447700900000"))
        assert.equal(0, #box:arrivals "send_job")
        assert.equal(1, #box:arrivals "send_sms")
        assert.equal(case[2]:find "202" and "429 a code has just been sent\n" or case[2],
          post("/otp", "to=447700900000"))
      end)
    end

    it("sends nothing to what is no number", function()
      assert.equal("400 not sent\n", post("/otp", "to=nobody"))
      assert.equal("400 not sent\n", post("/otp", "x=1"))
      assert.equal(0, box:count())
      assert.equal(403, (server:get "/otp"))
    end)
  end)

  describe("intake", function()
    before_each(function() start "intake" end)

    local function counts()
      return cjson.decode((select(2, server:get "/texts")))
    end

    local function list_of(count, ending)
      local list = {}
      for i = 1, count do
        list[i] = { to = "447700900" .. (ending or "000"), text = "Hello",
          ["client-ref"] = "t" .. i }
      end
      return cjson.encode(list)
    end

    it("answers before it sends, and sends each text once", function()
      box:fault { operation = "send_sms", kind = "latency", seconds = 0.3 }
      assert.equal('202 {"taken":25}\n', post("/texts", list_of(25)))
      assert.is_true(counts().waiting > 0)
      process.wait("the texts", 10, function() return counts().waiting == 0 end)
      assert.same({ sent = 25, waiting = 0 }, counts())
      local seen, arrivals = {}, box:arrivals "send_sms"
      assert.equal(25, #arrivals)
      for _, arrival in ipairs(arrivals) do seen[arrival.ref] = true end
      for i = 1, 25 do assert.is_true(seen["t" .. i]) end
    end)

    it("tells what became of texts that were not sent", function()
      box:fault { operation = "send_sms", kind = "nexmo_status", code = 7, count = 1 }
      box:fault { operation = "send_sms", kind = "lost_answer", how = "reset", count = 1 }
      assert.equal('202 {"taken":4}\n', post("/texts", list_of(4)))
      process.wait("the texts", 10, function() return counts().waiting == 0 end)
      assert.same({ sent = 2, rejected = 1, ambiguous = 1, waiting = 0 }, counts())
    end)

    it("sends what it has taken before a worker ends", function()
      box:fault { operation = "send_sms", kind = "latency", seconds = 0.3 }
      assert.equal('202 {"taken":20}\n', post("/texts", list_of(20)))
      server:signal "QUIT"
      process.wait("the end", 5, function() return not process.lives(server.pid) end)
      assert.equal(20, #box:arrivals "send_sms")
    end)

    it("takes nothing of a list with a mistake in it", function()
      local _, body = server:get("/texts", { body = '[{"to":"447700900000","text":"Hello"},'
        .. '{"to":"x","text":"Hello"},{"text":"Hello"},1]' })
      local problems = cjson.decode(body).problems
      assert.equal(3, #problems)
      assert.matches("^2: to: must be a phone number", problems[1])
      assert.matches("^3: to: ", problems[2])
      for _, given in ipairs { "", "[]", "{}", "nonsense", "7" } do
        assert.matches("^400 .*a list of 1 to 1000 texts", post("/texts", given))
      end
      assert.equal(0, box:count())
      assert.same({ sent = 0, waiting = 0 }, counts())
    end)
  end)
end)
