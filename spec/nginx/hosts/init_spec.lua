-- What init_by_lua may ask: nginx's master runs it, often as root, and its workers are another
-- user's.

local child = require "spec.support.child"
local nginx = require "spec.support.servers.nginx"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"

local INIT = [[
  cjson = require "cjson.safe"
  sms = require "sms"
  handlers = require "spec.support.nginx.handlers"
  handlers.open("%s", { rate_limit = { calls = 5, period = 0.75, share = %s } %s })
  local told = {}
  local status, text = require "sms.nginx".status()
  told.status, told.text = status, text
  told.checks = require "sms.nginx".doctor()
  local later, err = sms.later(print)
  told.later = { ok = later, kind = err and err.kind }
  for _, item in ipairs { "send_sms", "check", "list_owned_numbers" } do
    told[item] = select(2, handlers.nexmo[item](handlers.nexmo, {})).kind
  end
  for _, _, failure in handlers.nexmo:send_all({ {} }, { journal = "%s/journal" }) do
    told.send_all = failure and failure.kind
  end
  handlers.in_init = told
  local pipe = io.popen "cat /proc/$PPID/maps; ls -l /proc/$PPID/fd"
  told.files = pipe:read "*a"
  pipe:close()
]]

local HTTP = "lua_shared_dict kept 1m;"

local LOCATIONS = [[
  location /one { content_by_lua_block { handlers.one() } }
  location /status { content_by_lua_block { handlers.status() } }
  location /init { content_by_lua_block { handlers.say(handlers.in_init) } }
]]

describe("In init_by_lua", function()
  local box, server = sandbox.for_specs(), nginx.for_specs()
  local folder

  before_each(function()
    folder = process.output_of "mktemp -d"
    child.shell("chmod 777 " .. folder)
  end)
  after_each(function() child.shell("rm -r " .. folder) end)

  local function start(share, more)
    server:start({ init = INIT:format(box.urls.nexmo, share, more or "", folder), http = HTTP,
      locations = LOCATIONS }, { user = nginx.is_root and "nobody nogroup", workers = 2 })
    return server:ask "/init"
  end

  local function assert_calls_work()
    for i = 1, 5 do
      local told = server:ask("/one?ref=c" .. i)
      assert.equal("c" .. i, told.ref, told.message)
    end
    assert.equal("", server:log())
  end

  it("status and doctor open nothing, and calls of the workers work", function()
    local told = start('"machine"')
    assert.same({}, told.status.slots_free)
    assert.equal(0, told.status.nexmo.calls)
    assert.matches("sms_in_flight 0\n", told.text)
    assert.is_nil(told.files:find("/dev/shm/sms", 1, true))
    assert_calls_work()
    assert.equal("number",
      type(server:ask "/status".slots_free["nexmo:abcd1234 5/0.75s"]))
  end)

  it("they open no file where slots_path says to keep it", function()
    start('"machine"', (', slots_path = "%s"'):format(folder))
    assert.same({}, child.names_in(folder))
    assert_calls_work()
    assert.equal(1, #child.names_in(folder))
  end)

  it("they ask no store", function()
    local told = start [[{ open = function() error "opened in init" end }]]
    assert.same({}, told.status.slots_free)
  end)

  it("doctor still tells what is known of the limits", function()
    local told, message = start '"process"', nil
    for _, check in ipairs(told.checks) do
      message = check.name == "slots" and check.message or message
    end
    assert.matches("^the limit nexmo:abcd1234 5/0.75s is kept by each worker", message)
  end)

  it("calls are refused, and nothing is opened for them", function()
    local told = start '"machine"'
    assert.same({ kind = "internal" }, told.later)
    assert.same({ "invalid", "invalid", "invalid", "invalid" },
      { told.send_sms, told.check, told.list_owned_numbers, told.send_all })
    assert.same({}, child.names_in(folder))
  end)
end)
