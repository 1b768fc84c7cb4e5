-- sms send --key: what is sent under a key is sent once, however often the command is run.

local cjson = require "cjson"
local child = require "spec.support.child"
local process = require "spec.support.process"
local run = require "spec.support.runs.command"
local sandbox = require "spec.support.servers.sandbox"

local NUMBER, OTHER = "447700900000", "447700900001"

describe("sms send --key", function()
  local home = run.home()
  local box = sandbox.for_specs()
  local count = 0
  local key

  before_each(function()
    count = count + 1
    key = "order/" .. count .. " ü"
  end)

  local function words_of(...)
    return { "send", "--from", "Acme", "--key", key, ... }
  end

  local function environment(provider)
    return run.with(box, { HOME = home, SMS_PROVIDER = provider })
  end

  local function send(provider, ...)
    return run.sms(words_of(...), environment(provider))
  end

  it("sends nothing where the disk is full, and leaves no file there", function()
    if child.shell("unshare -m mount -t tmpfs none /tmp").status ~= 0 then
      return pending "nothing can be mounted here"
    end
    local state = home .. "/full"
    local sent = run.line(words_of("--to", NUMBER, "Hello"),
      run.with(box, { XDG_STATE_HOME = state, SMS_PROVIDER = "nexmo" }))
    local ended = child.shell(("mkdir %s; unshare -m sh -c %s"):format(state, child.quoted(
      ("mount -t tmpfs -o size=8k none %s; head -c 8192 /dev/zero >%s/fill; %s; s=$?; "
      .. "find %s -name 'facts*'; exit $s"):format(state, state, sent, state))))
    assert.equal("2 ", ended.status .. " " .. ended.out)
    assert.matches("^sms: %-%-key: /.*: No space left on device; XDG_STATE_HOME names another "
      .. "folder\n$", ended.err)
    assert.equal(0, box:count())
  end)

  for provider, operation in pairs { nexmo = "send_sms", retarus = "send_job" } do
    it("sends once, and tells so, through " .. provider, function()
      local ended = send(provider, "--to", NUMBER, "Hello")
      assert.same({ 0, "" }, { ended.status, ended.err })
      ended = send(provider, "--to", NUMBER, "Hello")
      assert.same({ status = 0, out = NUMBER .. "  accepted before\n",
        err = "sms: the key '" .. key .. "' was used before: 1 accepted; not sent again\n" }, ended)
      ended = send(provider, "--json", "--to", NUMBER, "Hello")
      assert.same({ to = NUMBER, outcome = "accepted", before = true }, cjson.decode(ended.out))
      assert.same(1, #box:arrivals(operation))
    end)

    it("refuses another message with the same key, through " .. provider, function()
      assert.same(0, send(provider, "--to", NUMBER, "Hello").status)
      local other = provider == "nexmo" and "retarus" or "nexmo"
      for _, case in ipairs {
        { provider, "--to", NUMBER, "Other" }, { provider, "--to", OTHER, "Hello" },
        { provider, "--to", NUMBER, "--to", OTHER, "Hello" }, { other, "--to", NUMBER, "Hello" },
        { provider, "--to", NUMBER, "Hello", provider == "nexmo" and "--client-ref"
          or "--customerRef", "r-1" },
      } do
        local ended = send((table.unpack or rawget(_G, "unpack"))(case))
        assert.same({ 2, "" }, { ended.status, ended.out })
        assert.same("sms: the key '" .. key .. "' was used for another message: "
          .. "nothing was sent\n", ended.err)
      end
      assert.same(1, box:count())
    end)

    it("tells an ambiguous one as ambiguous, and never sends it again, through " .. provider,
      function()
        box:fault { operation = operation, kind = "lost_answer", count = 1 }
        for turn = 1, 3 do
          local ended = send(provider, "--to", NUMBER, "Hello")
          assert.same(5, ended.status, ended.err)
          assert.matches("ambiguous", ended.err, 1, true)
          assert.same(turn == 1 and "" or NUMBER .. "  ambiguous before\n", ended.out)
        end
        assert.same(1, #box:arrivals(operation))
      end)
  end

  it("tells one as ambiguous whose run was killed", function()
    box:fault { operation = "send_sms", kind = "latency", seconds = 5, count = 1 }
    local line = run.line(words_of("--to", NUMBER, "Hello"), environment "nexmo")
    local pid = child.shell("exec 3>&2; " .. line .. " >/dev/null 2>&1 & echo $!").out
    process.wait("its arrival", 10, function() return #box:arrivals "send_sms" == 1 end)
    process.signal("KILL", tonumber(pid))
    local ended
    process.wait("the lock", 5, function()
      ended = send("nexmo", "--to", NUMBER, "Hello")
      return ended.status ~= 3
    end)
    assert.same(5, ended.status, ended.err)
    assert.same(1, #box:arrivals "send_sms")
  end)

  it("lets what was not sent or was refused be tried again", function()
    local ended = send("nexmo", "--to", "nobody", "Hello")
    assert.same({ 3, "" }, { ended.status, ended.out })
    ended = send("retarus", "--json", "--to", "nobody", "Hello")
    assert.same(3, ended.status)
    assert.same({ "nobody", "not_sent", "invalid" }, { cjson.decode(ended.out).to,
      cjson.decode(ended.out).outcome, cjson.decode(ended.out).error.kind })
    box:fault { operation = "send_sms", kind = "nexmo_status", code = 6, count = 1 }
    assert.same(4, send("nexmo", "--to", NUMBER, "Hello").status)
    assert.same(0, send("nexmo", "--to", NUMBER, "Hello").status)
    assert.same(2, #box:arrivals "send_sms")
  end)

  it("goes on with those that are left", function()
    box:fault { operation = "send_sms", to = OTHER, kind = "nexmo_status", code = 6, count = 1 }
    assert.same(6, send("nexmo", "--to", NUMBER, "--to", OTHER, "Hello").status)
    local ended = send("nexmo", "--to", NUMBER, "--to", OTHER, "Hello")
    assert.same(0, ended.status, ended.err)
    assert.matches(OTHER .. "  accepted  %x+\n" .. NUMBER .. "  accepted before\n", ended.out)
    assert.same(3, #box:arrivals "send_sms")
  end)

  it("sends once where it runs several times at once", function()
    box:fault { operation = "send_sms", kind = "latency", seconds = 0.3 }
    local line = run.line(words_of("--to", NUMBER, "Hello"), environment "nexmo")
    local runs = {}
    for i = 1, 4 do runs[i] = "( " .. line .. "; echo $? >&2 ) &" end
    local ended = child.shell(table.concat(runs, " ") .. " wait")
    assert.same(1, #box:arrivals "send_sms")
    local ended_with = { ["0"] = 0, ["3"] = 0 } -- one that starts late finds that it was sent
    for code in ended.err:gmatch "%f[^\n%z](%d)\n" do ended_with[code] = ended_with[code] + 1 end
    assert.same(4, ended_with["0"] + ended_with["3"], ended.err)
    assert.is_true(ended_with["0"] >= 1, ended.err)
    local _, others = ended.err:gsub("another run is sending", "")
    local _, before = ended.err:gsub("used before: 1 accepted; not sent again", "")
    assert.same({ ended_with["3"], ended_with["0"] - 1 }, { others, before }, ended.err)
  end)

  it("keeps numbers and texts out of its files, which are the user's own", function()
    assert.same(0, send("retarus", "--to", NUMBER, "--billcode", "b", "A secret word").status)
    local folder = home .. "/.local/state/sms/sandbox/keys/order%2F" .. count .. "%20%C3%BC"
    local text = child.shell("cat " .. folder .. "/*").out
    assert.not_matches("secret", text, 1, true)
    assert.not_matches("9000", text, 1, true)
    assert.same("drwx------", child.shell("ls -ld " .. folder).out:sub(1, 10))
  end)

  it("does not take what a sandbox has got for sent", function()
    local words = words_of("--to", NUMBER, "Rehearsed")
    for _, environment_of in ipairs { run.with, run.with_account } do
      assert.same(0, run.sms(words, environment_of(box, { HOME = home,
        SMS_PROVIDER = "nexmo" })).status)
    end
    assert.same(2, box:count())
  end)

  it("looks where XDG_STATE_HOME says, and says where there is no place", function()
    local where = environment "nexmo"
    where.HOME, where.XDG_STATE_HOME = nil, home .. "/state"
    local words = words_of("--to", NUMBER, "Hello")
    assert.same(0, run.sms(words, where).status)
    assert.same(0, child.shell("test -d " .. home .. "/state/sms/sandbox/keys").status)
    for _, home_of in ipairs { "", "relative" } do -- a folder of each folder that it is run in
      where.HOME, where.XDG_STATE_HOME = home_of, home_of
      local ended = run.sms(words, where)
      assert.same(2, ended.status)
      assert.matches("set HOME or XDG_STATE_HOME", ended.err, 1, true)
    end
    assert.same(1, #box:arrivals "send_sms")
  end)

  it("refuses a key that is none", function()
    key = ""
    assert.same(2, send("nexmo", "--to", NUMBER, "Hello").status)
    key = ("x"):rep(101)
    assert.same(2, send("nexmo", "--to", NUMBER, "Hello").status)
    assert.same(0, box:count())
  end)
end)
