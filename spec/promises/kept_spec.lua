-- What versions before this one have left behind is read, or refused in words: a journal, records
-- of a store, and what the command keeps, of each (spec/kept/, made by spec/kept/make.lua). Files
-- of slots have kept_slots_spec.lua.

local cjson = require "cjson"
local command = require "spec.support.runs.command"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local tree = require "spec.support.rooms.tree"
local VERSIONS = require "spec.kept.versions"
local wire = require "spec.support.wire"

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  file:close()
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
end
