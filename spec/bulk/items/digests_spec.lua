-- Digests that fail, since memory runs out: words and no raise, and the process goes on with those
-- that follow. Each place in a process of its own, since OpenSSL makes what it needs but once.

local build = require "spec.support.hosts.build"
local child = require "spec.support.child"
local core = require "sms.core"
local errors = require "sms.base.errors"
local lua_process = require "spec.support.lua_process"
local sandbox = require "spec.support.servers.sandbox"
local wire = require "spec.support.wire"

-- Its allocator has a sanitizer's place; LuaJIT's own memory is not in the heap.
local starved = (build.is_sanitized or rawget(_G, "jit")) and pending or it

-- Prints what a digest comes to whose memory runs out, whether it did, and what the next one is.
local PROGRAM = [[
  local failing_heap = require "failing_heap"
  local core = require "sms.core"
  failing_heap.arm(tonumber(os.getenv "PLACE"), tonumber(os.getenv "TIMES"))
  local digest, why = core.sha256 "abc"
  local was_refused = failing_heap.disarm()
  local again, reason = core.sha256 "abc"
  print(digest and #digest or why, was_refused, again and #again or reason)
]]

describe("A digest that fails", function()
  local box = sandbox.for_specs()
  local folder, program = lua_process.folder_for_specs(PROGRAM)

  starved("says so, and the next one is made", function()
    for _, times in ipairs { 1, 2 ^ 40 } do
      local place, refused = 0
      repeat
        place = place + 1
        local ended = child.shell("timeout 20 " .. lua_process.command(program, {
          PLACE = tostring(place), TIMES = ("%d"):format(times),
          LD_PRELOAD = build.folder .. "/5.4/failing_heap.so" }))
        local told, again
        told, refused, again = ended.out:match "^([^\t]+)\t(%a+)\t(.*)\n$"
        local where = ("place %d, %d times: %s%s"):format(place, times, ended.out, ended.err)
        assert(told == "32" or told == "no memory", where)
        assert.equal("32", again, where)
      until refused == "false"
      print(("# memory refused %s: %d places"):format(times == 1 and "once" or "for good", place))
    end
  end)

  it("ends a journalled run in words, and the next run sends all", function()
    local client = wire.nexmo(box)
    local list = {}
    for i = 1, 3 do list[i] = { from = "Acme", to = "447700900000", text = "item " .. i } end
    local function run()
      local told = {}
      for item, result, err in client:send_all(list, { journal = folder .. "/journal" }) do
        told[#told + 1] = { item, result, err }
      end
      return told
    end
    local sha256 = core.sha256
    finally(function() core.sha256 = sha256 end)
    for why, words in pairs { ["no memory"] = "memory", failed = "OpenSSL" } do
      core.sha256 = function() return nil, why end
      local told = run()
      assert.equal(1, #told)
      assert.is_false(told[1][1])
      local err = told[1][3]
      assert.is_true(errors.is(err))
      assert.same({ "internal", "not_sent" }, { err.kind, err.outcome })
      assert.matches(words, err.message)
      assert.equal(0, box:count())
    end
    core.sha256 = sha256
    assert.equal(3, #run())
    assert.equal(3, box:count())
  end)
end)
