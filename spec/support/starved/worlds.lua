-- Where operations are done: sandboxes and clients of them.
--
--     local world = worlds.new()
--     world.nexmo, signed (by signatures), caller (Voice API), retarus, looped (in an event loop),
--     secure (TLS), repeating (with its repeats)
--     world.new_client(options)          one more of Nexmo's
--     world.box_of "secure"              the sandbox of a client
--     world.folder                       for files
--     world.stop()

local child = require "spec.support.child"
local loops = require "spec.support.loops"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local wire = require "spec.support.wire"

local worlds = {}

local LIMIT = { rate_limit = { calls = 100000, period = 1 }, timeout = 10 }

local function with(more) return wire.changed(LIMIT, more) end

local function clients(box, secure_box)
  return {
    nexmo = wire.nexmo(box, LIMIT),
    signed = wire.nexmo(box, with { auth = "signature", signature_secret = wire.signature_secret,
      signature_method = "sha256" }),
    caller = wire.caller(box, LIMIT),
    looped = wire.nexmo(box, with { runtime = loops["select"].runtime }),
    repeating = wire.nexmo(box, with { retry = { base = 0, cap = 0 } }),
    secure = wire.nexmo(secure_box, with { ca_file = secure_box.urls.ca_file }),
    retarus = sms.retarus { base_url = box.urls.retarus, username = "user", password = "pass",
      rate_limit = LIMIT.rate_limit, retry = false, timeout = 10 },
  }
end

--- Starts it; it ends with `stop`, at the latest with this process.
function worlds.new()
  local box = sandbox.start { tls = false }
  local secure_box = sandbox.start { tls = true }
  local world = clients(box, secure_box)
  world.box = box
  world.folder = child.shell("mktemp -d").out:match "[^\n]+"
  function world.new_client(options) return wire.nexmo(box, with(options or {})) end
  function world.box_of(name) return name == "secure" and secure_box or box end
  function world.stop()
    box:stop()
    secure_box:stop()
    child.shell("rm -rf " .. child.quoted(world.folder))
  end
  return world
end

return worlds
