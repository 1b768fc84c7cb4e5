-- Descriptors that run out: a call says so, and the next one works.

local build = require "spec.support.hosts.build"
local lua_process = require "spec.support.lua_process"
local sandbox = require "spec.support.servers.sandbox"

-- Prints how calls end while there are no descriptors: one that needs a connection, one that looks
-- a name up; and one after that.
local PROGRAM = [[
  local sms = require "sms"
  local function client(url)
    return sms.nexmo { api_key = "abcd1234", api_secret = "Secret0123456789", base_url = url,
      rate_limit = false, retry = false, allow_http = true }
  end
  local TEXT = { from = "Acme", to = "447700900000", text = "Hello" }
  local near, named = client(os.getenv "URL"), client "http://provider.test"
  named:send_sms(TEXT) -- makes the engine
  local files = {}
  repeat
    local file = io.open "/dev/null"
    files[#files + 1] = file
  until not file
  for _, one in ipairs { near, named } do
    local result, err = one:send_sms(TEXT)
    print(result, err and err.kind, err and err.outcome, err and err.message)
  end
  for _, file in ipairs(files) do file:close() end
  collectgarbage()
  print(near:send_sms(TEXT) and "sent")
]]

-- The same in an event loop, where the process has so many descriptors left at its first call: how
-- that ends, and the next one, which is as quick as ever.
local LOOP = [[
  local core = require "sms.core"
  local loops = require "spec.support.loops"
  local sms = require "sms"
  local client = sms.nexmo { api_key = "abcd1234", api_secret = "Secret0123456789",
    base_url = os.getenv "URL", rate_limit = false, retry = false,
    runtime = loops["select"].runtime }
  local function send()
    local began = core.now()
    loops["select"].run { function()
      local result, err = client:send_sms { from = "Acme", to = "447700900000", text = "Hello" }
      print(result and "sent" or err.outcome, core.now() - began < 5 and "quick" or "late")
    end }
  end
  local files = {}
  repeat
    local file = io.open "/dev/null"
    files[#files + 1] = file
  until not file
  for _ = 1, tonumber(os.getenv "LEFT") do table.remove(files):close() end
  send()
  for _, file in ipairs(files) do file:close() end
  send()
]]

-- The first call of a process, in which one of the system fails, by its number: which, with what
-- errno, and how the call ended.
local FAILING = [[
  local failing = require "failing_calls"
  local client = require "sms".nexmo { api_key = "abcd1234", api_secret = "Secret0123456789",
    base_url = os.getenv "URL", rate_limit = false, retry = false }
  failing.arm(tonumber(os.getenv "PLACE"), tonumber(os.getenv "VARIANT"))
  local _, err = client:send_sms { from = "Acme", to = "447700900000", text = "Hello" }
  local name, errno = failing.disarm()
  print(name, errno, err and err.kind, err and err.outcome, err and err.message)
]]

local PLACES = 200 -- at most, before there is a connection
local VARIANTS = { ENOBUFS = 1, ENOMEM = 3 } -- of failing_calls' socket()

describe("A call without descriptors", function()
  local box = sandbox.for_specs()

  it("says so, and the next one works", function()
    local text = lua_process.run(PROGRAM, { URL = box.urls.nexmo }, "ulimit -n 40")
    local line = "nil\tinternal\tnot_sent\tno more files may be opened [^\n]*, while %s\n"
    assert.matches("^" .. line:format "connecting" .. line:format "looking up the host's name"
      .. "sent\n$", text)
  end)

  it("in an event loop leaves nothing behind that cannot be woken", function()
    local refused = 0
    for left = 0, 12, 2 do
      box:clear_arrivals()
      local environment = { URL = box.urls.nexmo, LEFT = tostring(left) }
      local text = lua_process.run(LOOP, environment, "ulimit -n 60")
      local first = text:match "^(%S+)\tquick\nsent\tquick\n$"
      assert(first == "sent" or first == "not_sent", left .. " left: " .. text)
      assert.equal(first == "sent" and 2 or 1, box:count())
      refused = refused + (first == "not_sent" and 1 or 0)
    end
    assert.is_true(refused > 0 and refused < 7, refused .. " refused")
  end)
end)

describe("A call without memory for a socket", function()
  local box = sandbox.for_specs()
  local refused = build.is_sanitized and pending or it -- its interceptors have that place

  for name, variant in pairs(VARIANTS) do
    refused("says so: " .. name, function()
      local failing = ("%s/%s/failing_calls.so"):format(build.folder,
        rawget(_G, "jit") and "luajit" or "5.4")
      local text
      for place = 1, PLACES do
        box:clear_arrivals()
        text = lua_process.run(FAILING, { URL = box.urls.nexmo, PLACE = tostring(place),
          VARIANT = tostring(variant), LD_PRELOAD = failing })
        if text:find "^socket\t" then break end
      end
      assert.matches("^socket\t%d+\tinternal\tnot_sent\tmemory ran out, while connecting\n$", text)
      assert.equal(0, box:count())
    end)
  end
end)
