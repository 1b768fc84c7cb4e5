-- All stores keep what they are told for as long as they are told.

local dictionary = require "spec.support.dictionary"
local kinds = require "spec.support.stores.init"
local stores = require "sms.incoming.stores"

for name, kind in pairs(kinds) do
  describe(("The %s store"):format(name), function()
    kind.around()

    local start
    before_each(function() start = kind.now end)

    local function after(seconds) kind.at(start + seconds) end

    it("adds a key once, until its time is over", function()
      local store = kind.make()
      assert.is_true(store:add("a", 10))
      assert.is_false((store:add("a", 10)))
      assert.is_true(store:add("b", 10))
      assert.is_true(store:get "a")
      after(9)
      assert.is_false((store:add("a", 10)))
      after(10)
      assert.is_true(store:add("a", 10))
      assert.is_true(store:remove "a")
      assert.is_nil(store:get "a")
      assert.is_true(store:add("a", 10))
    end)

    it("updates a record by what was there", function()
      local store = kind.make()
      local seen = {}
      for i = 1, 3 do
        local new = store:update("a", function(old)
          seen[i] = old or "nothing"
          return { n = i, list = { "x", i }, none = {}, deep = { yes = true } }
        end)
        assert.equal(i, new.n)
      end
      assert.equal("nothing", seen[1])
      assert.same({ n = 2, list = { "x", 2 }, none = {}, deep = { yes = true } }, seen[3])
      assert.equal(3, store:get("a").n)
      assert.is_nil(store:get "b")
    end)

    it("removes a record that becomes nothing", function()
      local store = kind.make()
      store:update("a", function() return { 1 } end)
      for _ = 1, 2 do
        local new, why = store:update("a", function() end)
        assert.is_nil(new)
        assert.is_nil(why)
        assert.is_nil(store:get "a")
      end
      assert.is_true(kind.is_empty(store))
    end)

    it("forgets a record after its time without change", function()
      local store = kind.make { seconds = 100 }
      for i = 1, 5 do
        after(i * 99)
        store:update("a", function(old) return { n = (old and old.n or 0) + 1 } end)
      end
      assert.equal(5, store:get("a").n)
      after(5 * 99 + 100)
      assert.is_nil(store:get "a")
      store:update("a", function(old)
        assert.is_nil(old)
        return { n = 1 }
      end)
    end)

    it("lets go of a record whose change raises", function()
      local store = kind.make()
      store:update("a", function() return { n = 1 } end)
      local ok, message = pcall(store.update, store, "a", function() error("no", 0) end)
      assert.is_false(ok)
      assert.equal("no", message)
      assert.equal(2, store:update("a", function(old) return { n = old.n + 1 } end).n)
    end)

    it(("keeps records for %d days if not told otherwise"):format(kind.days), function()
      local store = kind.make()
      store:update("a", function() return { n = 1 } end)
      after(kind.days * 86400 - 1)
      assert.is_not_nil(store:get "a")
      after(kind.days * 86400)
      assert.is_nil(store:get "a")
    end)
  end)
end

local clock
local function now() return clock end

describe("The table store", function()
  it("does not grow by what is over", function()
    clock = 0
    local store = stores.table { clock = now }
    local most = 0
    for i = 1, 50000 do
      clock = i
      store:add("n" .. i, 100)
      if i % 500 == 0 then
        local count = 0
        for _ in pairs(store.records) do count = count + 1 end
        most = math.max(most, count)
      end
    end
    assert.is_true(most <= 1300, most .. " records")
  end)

  it("takes the host's clock if it gets none", function()
    local store = stores.table()
    assert.is_true(store:add("a", 3600))
    assert.is_false(store:add("a", 3600))
  end)
end)

describe("The shared store", function()
  before_each(function() clock = 1000 end)

  it("never pushes out what is needed: it fails", function()
    local store = stores.shared(dictionary.new(now, 3))
    for i = 1, 3 do assert.is_true(store:add("n" .. i, 10)) end
    local ok, why = store:add("n4", 10)
    assert.is_nil(ok)
    assert.equal("no memory", why)
    ok, why = store:update("a", function() return { 1 } end)
    assert.is_nil(ok)
    assert.equal("no memory", why)
    for i = 1, 3 do assert.is_false((store:add("n" .. i, 10))) end
    clock = 1010
    assert.is_true(store:add("n4", 10))
  end)

  it("fails where the lock fits and the record does not, and lets go of the lock", function()
    local full = dictionary.new(now, 1)
    local store = stores.shared(full)
    local _, why = store:update("a", function() return { 1 } end)
    assert.equal("no memory", why)
    assert.equal(0, full.count)
  end)

  it("waits for a lock, but not for ever", function()
    local locked = dictionary.new(now)
    local store = stores.shared(locked)
    locked:safe_add("a:lock", true, 5)
    local _, why = store:update("a", function() error "changed" end)
    assert.equal("the record is locked", why)
    clock = 1005
    assert.is_not_nil((store:update("a", function() return { 1 } end)))
  end)

  it("is made of a dictionary alone", function()
    for _, given in ipairs { 1, "sms", {}, { safe_add = 1 } } do
      assert.has_error(function() stores.shared(given) end,
        "stores.shared: a dictionary of nginx was expected, such as ngx.shared.sms")
    end
    assert.has_error(function() stores.shared() end)
    for _, option in ipairs { 0, -1, "1", 0 / 0, math.huge } do
      assert.has_error(function() stores.table { seconds = option } end,
        "stores.table: seconds: a number of seconds was expected")
      assert.has_error(function() stores.shared(dictionary.new(now), { lease = option }) end,
        "stores.shared: lease: a number of seconds was expected")
    end
  end)
end)
