-- sms.doctor: what is set up in a process, and what is wrong with it. Each in a process of its own,
-- which sends nothing.

local cjson = require "cjson"
local lua_process = require "spec.support.lua_process"
local sandbox = require "spec.support.servers.sandbox"

local NAMES = { "library", "libcurl", "tls", "driver", "environment", "nexmo", "retarus", "hosts",
  "slots", "ca", "clock", "warnings" }

local PROGRAM = [[
local core, sms = require "sms.core", require "sms"
%s
local list = sms.doctor()
local checks = {}
for i, check in ipairs(list) do checks[i] = check end
print(require "cjson".encode { checks = checks, text = tostring(list) })
]]

local ACCOUNTS = { NEXMO_API_KEY = "abcd1234", NEXMO_API_SECRET = "Secret0123456789",
  RETARUS_USERNAME = "secretuser", RETARUS_PASSWORD = "secretpassword" }

local CLIENT = 'client = sms.nexmo { api_key = "abcd1234", api_secret = "secretpassword", %s }'

local in_luajit = rawget(_G, "jit") and it or pending -- which has ffi

describe("sms.doctor", function()
  local box = sandbox.for_specs()

  -- What it says: checks by their names, and the text.
  local function checks(environment, before)
    local output = lua_process.run(PROGRAM:format(before or ""), environment)
    local ok, told = pcall(cjson.decode, output)
    assert.is_true(ok, output)
    local by_name = {}
    for i, check in ipairs(told.checks) do
      assert.equal(NAMES[i], check.name)
      by_name[check.name] = check
      local words = (check.ok and "ok" or "") .. (check.ok and check.message and ": " or "")
        .. (check.message or "")
      assert(told.text:find(("%-12s %s\n"):format(check.name, words), 1, true), told.text)
    end
    assert.equal(#NAMES, #told.checks)
    assert.is_nil(output:lower():find "secret[0-9up]") -- it shows none
    return by_name, told.text
  end

  -- That only these are wrong, and say so.
  local function assert_wrong(patterns, told)
    for name, check in pairs(told) do
      assert.equal(patterns[name] == nil, check.ok, check.message)
      assert.matches(patterns[name] or "", check.message or "")
    end
  end

  it("tells what is set up", function()
    local told, text = checks(ACCOUNTS)
    assert_wrong({}, told)
    assert.is_nil(text:find "abcd1234")
    for name, pattern in pairs {
      library = "^version %d.*, in Lua", libcurl = "^%d+%.%d+", tls = "^OpenSSL/",
      driver = "OpenSSL", nexmo = "in the environment: NEXMO_API_KEY, NEXMO_API_SECRET$",
      retarus = "in the environment: RETARUS_PASSWORD, RETARUS_USERNAME$",
      hosts = "^the providers' own$", ca = "^/.*",
      slots = "^in /dev/shm/sms%-%d+, which user %d+ can",
    } do
      assert.matches(pattern, told[name].message)
    end
  end)

  it("says that there are no credentials, or not all", function()
    assert_wrong({ environment = "set NEXMO_API_KEY or RETARUS_USERNAME, or SMS_SANDBOX" },
      checks())
    assert_wrong({ nexmo = "^api_secret is missing" }, checks { NEXMO_API_KEY = "abcd1234" })
    assert_wrong({ retarus = "^username is missing", environment = "no credentials" },
      checks { RETARUS_PASSWORD = "secretpassword" })
    local told = checks { NEXMO_API_KEY = "abcd1234", NEXMO_API_SECRET = "Secret0123456789",
      NEXMO_APPLICATION_ID = "some-application" }
    assert_wrong({}, told)
    assert.matches("NEXMO_APPLICATION_ID is of no use without private_key$", told.nexmo.message)
    assert.matches("^not used", told.retarus.message)
  end)

  it("counts clients that are open", function()
    local told = checks(nil, CLIENT:format "")
    assert_wrong({}, told)
    assert.equal("1 open client", told.nexmo.message)
    assert_wrong({ environment = "no client" }, checks(nil, CLIENT:format "" .. " client:close()"))
  end)

  it("names the sandbox and the hosts that are called", function()
    local told = checks { SMS_SANDBOX = box.dir, NEXMO_API_KEY = "abcd1234" }
    assert_wrong({}, told)
    assert.matches("SMS_SANDBOX is set", told.environment.message)
    assert.matches("of the sandbox in '", told.nexmo.message)
    assert(told.hosts.message:find("nexmo " .. box.urls.nexmo .. " (api, rest)", 1, true),
      told.hosts.message)
    assert_wrong({ nexmo = "^SMS_SANDBOX: no sandbox", retarus = "^SMS_SANDBOX: no sandbox" },
      checks { SMS_SANDBOX = "/nowhere" })
    told = checks({}, CLIENT:format 'base_url = "http://127.0.0.1:9"')
    assert.equal("not the providers' own: nexmo http://127.0.0.1:9 (api, rest)", told.hosts.message)
    assert.equal("no client needs one", told.ca.message)
  end)

  it("misses a CA bundle", function()
    assert_wrong({ ca = "^there is no CA bundle at /nowhere.pem that this process can read" },
      checks(ACCOUNTS, "core.libcurl = function() return { ca_file = '/nowhere.pem', "
        .. "version = '8.0', tls = 'OpenSSL/3', quick_exit = true, keeps_connections = true } end"))
  end)

  -- Whoever sets libcurl up first says where its memory comes from.
  in_luajit("tells of a libcurl that was set up before", function()
    local first = 'require "ffi".cdef "int curl_global_init(long)"; '
      .. 'require "ffi".load("libcurl.so.4").curl_global_init(3) '
    local client = CLIENT:format 'base_url = "http://127.0.0.1:9"'
    assert.matches("something else in this process", checks(nil, first .. client).libcurl.message)
    assert.matches("^%d+%.%d+%S+$", checks(nil, client).libcurl.message)
  end)

  it("says where slots are kept, and where they cannot be", function()
    local machine = 'rate_limit = { share = "machine" }, slots_path = "%s"'
    local told = checks(nil, CLIENT:format(machine:format "/nowhere"))
    assert_wrong({ slots = "^the slots of nexmo:.*/nowhere" }, told)
    told = checks(nil, CLIENT:format(machine:format(box.dir)))
    assert(told.slots.message:find("in " .. box.dir .. ", which user ", 1, true))
    told = checks(nil, CLIENT:format 'rate_limit = { share = "process" }')
    assert.equal("in each process for itself", told.slots.message)
  end)

  it("asks no Redis", function()
    local told = checks(nil, [[
      local function asked() error "Redis was asked" end
      share = require "sms.redis".new { connect = asked, release = asked }
    ]] .. CLIENT:format "rate_limit = { calls = 1, period = 1, share = share }")
    assert_wrong({}, told)
    assert.equal("in Redis", told.slots.message)
  end)

  it("tells what open clients have warned of", function()
    local told = checks(nil, CLIENT:format "insecure = true")
    assert_wrong({}, told)
    assert.matches("^1, the last %d s ago: insecure", told.warnings.message)
  end)

  it("says what the OpenSSL without threads means", function()
    local told = checks(ACCOUNTS, "core.has_driver_thread = function() return false end")
    assert.matches("^each process drives its calls itself.*without threads$", told.driver.message)
  end)
end)
