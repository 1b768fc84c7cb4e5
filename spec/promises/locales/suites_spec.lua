-- A host may choose its locale, with a decimal comma, another order of texts and other letters,
-- before it loads the library or after it: what is sent, signed, read, kept and said is the same.
-- One locale in each Lua; SMS_TEST_LONG=1: all suites that take no nginx, in more locales.

local child = require "spec.support.child"
local locales = require "spec.support.hosts.locales"

local LONG = os.getenv "SMS_TEST_LONG"

-- A comma, and an order without hyphens; an I that has no i; letters beyond ASCII in one byte; a
-- decimal point of two bytes.
local NAMES = { "de_DE.UTF-8", "tr_TR.UTF-8", "de_DE.ISO-8859-1", "fa_IR.UTF-8" }

local SOME = { "base/json", "base/suggest", "base/time", "bulk/canonical", "client/options",
  "incoming/states", "incoming/webhook/texts", "incoming/webhook/token", "limits/limits",
  "providers/nexmo/auth", "providers/nexmo/codes", "providers/nexmo/operations",
  "providers/nexmo/replies", "providers/retarus/operations", "providers/retarus/statuses",
  "providers/retarus/wire", "schema/formats", "wire/auth", "wire/outcome", "wire/request",
  "wire/response", "wire/retry" }
local ROOMS = "base bulk call client gateway incoming limits lua providers schema text wire"

local function suites()
  if not LONG then
    return SOME
  end
  local list = {}
  local found = child.shell("cd spec && find " .. ROOMS .. " -name '*_spec.lua'").out
  for path in found:gmatch "[^\n]+" do
    -- In nginx nobody chooses a locale. The table of outcomes asks which lines run.
    list[#list + 1] = not path:find "nginx" and not path:find "outcome_table"
      and path:gsub("_spec%.lua$", "") or nil
  end
  return list
end

-- What goes out into the world, and into files.
local PROGRAM = [[
  local sms
  if os.getenv "SMS_TEST_LOADED" then sms = require "sms" end
  if os.getenv "SMS_TEST_LOCALE" then assert(os.setlocale(os.getenv "SMS_TEST_LOCALE")) end
  sms = sms or require "sms"
  local canonical = require "sms.bulk.canonical"
  local json = require "sms.base.json"
  local response = require "sms.wire.response"
  local folder = arg[1]
  local function client_of(options)
    options.api_key, options.api_secret, options.slots_path = "a", "b", folder
    return sms.nexmo(options)
  end
  local client = client_of { signature_secret = "SIG", auth = "signature",
    rate_limit = { calls = 2, period = 0.5, share = "machine" } }
  print(client.limits:free(0)[1].name, io.popen("ls " .. folder):read "*a")
  local read = json.decode '{"list":[1,2.5,-3e-2],"id":7.25}'
  print(#read.list, json.encode_any(read))
  print(response.shape({ type = "record", fields = { { "id", type = "string" },
    { "price", type = "number" } } }, { id = 0.5, price = "1.5" }).id)
  print(canonical.text { ["a-b"] = 0.5, ab = 2, B = "x", ["a_b"] = 1e300, A = -1.25 })
  print(json.encode_any { ["a-b"] = 0.5, ab = 2, B = "x", ["a_b"] = 1e300, A = -1.25 })
  local webhook = { method = "POST", headers = { ["CONTENT-TYPE"] = "APPLICATION/JSON",
    AUTHORIZATION = "Bearer x" }, body = '{"price":0.5,"err-code":0,"status":"delivered"}' }
  print(select(2, client:read_webhook(webhook)))
  print(select(2, client:send_sms { From = "A", to = "447700900000" }))
  print(select(2, pcall(sms.nexmo, { api_key = "a", api_secret = "b", TIMEOUT = 1 })))
  print(select(2, pcall(sms.nexmo, { api_key = "a", api_secret = "b", timeout = -0.5 })))
  local voice = client_of { base_url = "http://127.0.0.1:1" }
  print(voice:prepare("send_voice", { to = "447700900000", text = "a", lg = "IT-it" }).body)
]]

describe("In a locale with a decimal comma", function()
  local folder

  setup(function() folder = assert(locales.make(NAMES)) end)
  teardown(function() child.shell("rm -r " .. child.quoted(folder)) end)

  local function environment(name, loaded)
    return { LOCPATH = folder, SMS_TEST_LOCALE = name, SMS_TEST_LOADED = loaded }
  end

  --- How a suite ends; nil for well.
  local function problem_of(suite, name, loaded)
    local ended = child.run("/usr/bin/busted", { "--helper=spec/support/runs/in_locale.lua", "-o",
      "TAP", ("spec/%s_spec.lua"):format(suite) }, environment(name, loaded))
    if ended.status ~= 0 or not ("\n" .. ended.out):find("\nok 1 ", 1, true) then
      return suite .. ": " .. (ended.out:match "not ok.*" or ended.err):sub(1, 1000)
    end
  end

  local function it_is_the_same(name, when, loaded)
    it(("%s, chosen %s the library is loaded, whole suites pass"):format(name, when), function()
      local problems = {}
      for _, suite in ipairs(suites()) do
        problems[#problems + 1] = problem_of(suite, name, loaded)
      end
      assert.same({}, problems)
    end)
  end

  local is_jit = rawget(_G, "jit") ~= nil
  if LONG or not is_jit then it_is_the_same(NAMES[1], "before", false) end
  if LONG or is_jit then it_is_the_same(NAMES[2], "after", "1") end
  if LONG then
    it_is_the_same(NAMES[1], "after", "1")
    it_is_the_same(NAMES[2], "before", false)
    it_is_the_same(NAMES[3], "before", false)
    it_is_the_same(NAMES[4], "after", "1")
  end

  it("whatever goes out is byte for byte what it is without", function()
    local program = os.tmpname()
    local file = assert(io.open(program, "w"))
    file:write(PROGRAM)
    file:close()
    local function run(name, loaded)
      local slots = child.shell("mktemp -d").out:match "[^\n]+"
      local ended = child.run(program, { slots }, environment(name, loaded))
      child.shell("rm -r " .. child.quoted(slots))
      assert.equal(0, ended.status, ended.err)
      return ended.out:gsub(slots, "FOLDER")
    end
    local expected = run(false, false)
    for _, name in ipairs(NAMES) do
      for _, loaded in ipairs { false, "1" } do
        assert.equal(expected, run(name, loaded), name)
      end
    end
    os.remove(program)
  end)
end)
