-- os.exit in a hook is a crash like any other: by what the provider saw, nothing is sent twice,
-- nothing is lost, and the limit of the machine holds.

local child = require "spec.support.child"
local lua_process = require "spec.support.lua_process"
local sandbox = require "spec.support.servers.sandbox"
local windows = require "spec.support.windows"

local ITEMS, CALLS, PERIOD = 30, 10, 1

-- A campaign of numbered texts that ends in the hook AT the so-manieth event of this NAME, where
-- there is one; it tells what became of those that were not accepted.
local PROGRAM = [[
local sms = require "sms"
local left, name = tonumber(os.getenv "AT"), os.getenv "NAME"
local closes = os.getenv "CLOSES" == "true" or nil
local function hook(event)
  if event.name ~= name and not (name == "progress" and event.done) then return end
  left = left - 1
  if left == 0 then os.exit(9, closes) end
end
local nexmo = sms.nexmo { api_key = "abcd1234", api_secret = "Secret0123456789",
  base_url = os.getenv "URL", slots_path = os.getenv "SLOTS", timeout = 1, retry = false,
  on_event = hook,
  rate_limit = { calls = 10, period = 1, share = "machine" } }
local items = {}
for i = 1, 30 do
  items[i] = { from = "Acme", to = "447700900000", text = "Hi", ["client-ref"] = tostring(i) }
end
for item, _, err in nexmo:send_all(items, { in_flight = 8, use = 1,
  journal = os.getenv "SLOTS" .. "/journal-" .. name, on_progress = hook }) do
  if err then io.write(item and item["client-ref"] or "all", " ", err.outcome, "\n") end
end
]]

describe("os.exit in a hook", function()
  local box = sandbox.for_specs()
  local folder, program = lua_process.folder_for_specs(PROGRAM)

  local function run(name, at, closes)
    return child.shell(lua_process.command(program, { URL = box.urls.nexmo, SLOTS = folder,
      NAME = name, AT = tostring(at), CLOSES = tostring(closes) }))
  end

  local function note(told, output)
    for ref, outcome in output:gmatch "(%S+) (%S+)\n" do told[ref] = outcome end
  end

  for name, at in pairs { request = 13, response = 7, wait = 1, progress = 2 } do
    it("is a crash that journal and slots survive: at the event " .. name, function()
      local told = {}
      for round, closes in ipairs { false, true } do
        local ended = run(name, at, closes)
        assert.equal(9, ended.status, round .. ": " .. ended.err)
        note(told, ended.out)
      end
      local last = run(name, 0)
      assert.equal(0, last.status, last.err)
      note(told, last.out)
      local counts = {}
      for _, arrival in ipairs(box:arrivals "send_sms") do
        counts[arrival.ref] = (counts[arrival.ref] or 0) + 1
      end
      for i = 1, ITEMS do
        local count, outcome = counts[tostring(i)] or 0, told[tostring(i)]
        assert.is_true(count <= 1, "twice")
        assert.is_true(count == 1 or outcome == "ambiguous", "lost")
        assert.is_true(outcome == nil or outcome == "ambiguous", outcome)
      end
      assert.is_true(windows.most(box:arrivals(), PERIOD) <= CALLS)
    end)
  end
end)
