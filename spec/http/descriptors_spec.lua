-- Descriptors that run out: a call says so, and the next one works.

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

describe("A call without descriptors", function()
  local box = sandbox.for_specs()

  it("says so, and the next one works", function()
    local text = lua_process.run(PROGRAM, { URL = box.urls.nexmo }, "ulimit -n 40")
    local line = "nil\tinternal\tnot_sent\tno more files may be opened [^\n]*, while %s\n"
    assert.matches("^" .. line:format "connecting" .. line:format "looking up the host's name"
      .. "sent\n$", text)
  end)
end)
