-- What versions before this one have left behind is read, or refused in words: a journal, a file of
-- slots, records of a store, and what the command keeps, of each (spec/kept/, made by
-- spec/kept/make.lua).

local cjson = require "cjson"
local command = require "spec.support.runs.command"
local core = require "sms.core"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local tree = require "spec.support.rooms.tree"
local wire = require "spec.support.wire"

-- What becomes of the files of each version: "read", or the words in which they are refused.
local VERSIONS = {
  ["1.0.0rc1"] = { journal = "read", slots = "read", key = "read", campaign = "read" },
}

local BOOT = { from = 57, to = 88 } -- bytes of a slots' head: boot, clock's offset, time namespace

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  file:close()
end

local function integer_at(text, at, bytes)
  local value = 0
  for i = bytes, 1, -1 do
    value = value * 256 + text:byte(at + i - 1)
  end
  return value
end

--- The text with another integer of six bytes at a place.
local function with_integer(text, at, value)
  local bytes = {}
  for i = 1, 6 do
    bytes[i] = string.char(value % 256)
    value = math.floor(value / 256)
  end
  return text:sub(1, at - 1) .. table.concat(bytes) .. text:sub(at + 6)
end

--- A kept file of slots as if it had been written in this boot, so many seconds ago. A cell is
--- 2^62 and a time; one that would lie before the boot is free.
local function of_this_boot(text, here, made, seconds_ago)
  text = text:sub(1, BOOT.from - 1) .. here:sub(BOOT.from, BOOT.to) .. text:sub(BOOT.to + 1)
  local later = math.floor((core.now() - seconds_ago) * 1e6) - made.at
  local cells_at = integer_at(text, 13, 4)
  for i = 0, made.calls - 1 do
    local at = cells_at + 8 * i + 1
    text = with_integer(text, at, math.max(1, integer_at(text, at, 6) + later))
  end
  return text
end

local function folder()
  local path = os.tmpname()
  os.remove(path)
  assert(os.execute("mkdir " .. path))
  return path
end

local function only_file_in(place)
  return tree.files(place)[1]
end

describe("The files of versions that were released", function()
  it("are kept, of each", function()
    for version in tree.read "CHANGELOG.md":gmatch "\n## %[(%d[^%]]*)%]" do
      assert(VERSIONS[version], "spec/kept/ has nothing of " .. version)
    end
    for _, path in ipairs(tree.files "spec/kept -mindepth 2") do
      assert(VERSIONS[path:match "^spec/kept/([^/]+)"], path)
    end
  end)
end)

for version, becomes in pairs(VERSIONS) do
  local kept = "spec/kept/" .. version .. "/"
  local made = dofile(kept .. "made.lua")

  describe("A journal of " .. version, function()
    local box = sandbox.for_specs()
    local path

    before_each(function()
      path = os.tmpname()
      write(path, tree.read(kept .. "journal"))
    end)
    after_each(function() os.remove(path) end)

    local function run(options)
      local told, fatal = {}, nil
      local nexmo, given = wire.nexmo(box), wire.changed({ journal = path }, options)
      for item, _, err in nexmo:send_all(made.items, given) do
        if item then
          told[item["client-ref"]] = err and err.outcome or "accepted"
        else
          fatal = err
        end
      end
      nexmo:close()
      return told, fatal
    end

    local function sent()
      local refs = {}
      for _, arrival in ipairs(box:arrivals()) do refs[#refs + 1] = arrival.ref end
      table.sort(refs)
      return refs
    end

    if becomes.journal == "read" then
      it("goes on", function()
        local told, fatal = run {}
        assert.is_nil(fatal)
        assert.same({ ["not sent"] = "accepted", begun = "ambiguous", new = "accepted" }, told)
        assert.same({ "new", "not sent" }, sent())
        assert.same({}, (run {}))
      end)

      it("knows what was refused and what is ambiguous", function()
        local told = run { resend_refused = true, resend_ambiguous = true }
        assert.same({ ["not sent"] = "accepted", begun = "accepted", new = "accepted",
          refused = "accepted", invalid = "not_sent", ambiguous = "accepted" }, told)
        assert.same({ "ambiguous", "begun", "new", "not sent", "refused" }, sent())
      end)
    else
      it("is refused in words, and nothing is sent", function()
        local told, fatal = run {}
        assert.same({}, told)
        assert.matches(becomes.journal, fatal.message)
        assert.same({}, sent())
      end)
    end
  end)

  describe("A key of " .. version, function()
    local box = sandbox.for_specs()
    local home = command.home()

    it("is known, or refused in words: nothing is sent again", function()
      local keys = home .. "/.local/state/sms/keys"
      assert(os.execute(("umask 77 && mkdir -p '%s' && cp -r '%skey' '%s/order-17'")
        :format(keys, kept, keys)))
      local ended = command.sms(made.command, command.with_account(box, { HOME = home }))
      assert.same({}, box:arrivals "send_sms")
      if becomes.key == "read" then
        assert.same({ 0, "sms: the key 'order-17' was used before: 1 accepted; not sent again\n" },
          { ended.status, ended.err })
      else
        assert.equal(2, ended.status)
        assert.matches(becomes.key, ended.err)
      end
    end)
  end)

  describe("A campaign of " .. version, function()
    local box = sandbox.for_specs()
    local home = command.home()

    for provider, operation in pairs { nexmo = "send_sms", retarus = "send_job" } do
      it("goes on, or is refused in words, through " .. provider, function()
        local place = ("%s/%s-campaign"):format(home, provider)
        assert(os.execute(("umask 77 && cp -r '%s%s-campaign' '%s'"):format(kept, provider, home)))
        local ended = command.sms({ "campaign", "--provider", provider, "--from", "Acme", "--yes",
          place .. "/texts.csv" }, command.with_account(box, { HOME = home }))
        if becomes.campaign == "read" then
          assert.equal(0, ended.status, ended.err)
          assert.equal(1, #box:arrivals(operation))
          assert.matches("7700900003", box:arrivals(operation)[1].to)
          local _, count = tree.read(place .. "/texts.csv.result.csv"):gsub("\n", "")
          assert.equal(4, count) -- each once, below the heading
        else
          assert.not_equal(0, ended.status)
          assert.matches(becomes.campaign, ended.err)
          assert.equal(0, box:count())
        end
      end)
    end
  end)

  describe("Records of " .. version, function()
    local store

    before_each(function()
      store = sms.stores.table()
      for key, record in pairs(cjson.decode(tree.read(kept .. "records.json"))) do
        assert(store:update(key, function() return record end))
      end
    end)

    it("are the state of a message", function()
      local receipts = sms.receipts.new(store)
      local state = assert(receipts:get "0A2")
      assert.same({ "sent", false, 2 }, { state.status, state.final, #state.parts })
      state = assert(receipts:add(made.receipts[2]))
      assert.same({ "delivered", true, true }, { state.status, state.final, state.changed })
      assert.is_false(receipts:add(made.receipts[1]).changed)
    end)

    it("are parts of texts", function()
      local inbound = sms.inbound.new(store)
      assert.is_false((inbound:add(made.parts[1], made.now + 10)))
      assert.equal("Grüße", inbound:add(made.parts[2], made.now + 10).fields.text)
      assert.is_false((inbound:add(made.parts[2], made.now + 20)))
    end)
  end)

  describe("Slots of " .. version, function()
    local box = sandbox.for_specs()
    local place, warnings, clients

    before_each(function() place, warnings, clients = folder(), {}, {} end)
    after_each(function()
      for _, client in ipairs(clients) do client:close() end
      os.execute(("rm -r '%s'"):format(place))
    end)

    local function client()
      clients[#clients + 1] = wire.nexmo(box, { slots_path = place, max_wait = 0,
        rate_limit = { calls = made.calls, period = made.period, share = "machine" },
        on_event = function(event)
          if event.name == "warning" then warnings[#warnings + 1] = event.message end
        end })
      return clients[#clients]
    end

    --- Has the file of these slots, as a version makes it, in its place.
    local function put(text)
      local path = only_file_in(place)
      os.remove(path)
      write(path, text)
      assert(os.execute(("chmod 600 '%s'"):format(path)))
    end

    --- How many calls are let through, and what is said then.
    local function calls(nexmo)
      for count = 0, made.calls do
        local result, err = nexmo:send_sms(made.items[1])
        if not result then
          return count, err
        end
      end
      return made.calls
    end

    --- Makes a file here and takes its client away. Just after a boot it lets nothing through.
    local function file_of_here()
      local nexmo = client()
      nexmo:send_sms(made.items[1])
      nexmo:close()
      clients, warnings = {}, {}
      box:reset()
      return tree.read(only_file_in(place))
    end

    it("of an earlier boot let nothing through, and say so", function()
      file_of_here()
      put(tree.read(kept .. "slots"))
      local count, err = calls(client())
      assert.same({ 0, "rate_limited", "not_sent" }, { count, err.kind, err.outcome })
      assert.equal(0, box:count())
      assert.equal(1, #warnings)
      assert.matches(becomes.slots == "read"
        and "is from before the last boot; no slot is free for %d+ s" or becomes.slots, warnings[1])
    end)

    it("of this boot are counted, or refused in words", function()
      local here = file_of_here()
      put(of_this_boot(tree.read(kept .. "slots"), here, made, 10))
      local count, err = calls(client())
      assert.same({ "rate_limited", "not_sent" }, { err.kind, err.outcome })
      if becomes.slots == "read" then
        assert.same({}, warnings)
        assert.equal(made.calls - made.used, count)
        assert.is_true(err.retry_after > made.period - 20 and err.retry_after <= made.period,
          err.retry_after)
      else
        assert.equal(0, count)
        assert.matches(becomes.slots, warnings[1])
      end
      assert.equal(count, box:count())
    end)
  end)
end
