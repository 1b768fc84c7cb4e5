-- Processes of one nginx that are different users: a privileged agent is root. And an nginx that
-- cannot write where slots are kept by default.

local cjson = require "cjson"
local child = require "spec.support.child"
local nginx = require "spec.support.servers.nginx"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"

local CALLS = 5

local INIT = [[
  sms = require "sms"
  agent = require "spec.support.nginx.agent"
  handlers = require "spec.support.nginx.handlers"
  handlers.open("%s", { max_wait = 0, rate_limit = { calls = 5, period = 19, share = "machine" }
    %s })
  %s
]]

local HTTP = [[
  lua_shared_dict kept 1m;
  init_worker_by_lua_block {
    if is_divided and not agent.begin() then
      ngx.shared.kept:set("is_divided", true)
    elseif is_divided then
      ngx.timer.at(0, function()
        local told = {}
        while not ngx.shared.kept:get "is_divided" do ngx.sleep(0.01) end
        for i = 1, 5 do told[i] = handlers.call("agent-" .. i) end
        handlers.keep("agent", { told = told, checks = (require("sms.nginx").doctor()) })
      end)
    end
  }
]]

local LOCATIONS = [[
  rewrite_by_lua_block { agent.refuse() }
  location /one { content_by_lua_block { handlers.one() } }
  location /kept { content_by_lua_block { handlers.kept() } }
  location /doctor { content_by_lua_block { handlers.say((require("sms.nginx").doctor())) } }
]]

local MOUNTED = [[unshare -m sh -c 'mount -t tmpfs -o %s none /dev/shm && exec "$0" "$@"' ]]
local EMPTY, READ_ONLY = MOUNTED:format "mode=1777", MOUNTED:format "ro"

describe("The users of an nginx", function()
  local box, server = sandbox.for_specs(), nginx.for_specs()
  local folder

  before_each(function()
    folder = process.output_of "mktemp -d"
    child.shell("chmod 777 " .. folder)
  end)
  after_each(function() child.shell("rm -r " .. folder) end)

  local function start(options, more_init, more)
    server:start({ init = INIT:format(box.urls.nexmo, options, more_init or ""), http = HTTP,
      locations = LOCATIONS, workers = 2, listen = "reuseport" }, more) -- all of them get some
  end

  local function ask_worker(path)
    return cjson.decode(process.wait("a worker", 10, function()
      local status, body = server:get(path)
      return status == 200 and body
    end))
  end

  local function message_of(checks, name)
    for _, check in ipairs(checks) do
      if check.name == name then
        assert.equal(check.message == nil, check.ok)
        return check.message
      end
    end
    error("there is no check " .. name)
  end

  -- What the agent was told, and how many of as many calls the worker may make after it.
  local function calls_of_both()
    process.wait("the agent's calls", 10, function()
      local status, body = server:get "/kept?name=agent"
      return status == 200 and body ~= ""
    end)
    local kept, count = ask_worker "/kept?name=agent", 0
    for _, told in ipairs(kept.told) do assert.is_string(told.ref, told.message) end
    for i = 1, CALLS do
      count = count + (ask_worker("/one?ref=worker-" .. i).ref and 1 or 0)
    end
    return kept, count
  end

  local AGENT = "is_divided = true agent.enable()"

  it("have slots of their own, and the doctor says so of a privileged agent", function()
    if not nginx.is_root then return pending "needs root" end
    if child.shell(EMPTY .. "true").status ~= 0 then return pending "needs to mount" end
    start("", AGENT, { before = EMPTY })
    local kept, count = calls_of_both()
    assert.equal(CALLS, count) -- twice as many as the limit has
    for user, checks in pairs { [0] = ask_worker "/doctor", [65534] = kept.checks } do
      local message = message_of(checks, "users")
      assert.matches("^the limit nexmo:abcd1234 5/19s: .* runs as user " .. user, message)
      assert.matches("slots_path and slots_mode", message)
    end
  end)

  it("share slots in a folder, with a mode that lets both write", function()
    if not nginx.is_root then return pending "needs root" end
    start((", slots_path = %q, slots_mode = %d"):format(folder, tonumber("666", 8)), AGENT)
    local kept, count = calls_of_both()
    assert.equal(0, count)
    assert.equal(CALLS, box:count())
    assert.is_nil(message_of(kept.checks, "users"))
    assert.is_nil(message_of(ask_worker "/doctor", "users"))
    assert.is_nil(message_of(ask_worker "/doctor", "slots"))
  end)

  it("need that mode, which the doctor says, too", function()
    if not nginx.is_root then return pending "needs root" end
    start((", slots_path = %q"):format(folder), AGENT)
    assert.matches("slots_path and slots_mode", message_of(ask_worker "/doctor", "users"))
  end)

  it("are no matter where all processes are one user's", function()
    start ""
    assert.is_nil(message_of(ask_worker "/doctor", "users"))
  end)

  it("are told what to do without a /dev/shm that can be written to", function()
    if child.shell(READ_ONLY .. "true").status ~= 0 then return pending "needs to mount" end
    start("", "", { before = READ_ONLY })
    local told = ask_worker "/one?ref=x"
    assert.equal("internal", told.kind)
    assert.equal("not_sent", told.outcome)
    assert.matches("^/dev/shm/sms%-%d+: Read%-only file system; .* slots_path, ", told.message)
    assert.matches('share = "process"', told.message)
    assert.matches("slots_path", message_of(ask_worker "/doctor", "slots"))
    server:stop()
    start((", slots_path = %q"):format(folder), "", { before = READ_ONLY })
    assert.equal("x", ask_worker "/one?ref=x".ref)
  end)
end)
