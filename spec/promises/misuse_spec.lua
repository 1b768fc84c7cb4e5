-- The public functions called at random, with what they are not meant for: no crash, and what is
-- raised names the caller's line, in words that a program's author knows.

local child = require "spec.support.child"
local lua_process = require "spec.support.lua_process"
local redis_server = require "spec.support.servers.redis_server"
local sandbox = require "spec.support.servers.sandbox"

local LONG = os.getenv "SMS_TEST_LONG"
local ROUNDS, CALLS = LONG and 20 or 2, LONG and 5000 or 1000
local ENDS = LONG and 100 or 3

describe("A program that calls at random", function()
  local box = sandbox.for_specs()
  local seed = tonumber(os.getenv "SEED") or os.time() % 100000

  local folder -- for the files that it may make
  local server

  setup(function()
    server = redis_server.start()
    folder = child.shell([[d=$(mktemp -d) &&
      ln -s "$PWD/lua" "$PWD/sandbox" "$PWD/spec" "$PWD/build" $d && echo $d]]).out:match "[^\n]+"
  end)

  teardown(function()
    server:stop()
    child.shell("rm -r " .. child.quoted(folder))
  end)

  local function run(number, calls, way)
    server:command "FLUSHALL"
    local command = lua_process.command("spec/support/misuse/child.lua",
      { URL = box.urls.nexmo, REDIS = tostring(server.port) },
      { tostring(number), tostring(calls), way })
    return child.shell(("cd %s && exec timeout -k 5 300 %s"):format(child.quoted(folder), command))
  end

  it("with wrong values, is told so at its own line, and nothing else happens", function()
    for i = 1, ROUNDS do
      local ended = run(seed + i, CALLS)
      print("# " .. (ended.out:match "seed [^\n]+" or "seed " .. seed + i))
      assert.same({ status = 0, err = "" }, { status = ended.status, err = ended.err }, ended.out)
    end
  end)

  it("may end in any hook, with lua_close", function()
    for i = 1, ENDS do
      local ended = run(seed + i, 100000, "ends")
      assert.same({ status = 7, err = "" }, { status = ended.status, err = ended.err },
        ("seed %d: %s"):format(seed + i, ended.out))
    end
  end)
end)
