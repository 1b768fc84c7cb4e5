-- Every example runs against the sandbox as its header says, and fails as it should.

local child = require "spec.support.child"
local sandbox = require "spec.support.servers.sandbox"

local UNSET = { http_proxy = false, all_proxy = false, ALL_PROXY = false }

-- By file: what is run, and what its output or its complaint must match.
local cases = {
  ["send.lua"] = {
    { arguments = { "+44 7700 900000", "Hello" }, status = 0,
      out = "^part 1: 0A%x+, 0%.03330000 EUR\n$" },
    { arguments = { "+44 7700 900000", ("Hello "):rep(30) }, status = 0, out = "\npart 2: 0A%x+" },
    { arguments = {}, status = 2, err = "^usage: .*NUMBER TEXT\n$" },
    { arguments = { "call me", "" }, status = 1,
      err = "^nexmo send_sms: to: must be a phone number.*\nNothing was sent.*\nalso text: must" },
    { arguments = { "447700900907", "Hello" }, status = 1,
      err = "^nexmo send_sms: Number barred.*\nIt was refused" },
    { arguments = { "447700900905", "Hello" }, status = 1, err = "\nIt may have been sent" },
    { arguments = { "447700900807", ("Hello "):rep(30) }, status = 1,
      err = "\nA part of it was taken" },
    { arguments = { "447700900000", "Hello" }, secret = "wrong", status = 1,
      err = "^nexmo send_sms: authentication failed %[auth, rejected%]\n" },
    { arguments = { "447700900000", "Hello" }, unset = "NEXMO_API_KEY", status = 1,
      err = "examples/send%.lua:%d+: api_key is missing: give it, or set NEXMO_API_KEY" },
    { arguments = { "447700900000", "Hello" }, base = "http://127.0.0.1:9", status = 1,
      err = "%[connection, not_sent%]\nNothing was sent" },
  },
  ["job.lua"] = {
    { arguments = { "Hello", "+4917600000000", "+44 (7700) 900-901" }, status = 0,
      out = "^job J%.%S+\n%+4917600000000\tSUC_FIN\t%S+Z\n%+447700900901\tINVALID_DST\t%S+Z\n$" },
    { arguments = { "Hello" }, status = 2, err = "^usage: " },
    { arguments = { "Hello", "+4917600000000", "nobody" }, status = 1,
      err = "^retarus send_job: messages%[1%]%.recipients%[2%]%.dst: must be a phone number" },
    { arguments = { "Hello", "+4917600000000" }, secret = "wrong", status = 1,
      err = "^retarus send_job: Unauthorized %[auth, rejected%]\n$" },
  },
  ["numbers.lua"] = {
    { arguments = { "GB", "4477009001" }, status = 0,
      out = "^owned:\n  GB  447700900500 .*\n  US  12025550519 .*\n"
        .. "available in GB: %d+, the first 5:\n  GB  4477009001%d%d .*SMS" },
    { arguments = {}, status = 2, err = "^usage: " },
    { arguments = { "Britain" }, status = 1, out = "^owned:",
      err = "^nexmo list_inbound_numbers: country: must be two letters" },
    { arguments = { "GB" }, secret = "wrong", status = 1, out = "^owned:\n$",
      err = "^nexmo list_owned_numbers: authentication failed" },
  },
  ["application.lua"] = {
    { arguments = { "Menu", "https://example.com/voice" }, status = 0,
      out = "^created\t(%S+)\nits private key.*\nupdated\tMenu 2\nlisted\t%1\tMenu 2\n"
        .. "deleted\t%1\n$" },
    { arguments = { "Menu" }, status = 2, err = "^usage: " },
    { arguments = { "Menu", "example.com" }, status = 1,
      err = "answer_url: must be a URL with http:// or https:// %(and 1 more%)" },
    { arguments = { "Menu", "https://example.com" }, secret = "wrong", status = 1,
      err = "^nexmo create_application: Invalid credentials supplied" },
  },
  ["voice.lua"] = {
    { arguments = { "+44 7700 900000", 'Code: <break time="1s"/> 1 2', "en-gb" }, status = 0,
      out = "^call %x+%-%x+%-%x+%-%x+%-%x+\n$" },
    { arguments = { "447700900000", "Hello" }, status = 0, unset = "NEXMO_PRIVATE_KEY",
      also_unset = "NEXMO_APPLICATION_ID", out = "^call %x+\n$" },
    { arguments = { "447700900000", "Hello" }, unset = "NEXMO_PRIVATE_KEY", status = 1,
      err = "^nexmo send_voice: private_key: is missing: NEXMO_APPLICATION_ID is set" },
    { arguments = { "447700900000", "Hello", "english" }, status = 1,
      err = "^nexmo send_voice: lg: must be a language, such as en%-us" },
    { arguments = { "447700900000" }, status = 2, err = "^usage: " },
  },
  ["side_by_side.lua"] = {
    { arguments = { "Hello", "447700900000", "447700900001" }, status = 0,
      out = "^447700900000\t0A%x+\n447700900001\t0A%x+\n$" },
    { arguments = { "Hello", "447700900906", "447700900000" }, status = 1,
      out = "^447700900906\tnexmo send_sms: Unroutable message.*\n447700900000\t0A%x+\n$" },
    { arguments = { "Hello" }, status = 2, err = "^usage: " },
    { arguments = { "Hello", "447700900000" }, secret = "wrong", status = 1,
      out = "authentication failed" },
  },
  ["loop_cqueues.lua"] = {
    { arguments = { "Hello", "447700900000", "447700900001" }, status = 0,
      out = "^44770090000%d\t0A%x+\n44770090000%d\t0A%x+\nthe loop turned %d+ times meanwhile\n$" },
    { arguments = { "Hello", "447700900906" }, status = 1,
      out = "^447700900906\tnexmo send_sms: Unroutable message" },
    { arguments = { "Hello" }, status = 2, err = "^usage: " },
    { arguments = { "Hello", "447700900000" }, secret = "wrong", status = 1,
      out = "authentication failed" },
  },
  ["loop_luv.lua"] = {
    { arguments = { "Hello", "447700900000", "447700900001" }, status = 0,
      out = "^447700900000\t0A%x+\n447700900001\t0A%x+\nthe loop turned %d+ times meanwhile\n$" },
    { arguments = { "Hello", "447700900906" }, status = 1,
      out = "^447700900906\tnexmo send_sms: Unroutable message" },
    { arguments = { "Hello" }, status = 2, err = "^usage: " },
    { arguments = { "Hello", "447700900000" }, secret = "wrong", status = 1,
      out = "authentication failed" },
  },
  ["loop_select.lua"] = {
    { arguments = { "Hello", "447700900000", "447700900001" }, status = 0,
      out = "^44770090000%d\t0A%x+\n44770090000%d\t0A%x+\n$" },
    { arguments = { "Hello", "447700900906" }, status = 1,
      out = "^447700900906\tnexmo send_sms: Unroutable message" },
    { arguments = { "Hello" }, status = 2, err = "^usage: " },
    { arguments = { "Hello", "447700900000" }, secret = "wrong", status = 1,
      out = "authentication failed" },
  },
  ["gateway.lua"] = {
    { arguments = { "+44 7700 900000", "Hello" }, status = 0,
      out = "^sent by nexmo: 0A%x+, 1 part%(s%)\n$" },
    { arguments = { "+49 176 00000000", "Hello" }, status = 0,
      out = "^sent by retarus: J%.%S+, 1 part%(s%)\n$" },
    { arguments = { "447700900906", "Hello" }, status = 0,
      out = "^sent by retarus: J%.%S+, 1 part%(s%)\n$",
      err = "^nexmo send_sms: Unroutable message .* %(code 6%) %[rejected, rejected%]\n$" },
    { arguments = { "447700900907", "Hello" }, status = 1,
      err = "\nnot sent: gateway send: nexmo: Number barred %(code 7%) %[rejected, rejected%]\n$" },
    { arguments = { "447700900905", "Hello" }, status = 1,
      err = "\nit may have been sent: gateway send: nexmo: Internal Error" },
    { arguments = { "447700900000" }, status = 2, err = "^usage: " },
    { arguments = { "nobody", "Hello" }, status = 1,
      err = "^not sent: gateway send: to: must be a phone number" },
    { arguments = { "447700900000", "Hello" }, secret = "wrong", status = 1,
      err = "\nnot sent: gateway send: nexmo: authentication failed; retarus: Unauthorized" },
  },
  ["campaign.lua"] = { -- and below
    { arguments = { "people.csv" }, status = 2, err = "^usage: " },
    { arguments = { "/nowhere.csv", "Acme" }, status = 1, err = "No such file" },
  },
  ["measure.lua"] = {
    { arguments = { "Hello", "It’s", ("x"):rep(161) }, status = 0,
      out = "^GSM%-7, units: 5, parts: 1\nUCS%-2, units: 4, parts: 1\n"
        .. "  '’' at byte 3 is not in GSM%-7\nGSM%-7, units: 161, parts: 2\n$" },
    { arguments = { "\255" }, status = 1, err = "^not valid UTF%-8 at byte 1\n$" },
    { arguments = {}, status = 2, err = "^usage: " },
  },
}

describe("The examples", function()
  local box = sandbox.for_specs()

  local function environment(example, case)
    local set = {
      NEXMO_API_KEY = "abcd1234", NEXMO_API_SECRET = "Secret0123456789",
      RETARUS_USERNAME = "user", RETARUS_PASSWORD = "pass",
      NEXMO_BASE_URL = case.base or box.urls.nexmo,
      RETARUS_BASE_URL = case.base or box.urls.retarus,
    }
    for name, value in pairs(UNSET) do set[name] = value end
    if case.secret then
      set.NEXMO_API_SECRET, set.RETARUS_PASSWORD = case.secret, case.secret
    end
    if example == "voice.lua" then
      set.NEXMO_APPLICATION_ID, set.NEXMO_PRIVATE_KEY = box:application()
    end
    for _, unset in ipairs { case.unset, case.also_unset } do set[unset] = false end
    return set
  end

  local programs = {}
  for _, name in ipairs(child.names_in "examples") do
    programs[#programs + 1] = name:find "%.lua$" and name or nil
  end

  for _, name in ipairs(programs) do
    it(("has %s, whose header says how to run it"):format(name), function()
      local file = assert(io.open("examples/" .. name))
      local text = file:read "*a"
      file:close()
      local _, lines = text:gsub("\n", "")
      assert.is_true(lines >= 15 and lines <= 60, lines .. " lines")
      assert.matches("^%-%-%- %S", text)
      assert.matches("\n%-%-%-   lua5%.4 examples/" .. name:gsub("%p", "%%%0"), text)
      assert.is_table(cases[name], "no case")
    end)
    for _, case in ipairs(cases[name] or {}) do
      local given = table.concat(case.arguments, " "):sub(1, 40)
      local where = case.secret and ", the credentials being wrong"
        or case.unset and ", a key missing" or case.base and ", nobody answering" or ""
      it(("%s %s ends with %d%s"):format(name, given, case.status, where), function()
        local ended = child.run("examples/" .. name, case.arguments, environment(name, case))
        assert.equal(case.status, ended.status, ended.err)
        assert.matches(case.out or "^$", ended.out)
        assert.matches(case.err or "^$", ended.err)
        for _, secret in ipairs { "Secret0123456789", "wrong", "Basic" } do
          assert.is_nil((ended.out .. ended.err):find(secret, 1, true))
        end
      end)
    end
  end

  it("campaign.lua sends each text once, however often it is run", function()
    local path = os.tmpname()
    local file = assert(io.open(path, "wb"))
    file:write "number,text\n447700910000,Hello\nnobody,Hello\n"
    file:close()
    local set = environment("campaign.lua", {})
    for run, expected in ipairs { "^line 2\taccepted\t0A%x+\nline 3\tnot_sent\tto: must be a .*\n$",
      "^$" } do
      local ended = child.run("examples/campaign.lua", { path, "Acme" }, set)
      -- What is told first is not known.
      local lines = {}
      for line in ended.out:gmatch "[^\n]+\n" do lines[#lines + 1] = line end
      table.sort(lines)
      assert.matches(expected, table.concat(lines))
      assert.same({ 2 - run, 1 }, { ended.status, box:count() }, ended.err)
    end
    local file_again = assert(io.open(path, "ab"))
    file_again:write "447700910001\n"
    file_again:close()
    local ended = child.run("examples/campaign.lua", { path, "Acme" }, set)
    assert.equal(1, ended.status)
    assert.matches("line 4: 1 field.*\nRun it again to go on%.\n$", ended.err)
    for _, name in ipairs { "", ".journal" } do os.remove(path .. name) end
  end)

  it("are all there", function()
    for name in pairs(cases) do
      local file = io.open("examples/" .. name)
      assert.is_not_nil(file, name)
      file:close()
    end
  end)
end)
