-- The rooms of lua/sms, for spec.support.rooms.rules.

local tree = require "spec.support.rooms.tree"

local function set(names)
  local made = {}
  for name in names:gmatch "%S+" do
    made[name] = true
  end
  return made
end

-- What the pure rooms may use of the C module: nothing here asks for the time or does I/O.
local PURE = set [[
  double_text e164 escape form inspect is_before is_excepted is_loopback json_mark json_members
  json_restore latency_bounds long_text measure phone reader to_double trim whole writer
]]

-- Rooms, and those they may require. What these may require is allowed, too.
local house = {
  rooms = {
    base = {},
    schema = { "base" },
    wire = { "schema" },
    limits = { "base" },
    runtime = { "base" },
    call = { "wire", "limits", "runtime" },
    bulk = { "call" },
    gateway = { "call" },
    outbox = { "bulk", "limits" },
    report = { "call" },
    testing = { "runtime" },
    incoming = { "wire" },
    client = { "bulk", "gateway", "outbox", "report", "incoming" },
  },
  top = set "init meta nginx redis testing", -- may require all; no room may require them
  core = "sms.core",
  pure = { base = PURE, schema = PURE, wire = PURE },
  outside = {
    base = set "cjson",
    -- Of the loops themselves.
    runtime = set "cqueues cqueues.condition luv ngx.semaphore ngx.errlog ffi",
  },
}

--- Every provider is a room of its own.
function house.add_provider(name)
  house.rooms["providers/" .. name], house.pure["providers/" .. name] = { "wire" }, PURE
end

for _, path in ipairs(tree.files "lua/sms/providers -path '*/*/init.lua'") do
  house.add_provider(path:match "^lua/sms/providers/([^/]+)/")
end

return house
