-- A method that is called with a dot, a function with a colon, and options that nobody knows say
-- so, where the caller stands.

local loop = require "sms.runtime.loop"
local nginx = require "sms.nginx"
local redis = require "sms.redis"
local sms = require "sms"

local NEXMO = { api_key = "abcd1234", api_secret = "Secret0123456789" }

local function no_op() end

-- What is called, by what it says.
local client = sms.nexmo(NEXMO)
local retarus = sms.retarus { username = "user", password = "pass" }
local gateway = sms.gateway { client }
local store = sms.stores.table()
local receipts, inbound = sms.receipts.new(store), sms.inbound.new(store)
local run = client:send_all({})

local METHODS = {
  ["nexmo:send_sms"] = client.send_sms, ["nexmo:list_owned_numbers"] = client.list_owned_numbers,
  ["retarus:send_job"] = retarus.send_job, ["nexmo:close"] = client.close,
  ["nexmo:check"] = client.check, ["nexmo:each"] = client.each, ["nexmo:prepare"] = client.prepare,
  ["nexmo:send_all"] = client.send_all, ["nexmo:read_webhook"] = client.read_webhook,
  ["nexmo:verify_signature"] = client.verify_signature, ["retarus:follow"] = retarus.follow,
  ["gateway:send"] = gateway.send, ["receipts:add"] = receipts.add, ["receipts:get"] = receipts.get,
  ["receipts:sent"] = receipts.sent, ["inbound:add"] = inbound.add,
  ["inbound:expired"] = inbound.expired, ["inbound:put_back"] = inbound.put_back,
  ["run:close"] = run.close, ["store:get"] = store.get, ["store:update"] = store.update,
  ["store:add"] = store.add, ["store:remove"] = store.remove,
}

local FUNCTIONS = {
  ["sms.nexmo"] = function() return sms:nexmo(NEXMO) end,
  ["sms.retarus"] = function() return sms:retarus() end,
  ["sms.nexmo.send_sms"] = function() return sms.nexmo:send_sms {} end,
  ["sms.retarus.get_version"] = function() return sms.retarus:get_version() end,
  ["sms.gateway"] = function() return sms:gateway { client } end,
  ["sms.all"] = function() return sms:all { no_op } end,
  ["sms.later"] = function() return sms:later(no_op) end,
  ["sms.measure"] = function() return sms:measure "text" end,
  ["sms.doctor"] = function() return sms:doctor() end,
  ["sms.is_error"] = function() return sms:is_error {} end,
  ["sms.receipts.new"] = function() return sms.receipts:new(store) end,
  ["sms.inbound.new"] = function() return sms.inbound:new(store) end,
  ["sms.stores.table"] = function() return sms.stores:table() end,
  ["sms.stores.shared"] = function() return sms.stores:shared {} end,
  ["redis.new"] = function() return redis:new { connect = no_op, release = no_op } end,
  ["loop.new"] = function() return loop:new { watch = no_op, sleep = no_op } end,
  ["loop.cqueues"] = function() return loop:cqueues() end,
  ["nginx.handler"] = function() return nginx:handler {} end,
  ["nginx.socket_folder"] = function() return nginx:socket_folder "/tmp" end,
  ["nginx.status"] = function() return nginx:status() end,
  ["nginx.doctor"] = function() return nginx:doctor() end,
  ["loop.luv"] = function() return loop:luv() end,
}

local DICTIONARY = { safe_add = no_op }

-- Calls with an option that nobody knows, and the one that was meant.
local OPTIONS = {
  ["stores.table"] = { "seconds", function() return sms.stores.table { secnds = 1 } end },
  ["stores.shared"] = { "lease",
    function() return sms.stores.shared(DICTIONARY, { leese = 1 }) end },
  ["sms.inbound"] = { "window", function() return sms.inbound.new(store, { windw = 9 }) end },
  ["sms.redis"] = { "release",
    function() return redis.new { connect = no_op, realease = no_op, release = no_op } end },
  ["loop.new"] = { "resume",
    function() return loop.new { watch = no_op, sleep = no_op, resumee = no_op } end },
  ["sms.all"] = { "in_flight", function() return sms.all({}, { inflight = 2 }) end },
  ["sms.gateway"] = { "deadline", function() return sms.gateway { client, dedline = 9 } end },
}

describe("What is called as it is not meant", function()
  local here = "^spec/client/dots_spec%.lua:%d+: "

  local function assert_raises(words, f, ...)
    local arguments = { ... }
    local ok, message = pcall(function()
      local result = f(arguments[1], arguments[2])
      return result
    end)
    assert.is_false(ok)
    assert.matches(here, message)
    assert.matches(words, message, 1, true)
  end

  for name, method in pairs(METHODS) do
    it(("says that %s is a method"):format(name), function()
      local words = ("%s is a method: call it with a colon, %s(…)"):format(
        name:match ":(.*)", name)
      for _, first in ipairs { { to = "447700900000" }, "get_job", 7, true } do
        assert_raises(words, method, first)
      end
      assert_raises(words, method)
      assert_raises(words, method, nil, {})
    end)
  end

  for name, call in pairs(FUNCTIONS) do
    it(("says that %s is a function"):format(name), function()
      local ok, message = pcall(function()
        local result = call()
        return result
      end)
      assert.is_false(ok)
      assert.matches(here, message)
      assert.equal(("%s is a function: call it with a dot, %s(…)"):format(name, name),
        (message:gsub(here, "")))
    end)
  end

  for name, case in pairs(OPTIONS) do
    it(("names an unknown option of %s"):format(name), function()
      local ok, message = pcall(case[2])
      assert.is_false(ok)
      assert.matches(name, message, 1, true)
      assert.matches("is not known; did you mean '" .. case[1] .. "'?", message, 1, true)
    end)
  end

  it("is named at the line of the call", function()
    local line = debug.getinfo(1, "l").currentline + 2
    local ok, message = pcall(function()
      local made = sms.stores.table { secnds = 1 }
      return made
    end)
    assert.is_false(ok)
    assert.matches("^spec/client/dots_spec%.lua:" .. line .. ": ", message)
  end)

  it("may be a method of something else", function()
    for _, case in ipairs { { retarus.send_job, client, "retarus:send_job" },
      { receipts.add, inbound, "receipts:add" }, { store.get, receipts, "store:get" },
      { client.check, { operations = {} }, "nexmo:check" }, { run.close, gateway, "run:close" } } do
      assert_raises(case[3] .. "(…)", case[1], case[2])
    end
    local mine = setmetatable({}, { __index = store })
    assert.is_nil(mine:get "none") -- what inherits it has it
  end)

  it("may have options that are another at each look", function()
    local looks = 0
    local given = setmetatable({}, { __index = function()
      looks = looks + 1
      return looks % 2 == 0 and {} or nil
    end })
    local _, err = gateway:send({ from = "Acme", to = "nobody", text = "Hi" }, given)
    assert.equal("invalid", err.kind)
  end)

  it("may be called with what it does not take", function()
    local shared = sms.stores.shared(DICTIONARY)
    local function clock() return "now" end
    for words, call in pairs {
      ["stores.table: options: must be a table"] = function() return sms.stores.table(5) end,
      ["stores.table: clock: a function that gives seconds was expected"] = function()
        return sms.stores.table { clock = clock }
      end,
      ["store: key: a string was expected"] = function() return store:get(1) end,
      ["store: seconds: a number of seconds was expected"] = function()
        return shared:add("key", 0 / 0)
      end,
      ["store: change: a function was expected"] = function() return shared:update "key" end,
      ["receipts:get: the id of a message was expected"] = function() return receipts:get {} end,
      ["inbound: now: seconds since 1970 were expected"] = function()
        return inbound:expired "now"
      end,
      ["loop.new: spawn: a function was expected"] = function()
        return loop.new { watch = no_op, sleep = no_op, spawn = 1 }
      end,
      ["nginx.status: this is not nginx"] = function() return nginx.status() end,
    } do
      assert_raises(words, function()
        local result = call()
        return result
      end)
    end
    local ok, err = inbound:put_back { parts = { 1 } }
    assert.same({ false, "invalid" }, { ok or false, err.kind })
  end)

  it("is also what is no store", function()
    for _, made in ipairs { sms.receipts.new, sms.inbound.new } do
      for _, given in ipairs { 1, {}, { get = print } } do
        assert_raises(": a store with get and update was expected", made, given)
      end
    end
    assert_raises("sms.receipts: 'window' is not known", sms.receipts.new, store, { window = 1 })
  end)

  it("is also what is no table of options", function()
    for _, f in ipairs { function() sms.stores.table(7) end, function() loop.new() end,
      function() loop.new "x" end, function() redis.new "x" end,
      function() sms.inbound.new(store, 3600) end } do
      assert.has_error(f)
    end
  end)

  it("is nothing that a proxy of a client does", function()
    local other = setmetatable({}, { __index = client })
    assert.equal("POST", other:prepare("send_sms", { from = "A", to = "447700900000", text = "x" })
      .method)
  end)
end)

describe("sms.is_error", function()
  it("tells errors of the library from all else", function()
    local _, err = client:send_sms {}
    local _, measured = sms.measure "\255"
    assert.is_true(sms.is_error(err))
    assert.is_true(sms.is_error(measured))
    for _, value in ipairs { {}, "text", 7, true, { kind = "invalid", outcome = "not_sent" } } do
      assert.is_false(sms.is_error(value))
    end
    assert.is_false(sms.is_error())
  end)
end)
