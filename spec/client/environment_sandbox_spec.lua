-- SMS_SANDBOX: a sandbox's folder takes the place of URLs and credentials in the environment.

local child = require "spec.support.child"
local lua_process = require "spec.support.lua_process"
local process = require "spec.support.process"
local raw_server = require "spec.support.servers.raw_server"
local sandbox = require "spec.support.servers.sandbox"

-- A real account's, which nothing may be sent with.
local REAL = {
  NEXMO_API_KEY = "real", NEXMO_API_SECRET = "real-secret",
  NEXMO_SIGNATURE_SECRET = "real-signature", NEXMO_SIGNATURE_METHOD = "sha512",
  NEXMO_APPLICATION_ID = "real-application", NEXMO_PRIVATE_KEY = "/nowhere/real.key",
  RETARUS_USERNAME = "real", RETARUS_PASSWORD = "real-too",
}

local HEAD = [[
local sms = require "sms"
local TEXT = { from = "Acme", to = "447700900000", text = "Hello" }
local function tell(result, err)
  io.write(result and "sent" or ("%s %s"):format(err.kind, err.outcome), "\n")
end
]]

describe("SMS_SANDBOX", function()
  local box, server = sandbox.for_specs(), nil

  setup(function() server = raw_server.start() end)
  teardown(function() server:stop() end)
  before_each(function()
    server:forget()
    server:reply(raw_server.http(200, "{}"))
  end)

  -- What a program says where the environment has a real account, whose hosts are the raw server.
  local function run(program, folder, more)
    local environment = { SMS_SANDBOX = folder or box.dir, NEXMO_BASE_URL = server.url,
      RETARUS_BASE_URL = server.url }
    for name, value in pairs(REAL) do environment[name] = value end
    for name, value in pairs(more or {}) do environment[name] = value end
    return lua_process.run(HEAD .. program, environment)
  end

  it("takes the place of URLs and credentials, and of none that options give", function()
    assert.equal("sent\nsent\nsent\ntrue\ntrue\n", run [[
      tell(sms.nexmo():send_sms(TEXT))
      tell(sms.nexmo.send_sms(TEXT))
      tell(sms.retarus.send_job { messages = { { text = "Hi", recipients = { "491760000000" } } } })
      io.write(tostring(sms.nexmo():check()), "\n", tostring(sms.retarus():check()), "\n")
    ]])
    assert.equal(2, #box:arrivals "send_sms")
    assert.equal(1, #box:arrivals "send_job")
    assert.same({}, server:requests())
  end)

  it("hides the other secrets of a real account, too", function()
    assert.equal("sent\nsent\n", run [[
      tell(sms.nexmo { auth = "signature" }:send_sms(TEXT))
      tell(sms.nexmo():send_voice { to = "447700900000", text = "Hello" })
    ]])
    assert.equal("/tts/json", box:arrivals "send_voice"[1].path)
    assert.matches("private_key is missing", run [[sms.nexmo { application_id = "other" }]])
  end)

  it("gives what options leave out", function()
    run(([[
      sms.retarus { base_url = %q }:get_version()
      sms.retarus { hosts = { send = %q } }:get_version()
    ]]):format(server.url, server.url))
    for i = 1, 2 do -- user:pass, and never the real account's
      assert.matches("\r\nAuthorization: Basic dXNlcjpwYXNz\r\n", server:requests()[i].text)
    end
    assert.equal("auth rejected\n", run [[tell(sms.nexmo { api_secret = "own" }:send_sms(TEXT))]])
    assert.equal(false, box:arrivals "send_sms"[1].accepted)
  end)

  it("says at the caller's line what is wrong with its folder, and nothing is sent", function()
    local folder = process.output_of "mktemp -d"
    finally(function() child.shell("rm -r " .. folder) end)
    local function complaint(of)
      return run([[
        local ok, message = pcall(function()
          return sms.nexmo() and nil
        end)
        io.write(message)
        io.write(select(2, pcall(function() sms.retarus.get_version() end)))
      ]], of)
    end
    assert.matches("^%S+:7: SMS_SANDBOX: no sandbox runs in '/nowhere' .*No such file.*"
      .. "'sandbox/start /nowhere' or 'sms sandbox %-%-dir /nowhere'.*:10: SMS_SANDBOX: ",
      complaint "/nowhere")
    assert.matches("No such file", complaint(folder))
    child.shell(("mkdir %s/environment"):format(folder))
    assert.matches("s a directory", complaint(folder))
    child.shell(("cd %s; rmdir environment; echo NEXMO_API_KEY=a >environment"):format(folder))
    assert.matches(":7: SMS_SANDBOX: the sandbox in '.*' has no URL for nexmo", complaint(folder))
    assert.matches("api_secret is missing: give it; the sandbox in '.*', which SMS_SANDBOX names, "
      .. "has no NEXMO_API_SECRET", run([[sms.nexmo { base_url = "http://127.0.0.1:1" }]], folder))
    assert.same({}, server:requests())
  end)

  it("has a journal of its own: what a sandbox has taken was not sent", function()
    local path = os.tmpname()
    finally(function() child.shell(("rm -f %s %s.sandbox"):format(path, path)) end)
    os.remove(path)
    local program = [[
      for item, result, err in %s:send_all({ TEXT }, { journal = "%s" }) do tell(result, err) end
    ]]
    local rehearsal = program:format("sms.nexmo()", path)
    assert.equal("sent\n", run(rehearsal))
    assert.equal("", run(rehearsal))
    assert.is_nil(process.read(path))
    local real = ([[sms.nexmo { base_url = %q, api_key = "abcd1234",
      api_secret = "Secret0123456789" }]]):format(box.urls.nexmo)
    assert.equal("sent\n", run(program:format(real, path)))
    assert.is_string(process.read(path))
    assert.equal(2, box:count())
  end)

  it("has that journal wherever the messages go to it, whatever other hosts are", function()
    local path = os.tmpname()
    finally(function() child.shell(("rm -f %s %s.sandbox"):format(path, path)) end)
    local program = [[
      local client = sms.%s { hosts = %s }
      for item, result, err in client:send_all({ %s }, { journal = "%s" }) do tell(result, err) end
    ]]
    local RECIPIENT = [[{ text = "Hi", dst = "491760000000" }]]
    for _, case in ipairs { { "nexmo", "{}", "TEXT" },
      { "nexmo", ("{ api = %q }"):format(server.url), "TEXT" },
      { "retarus", ("{ de1 = %q }"):format(server.url), RECIPIENT } } do
      child.shell(("rm -f %s %s.sandbox"):format(path, path))
      assert.equal("sent\n", run(program:format(case[1], case[2], case[3], path)))
      assert.is_nil(process.read(path))
      assert.is_string(process.read(path .. ".sandbox"))
    end
    server:reply(raw_server.http(200, '{"jobId":"J1"}'))
    assert.equal("sent\n", run(program:format("retarus", ("{ send = %q }"):format(server.url),
      RECIPIENT, path)))
    assert.is_string(process.read(path))
  end)

  it("that is empty is as one that is not set", function()
    server:reply(raw_server.http(401, ""))
    assert.equal("auth rejected\n", run([[tell(sms.nexmo.send_sms(TEXT))]], "",
      { NEXMO_APPLICATION_ID = "", NEXMO_PRIVATE_KEY = "" }))
    assert.equal(1, #server:requests())
  end)

  it("has an application for the Voice API, where the sandbox was told to have one", function()
    local own = sandbox.start { application = true }
    finally(function() own:stop() end)
    assert.equal("600", process.output_of(("stat -c %%a %s/application.key"):format(own.dir)))
    assert.equal("sent\n", run([[
      tell(sms.nexmo():send_voice { to = "447700900000", text = "Hello" })
    ]], own.dir))
    assert.equal("/v1/calls", own:arrivals "send_voice"[1].path)
    assert.is_true(own:arrivals "send_voice"[1].accepted)
  end)

  it("is written for its owner's eyes, and gone when the sandbox has stopped", function()
    local own = sandbox.start()
    finally(function() own:stop() end)
    local path = own.dir .. "/environment"
    assert.equal("600", process.output_of("stat -c %a " .. path))
    local text = process.read(path)
    assert.matches("NEXMO_BASE_URL=" .. own.urls.nexmo:gsub("%p", "%%%0") .. "\n", text)
    assert.equal("0", process.output_of((". %s && echo $?"):format(path))) -- a shell reads it, too
    child.shell(("%s/stop %s"):format(own.folder, own.dir))
    assert.is_nil(process.read(path))
  end)
end)
