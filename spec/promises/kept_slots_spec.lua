-- A file of slots that a version before this one has left behind is read, or refused in words
-- (spec/kept/, made by spec/kept/make.lua).

local core = require "sms.core"
local sandbox = require "spec.support.servers.sandbox"
local tree = require "spec.support.rooms.tree"
local VERSIONS = require "spec.kept.versions"
local wire = require "spec.support.wire"

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

for version, becomes in pairs(VERSIONS) do
  local kept = "spec/kept/" .. version .. "/"
  local made = dofile(kept .. "made.lua")

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
