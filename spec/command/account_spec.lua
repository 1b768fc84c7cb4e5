-- sms check, balance, measure, doctor.

local child = require "spec.support.child"
local cjson = require "cjson"
local run = require "spec.support.runs.command"
local sandbox = require "spec.support.servers.sandbox"

describe("The command", function()
  local home = run.home()
  local box = sandbox.for_specs()

  local function sms(words, environment)
    return run.sms(words, environment or run.with(box, { HOME = home }))
  end

  describe("check", function()
    it("asks every provider that there are credentials for", function()
      assert.same({ status = 0, out = "nexmo: ok\nretarus: ok\n", err = "" }, sms { "check" })
      assert.same({ status = 0, out = "retarus: ok\n", err = "" },
        sms { "check", "--provider", "retarus" })
      local only = run.with_account(box, { HOME = home, NEXMO_API_KEY = false })
      assert.same({ status = 0, out = "retarus: ok\n", err = "" }, sms({ "check" }, only))
    end)

    it("fails where one does not work, and tells of all", function()
      local wrong = run.with_account(box, { HOME = home, NEXMO_API_SECRET = "Wrong" })
      local ended = sms({ "check" }, wrong)
      assert.same({ 1, "retarus: ok\n" }, { ended.status, ended.out })
      assert.matches("^sms: nexmo: .*\n$", ended.err)
      ended = sms({ "check", "--json" }, wrong)
      local list = {}
      for line in ended.out:gmatch "[^\n]+" do list[#list + 1] = cjson.decode(line) end
      assert.same({ false, true }, { list[1].ok, list[2].ok })
      assert.same("auth", list[1].error.kind)
    end)
  end)

  describe("balance", function()
    it("tells what is left", function()
      assert.same({ status = 0, out = "100000.00 EUR\n", err = "" }, sms { "balance" })
      assert.same(100000, cjson.decode(sms({ "balance", "--json" }).out).value)
    end)

    it("fails with the words of the provider", function()
      local wrong = run.with_account(box, { HOME = home, NEXMO_API_SECRET = "Wrong" })
      local ended = sms({ "balance" }, wrong)
      assert.same({ 1, "" }, { ended.status, ended.out })
      assert.matches("^sms: nexmo get_balance: .*auth, rejected", ended.err)
      ended = sms({ "balance", "--json" }, wrong)
      assert.same("auth", cjson.decode(ended.out).error.kind)
    end)

    it("is Nexmo's alone", function()
      local ended = sms { "balance", "--provider", "retarus" }
      assert.same({ 2, "" }, { ended.status, ended.out })
      assert.matches("Retarus tells no balance", ended.err, 1, true)
    end)
  end)

  describe("measure", function()
    local function measure(...)
      return run.sms({ "measure", ... })
    end

    it("tells alphabet and parts", function()
      assert.same({ status = 0, out = "GSM-7, 5 septets, 1 part\n", err = "" }, measure "Hello")
      assert.same("UCS-2, 4 UTF-16 units, 1 part\n'’' at byte 3 is not in GSM-7\n",
        measure("It’s").out)
      assert.same("GSM-7, 161 septets, 2 parts\n", measure(("x"):rep(161)).out)
      assert.same({ encoding = "UCS-2", units = 4, parts = 1,
        misfit = { character = "’", position = 3 } }, cjson.decode(measure("--json", "It’s").out))
    end)

    it("reads its standard input", function()
      assert.same("GSM-7, 5 septets, 1 part\n", run.sms({ "measure", "-" }, {}, "Hello\n").out)
      assert.same("GSM-7, 2 septets, 1 part\n", measure("--", "-x").out)
      for _, without in ipairs { "<&-", "</tmp" } do
        local ended = child.shell(run.line { "measure", "-" } .. " " .. without)
        assert.same({ 2, "" }, { ended.status, ended.out })
        assert.matches("^sms: the standard input cannot be read: ", ended.err)
      end
    end)

    it("refuses what is no UTF-8", function()
      local ended = measure "\255"
      assert.same({ 2, "" }, { ended.status, ended.out })
      assert.same("sms: the text is not valid UTF-8 at byte 1\n", ended.err)
    end)
  end)

  describe("doctor", function()
    it("is content where all is set up", function()
      local ended = sms { "doctor" }
      assert.same({ 0, "" }, { ended.status, ended.err })
      for _, pattern in ipairs { "library +ok", "credentials +ok +of the sandbox", "state +ok" } do
        assert.matches(pattern, ended.out)
      end
      assert.same(0, box:count())
      ended = sms({ "doctor" }, run.with_account(box, { HOME = home }))
      assert.same(0, ended.status, ended.out)
      assert.matches("credentials +ok +for nexmo and retarus", ended.out)
      for _, check in ipairs(cjson.decode(sms({ "doctor", "--json" }).out)) do
        assert.is_true(check.ok)
      end
    end)

    it("shows what a client warns of", function()
      local key = ("warn%04x"):format(math.random(0, 65535))
      local environment = run.with_account(box, { HOME = home, NEXMO_API_KEY = key })
      sms({ "doctor" }, environment)
      local ruined = child.shell(("cd /dev/shm/sms-$(id -u) && "
        .. "name=$(printf nexmo:%s:100:60000000 | sha256sum) && test -e ${name%%%% *} && "
        .. "echo junk >${name%%%% *}"):format(key))
      assert.same({ 0, "" }, { ruined.status, ruined.err })
      local ended = sms({ "doctor" }, environment)
      assert.same(0, ended.status)
      assert.matches("nexmo +ok +a client can be made; it warns: the slots of nexmo:" .. key,
        ended.out)
    end)

    it("says what is wrong", function()
      local ended = sms({ "doctor" }, {})
      assert.same(1, ended.status)
      assert.matches("credentials +wrong +none in the environment", ended.out)
      assert.matches("state +wrong +.*HOME or XDG_STATE_HOME", ended.out)
      ended = sms({ "doctor" }, { HOME = home, NEXMO_API_KEY = "abcd1234" })
      assert.same(1, ended.status)
      assert.matches("nexmo +wrong +api_secret is missing", ended.out)
      ended = sms({ "doctor" }, { HOME = home, SMS_SANDBOX = "/nowhere" })
      assert.same(1, ended.status)
      assert.matches("nexmo +wrong +SMS_SANDBOX: no sandbox", ended.out)
      child.shell(("mkdir -p %s/.config/sms && touch %s/.config/sms/credentials && chmod 644 "
        .. "%s/.config/sms/credentials"):format(home, home, home))
      ended = sms({ "doctor" }, { HOME = home, NEXMO_API_KEY = "abcd1234" })
      assert.matches("credentials +wrong +.*chmod 600", ended.out)
    end)
  end)
end)
