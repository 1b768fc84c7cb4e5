-- sms webhook listen: what comes to a port, until Ctrl-C.

local child = require "spec.support.child"
local cjson = require "cjson"
local nginx = require "spec.support.servers.nginx"
local process = require "spec.support.process"
local run = require "spec.support.runs.command"
local sandbox = require "spec.support.servers.sandbox"

describe("sms webhook listen", function()
  if nginx.sanitized then return pending "a module with a sanitizer needs a nginx with it" end

  local home = run.home()
  local box = sandbox.for_specs()
  local count = 0

  -- Listens on a port, has something happen, interrupts it once its output has a text; how it
  -- ended.
  local function listen(words, settings, happen, awaited)
    count = count + 1
    local port, out, err = nginx.free_port(), home .. "/out" .. count, home .. "/err" .. count
    local all = { "webhook", "listen", "--port", tostring(port) }
    for _, word in ipairs(words) do all[#all + 1] = word end
    local has_begun
    -- A path that is one from here alone.
    local here = process.output_of('echo "../${PWD##*/}/$(realpath --relative-to=. ' .. box.dir
      .. ')"')
    local line = ("%s >%s 2>%s"):format(run.line(all, { HOME = home, SMS_SANDBOX = here,
      TMPDIR = home }), out, err)
    local ended = process.interrupted(line, function()
      if not has_begun and (process.read(err) or ""):find "Listening" then
        has_begun = true
        settings.webhook_url = ("http://127.0.0.1:%d/hooks"):format(port)
        box:settings(settings)
        happen(settings.webhook_url)
      end
      return has_begun and (process.read(out) .. process.read(err)):find(awaited, 1, true)
    end)
    ended.out, ended.err = process.read(out), process.read(err)
    assert.same("", process.output_of(("ls -d %s/sms.* 2>/dev/null"):format(home)))
    return ended
  end

  local TEXT = { from = "447700900111", to = "447700900500", text = "Hello\27[31m you" }

  it("says what comes, and ends with Ctrl-C", function()
    local ended = listen({}, { webhook_signature = "md5hash" },
      function() box:inbound(TEXT) end, "Hello")
    assert.same(130, ended.status, ended.err)
    assert.matches("^%d%d:%d%d:%d%d  inbound_sms  signed\n", ended.out)
    assert.matches("\n  text +Hello%?%[31m you\n", ended.out)
    assert.matches("^Listening on http://127.0.0.1:%d+/ until Ctrl%-C.\n$", ended.err)
    assert.same(204, box:callbacks()[1].status)
  end)

  it("says it to programs, a line for each", function()
    local ended = listen({ "--json" }, { webhook_signature = "jwt", webhook_form = "json" },
      function() box:inbound(TEXT) end, "Hello")
    assert.same(130, ended.status, ended.err)
    local said = cjson.decode(ended.out)
    assert.same({ "inbound_sms", true, TEXT.text }, { said.kind, said.signed, said.fields.text })
    assert.same(1, select(2, ended.out:gsub("\n", "")))
  end)

  it("refuses what is not signed, and says so", function()
    local ended = listen({}, { webhook_signature = "none" },
      function() box:inbound(TEXT) end, "not signed")
    assert.same({ 130, "" }, { ended.status, ended.out })
    assert.matches("\nsms: nexmo read_webhook: it is not signed [auth, rejected]\n", ended.err, 1,
      true)
    assert.same(401, box:callbacks()[1].status)
  end)

  it("refuses what no webhook is", function()
    local ended = listen({}, {}, function(url)
      local headers = { ["content-type"] = "application/json" }
      assert.same(400, (sandbox.request("POST", url, "{", headers)))
      assert.same(200, (sandbox.request("GET", url)))
    end, "read_webhook")
    assert.same({ 130, "" }, { ended.status, ended.out })
  end)

  it("warns where no signature can be checked", function()
    local port, err = nginx.free_port(), home .. "/unsigned"
    local line = run.line({ "webhook", "listen", "--port", tostring(port) },
      run.with_account(box, { HOME = home })) .. " 2>" .. err
    local ended = process.interrupted(line, function()
      return (process.read(err) or ""):find "Listening"
    end)
    assert.same({ 130, "" }, { ended.status, ended.out })
    assert.matches("NEXMO_SIGNATURE_SECRET is not set: signatures are not checked",
      process.read(err), 1, true)
  end)

  it("says that there is no folder for temporary files", function()
    for _, words in ipairs { { "webhook", "listen" }, { "sandbox" } } do
      local ended = run.sms(words, { NEXMO_API_KEY = "a", NEXMO_API_SECRET = "b",
        NEXMO_SIGNATURE_SECRET = "c", TMPDIR = "/nowhere" })
      assert.same({ status = 1, out = "",
        err = "sms: there is no folder for temporary files: set TMPDIR\n" }, ended)
    end
  end)

  it("says that a port is taken", function()
    local port = box.urls.nexmo:match "%d+$"
    local ended = run.sms({ "webhook", "listen", "--port", port },
      { HOME = home, SMS_SANDBOX = box.dir })
    assert.same({ 1, "" }, { ended.status, ended.out })
    assert.matches("nginx does not start: .*Address already in use", ended.err)
  end)

  it("ends where nobody reads what it says", function()
    local port = nginx.free_port()
    local line = run.line({ "webhook", "listen", "--port", tostring(port) },
      { HOME = home, SMS_SANDBOX = box.dir })
    child.shell(("{ %s 2>%s/pipe; echo $? >%s/status; } | true &"):format(line, home, home))
    process.wait("nginx", 20, function()
      return (process.read(home .. "/pipe") or ""):find "Listening"
    end)
    box:settings { webhook_signature = "md5hash",
      webhook_url = ("http://127.0.0.1:%d/"):format(port) }
    box:inbound(TEXT)
    process.wait("its end", 20, function() return process.read(home .. "/status") end)
    assert.same("141\n", process.read(home .. "/status"))
  end)

  it("needs credentials, a port, an address", function()
    for _, case in ipairs {
      { {}, "api_key is missing" }, { { "--port", "0" }, "'0' is no port" },
      { { "--address", "here;" }, "that is no address" },
    } do
      local words = { "webhook", "listen" }
      for _, word in ipairs(case[1]) do words[#words + 1] = word end
      local ended = run.sms(words, { HOME = home })
      assert.same({ 2, "" }, { ended.status, ended.out })
      assert.matches(case[2], ended.err, 1, true)
    end
  end)
end)
