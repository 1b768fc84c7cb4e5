-- Clients of one account with different limits: each call takes a slot of all of them.

local child = require "spec.support.child"
local core = require "sms.core"
local raw_server = require "spec.support.servers.raw_server"
local sms = require "sms"
local usual = require "spec.support.usual"

local LONG = 3600 -- seconds: a period that outlasts the spec

describe("Clients of one account", function()
  local server, key, count = nil, nil, 0

  setup(function() server = raw_server.start() end)
  teardown(function() server:stop() end)
  before_each(function()
    server:reply(usual.taken())
    count = count + 1
    key = ("account%d-%.0f"):format(count, core.now() * 1e6) -- with files of its own
  end)

  -- A client with a limit, and what it has warned of.
  local function client_with(limit, more)
    local told = {}
    local given = { api_key = key, api_secret = "Secret0123456789", base_url = server.url,
      max_wait = 0, retry = false, rate_limit = limit, on_event = function(event)
        if event.name == "warning" then told[#told + 1] = event.message end
      end }
    for name, value in pairs(more or {}) do given[name] = value end
    local client = sms.nexmo(given)
    finally(function() client:close() end)
    return client, told
  end

  local function limit(calls, more)
    local made = { calls = calls, period = LONG }
    for name, value in pairs(more or {}) do made[name] = value end
    return made
  end

  -- How many texts get through, of so many.
  local function sent(client, wanted, from)
    local through = 0
    for _ = 1, wanted do
      local result, err = client:send_sms { from = from or "Acme", to = "447700900000", text = "x" }
      if result then through = through + 1 else assert.equal("rate_limited", err.kind) end
    end
    return through
  end

  it("with equal limits share them, and nothing is said", function()
    local one, first = client_with(limit(3))
    local other, second = client_with(limit(3))
    assert.same({ 2, 1 }, { sent(one, 2), sent(other, 2) })
    assert.same({ {}, {} }, { first, second })
  end)

  it("that say nothing but the share keep the provider's own limits there", function()
    local folder = child.shell("mktemp -d").out:match "%S+"
    finally(function() child.shell("rm -r " .. folder) end)
    local share = { share = "machine" }
    local one, first = client_with(share, { slots_path = folder })
    local other = client_with({ share = "machine" }, { slots_path = folder })
    local began = core.now()
    local through = sent(one, 20) + sent(other, 20) -- 30 a second
    assert.is_true(through == 30 or through > 30 and core.now() - began >= 1, through)
    assert.same({}, first)
    assert.equal(2, #child.names_in(folder)) -- and 100 a minute
    assert.same({ share = "machine" }, share)
  end)

  it("with different limits take a slot of each, whoever was made first", function()
    local wide, first = client_with(limit(9))
    assert.equal(1, sent(wide, 1))
    local narrow, second = client_with(limit(2))
    assert.same({ 1, 1, 0 }, { sent(wide, 1), sent(narrow, 2), sent(wide, 1) })
    assert.same({ {}, 1 }, { first, #second })
    assert.matches("other clients of this account have other limits", second[1])
    local late = client_with(limit(20))
    assert.equal(0, sent(late, 1))
  end)

  it("take slots of those that are open alone", function()
    local wide, narrow = client_with(limit(9)), client_with(limit(1))
    assert.equal(1, sent(wide, 3))
    narrow:close()
    assert.equal(3, sent(wide, 3))
    do client_with(limit(1)) end
    assert.equal(0, sent(wide, 1))
  end)

  it("do not keep each other from being collected", function()
    local wide = client_with(limit(9))
    local gone = setmetatable({}, { __mode = "v" })
    do
      local client
      client = sms.nexmo { api_key = key, api_secret = "Secret0123456789", rate_limit = limit(1),
        on_event = function() return client end }
      gone[1] = client
    end
    if rawget(_G, "jit") then rawget(_G, "jit").flush() end -- traces hold what they have seen
    collectgarbage()
    collectgarbage()
    assert.is_nil(gone[1])
    local _ = client_with(limit(9))
    assert.equal(2, sent(wide, 2))
  end)

  it("with limits elsewhere, or of other accounts, have their own", function()
    local process, machine = client_with(limit(1)), client_with(limit(2,
      { share = "machine", period = 5 }))
    local store = { open = function() return nil, "away" end }
    local away = client_with(limit(3, { share = store }))
    key = key .. "-other"
    local other = client_with(limit(2))
    assert.same({ 1, 2, 2 }, { sent(process, 3), sent(machine, 3), sent(other, 3) })
    assert.equal("internal", select(2, away:send_sms(usual.TEXT)).kind)
  end)

  it("share limits of one Redis, and limits that are beside those", function()
    local taken = {}
    local store = { open = function(_, name, calls)
      return { acquire = function()
        taken[#taken + 1] = calls
        return 1, 2
      end, finish = function() end, refund = function() end, delay = function() return 0 end,
        close = function() end, name = name }
    end }
    local one = client_with { limit(7, { share = store }), limit(9) }
    local _ = client_with(limit(5, { share = store }))
    assert.equal(1, sent(one, 1))
    table.sort(taken)
    assert.same({ 5, 7 }, taken)
  end)

  it("with a limit for each sender take a slot of that, too", function()
    local one = client_with(limit(9))
    assert.equal(1, sent(one, 1))
    local _ = client_with(limit(1, { per = "from" }))
    assert.same({ 1, 1 }, { sent(one, 3, "Acme"), sent(one, 3, "Other") })
    server:reply(raw_server.http(200, '{"count":0,"numbers":[]}'))
    assert(one:list_owned_numbers())
  end)

  it("without a limit stay without one, and that is said once", function()
    local one, first = client_with(limit(1))
    local free, second = client_with(false)
    assert.same({ 1, 5 }, { sent(one, 3), sent(free, 5) })
    assert.same({ {}, 1 }, { first, #second })
    assert.matches("rate_limit is false", second[1])
    local _, third = client_with(limit(1))
    assert.equal(1, #third)
    assert.matches("another client of this account has no limit", third[1] or "")
    key = key .. "-alone"
    local _, alone = client_with(false)
    assert.same({}, alone)
  end)

  it("that wait for a slot take one of a limit that comes meanwhile", function()
    local one = client_with(limit(1, { period = 0.4 }), { max_wait = 5 })
    assert.equal(1, sent(one, 1))
    local results = sms.all {
      function() return one:send_sms(usual.TEXT, { max_wait = 1 }) end,
      function()
        require "sms.runtime.tasks".sleep(0.1)
        local narrow = client_with(limit(1))
        return narrow:send_sms(usual.TEXT, { max_wait = 0 })
      end,
    }
    local through = (results[1][1] and 1 or 0) + (results[2][1] and 1 or 0)
    assert.equal(1, through)
  end)
end)

describe("A rate_limit that is misused", function()
  local function message_of(provider, limit)
    local ok, message = pcall(sms[provider], { api_key = "k", api_secret = "Secret0123456789",
      rate_limit = limit })
    assert.is_false(ok)
    return message
  end

  local ONE = { calls = 1, period = 1 }

  for words, limit in pairs {
    ["rate_limit: share stands beside a list"] = { ONE, share = "machine" },
    ["rate_limit: period stands beside a list"] = { ONE, period = 1 },
    ["rate_limit: calls stands beside a list"] = { ONE, calls = 1 },
    ["rate_limit: entry 2 is missing"] = { ONE, nil, ONE },
    ["rate_limit.pre: is not known"] = { calls = 1, period = 1, pre = "from" },
    ["rate_limit.calls: is required"] = {},
    ["rate_limit.share: must be 'process', 'machine'"] = { share = "moon" },
  } do
    it("raises: " .. words, function()
      assert.matches(words, message_of("nexmo", limit), 1, true)
    end)
  end

  it("raises where `per` is nothing that the provider has", function()
    for _, limit in ipairs { { calls = 1, period = 1, per = "from" },
      { { calls = 1, period = 1, per = "from" } } } do
      local ok, message = pcall(sms.retarus, { username = "u", password = "password",
        rate_limit = limit })
      assert.is_false(ok)
      assert.matches("rate_limit.per: retarus has no parameter 'from'", message, 1, true)
    end
  end)
end)
