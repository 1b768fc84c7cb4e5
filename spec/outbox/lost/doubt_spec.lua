-- Which items a lost stretch may have begun, step by step: a worker that is gone has taken and
-- begun some, Redis comes back without that, and somebody who lives has seen how far it went.

local asking = require "sms.outbox.asking"
local mustering = require "sms.outbox.scripts.mustering"
local outboxes = require "spec.support.outbox.outboxes"
local process = require "spec.support.process"
local redis_client = require "spec.support.servers.redis_client"
local redis_server = require "spec.support.servers.redis_server"
local scripts = require "sms.outbox.scripts.taking"
local socket = require "socket"
local texts = require "spec.support.texts"
local working = require "sms.outbox.scripts.working"

local LEASE = 0.5 -- seconds
local HOLD = 1 -- at least
local FIELDS = 11 -- of an item in the answer of a take

describe("After a loss", function()
  local server, outbox, names

  setup(function() server = redis_server.start(outboxes.DURABLE) end)
  teardown(function() server:stop() end)

  before_each(function()
    outbox = assert(outboxes.new(server))
    outbox = assert(outboxes.new(server, { name = outbox.name,
      connect = function() return redis_client.connect(server.port, 1) end,
      release = function(client) client:close() end,
    }))
    names = {}
  end)

  local function add(name, options)
    local id = assert(outbox:add(texts.item(1), options)).id
    names[id] = name
    return id
  end

  local function add_all(list, options)
    for name in list:gmatch "%S+" do add(name, options) end
  end

  local function ask(script, owner, ...)
    return assert(asking.ask(outbox, script, owner, asking.microseconds(LEASE), ...))
  end

  --- Takes so many; their ids and tokens.
  local function take(owner, high, bulk)
    local answer, handles = ask(scripts.take, owner, "w", tostring(high), tostring(bulk), "1",
      "nexmo", "0"), {}
    for at = 3, #answer, FIELDS do
      handles[#handles + 1] = { id = answer[at + 1], token = answer[at + 2] }
    end
    return handles
  end

  local function begin(owner, handle)
    assert.equal("begun", ask(working.begin, owner, handle.id, handle.token)[1])
  end

  local function lose()
    server:restart { with = "copy" }
    assert(outbox:status()) -- it has seen what there was
  end

  --- All that may be taken from now on, and all that is ambiguous, by name and in order.
  local function outcome()
    local taken, ambiguous = {}, {}
    process.wait("the hold to end", 5, function()
      return tonumber(ask(scripts.take, "living", "w", "0", "0", "1", "nexmo", "0")[2]) == 0
    end)
    for _ = 1, 10 do
      for _, handle in ipairs(take("living", 5, 5)) do taken[#taken + 1] = names[handle.id] end
    end
    for _, one in ipairs(outbox:ambiguous()) do ambiguous[#ambiguous + 1] = names[one.id] end
    return table.concat(taken, " "), table.concat(ambiguous, " ")
  end

  it("as many as were taken are in doubt, of each priority, where one began", function()
    add_all "b1 b2 b3 b4"
    add_all("h1 h2 h3", { priority = "high" })
    server:keep()
    begin("gone", take("gone", 0, 2)[1])
    lose()
    assert.same({ "h3 b3 b4", "b1 b2 h1 h2" }, { outcome() })
  end)

  it("nothing is where none began", function()
    add_all "b1 b2 b3"
    server:keep()
    take("gone", 0, 2)
    lose()
    assert.same({ "b1 b2 b3", "" }, { outcome() })
  end)

  it("what had been taken before is, and nothing else, where nothing was taken", function()
    add_all "b1 b2 b3"
    local handles = take("gone", 0, 2)
    server:keep()
    begin("gone", handles[2])
    lose()
    socket.sleep(HOLD + LEASE)
    assert.same({ "b3", "b1 b2" }, { outcome() })
  end)

  it("what became due meanwhile is, and hides nothing that was there before", function()
    local time = server:command "TIME"
    add("d1", { not_before = tonumber(time[1]) + time[2] / 1e6 + 0.4 })
    add_all "b1 b2"
    server:keep()
    begin("gone", take("gone", 0, 1)[1])
    socket.sleep(0.5)
    lose()
    assert.same({ "b2", "d1 b1" }, { outcome() })
  end)

  it("what becomes due later is not", function()
    local time = server:command "TIME"
    add("d1", { not_before = tonumber(time[1]) + time[2] / 1e6 + 2 })
    add_all "b1 b2"
    server:keep()
    begin("gone", take("gone", 0, 1)[1])
    lose()
    socket.sleep(2)
    assert.same({ "d1 b2", "b1" }, { outcome() })
  end)

  it("what is added then is not", function()
    add_all "b1"
    server:keep()
    begin("gone", take("gone", 0, 1)[1])
    lose()
    add_all "b2"
    assert.same({ "b2", "b1" }, { outcome() })
  end)

  it("the same is though Redis restarts meanwhile, or loses more", function()
    add_all "b1 b2 b3 b4"
    server:keep()
    begin("gone", take("gone", 0, 1)[1])
    lose()
    server:restart { with = "data" }
    assert(outbox:status())
    socket.sleep(HOLD + 0.1)
    server:keep()
    server:restart { with = "data" }
    assert.same({ "b2 b3 b4", "b1" }, { outcome() })
  end)

  --- A worker that lives tells that it had an item, and gave it back.
  local function tell_returned(handle)
    ask(mustering.tell, "living", "w", "60000", "0", handle.id, handle.token, "0", "queued", "", "",
      "", "bulk", "1", "", "", "", "")
  end

  it("what a worker gave back is, since another one may have taken it then", function()
    add_all "b1 b2 b3"
    server:keep()
    local handle = take("living", 0, 1)[1]
    ask(working.put_back, "living", "0", "0", "0", handle.id, handle.token)
    begin("gone", take("gone", 0, 1)[1])
    lose()
    tell_returned(handle)
    assert.same({ "b3", "b1 b2" }, { outcome() })
  end)

  it("what a worker gave back hides nothing that was taken while it had it", function()
    add_all "b1 b2 b3"
    local handle = take("living", 0, 1)[1]
    server:keep()
    begin("gone", take("gone", 0, 1)[1])
    ask(working.put_back, "living", "0", "0", "0", handle.id, handle.token)
    lose()
    tell_returned(handle)
    assert.same({ "b3", "b1 b2" }, { outcome() })
  end)

  it("what is sent again by hand goes out", function()
    local id = add "b1"
    add_all "b2 b3"
    server:keep()
    begin("gone", take("gone", 0, 1)[1])
    lose()
    assert.same({ "b2 b3", "b1" }, { outcome() })
    assert(outbox:resend(id))
    assert.same({ "b1", "" }, { outcome() })
  end)

  it("nothing is begun for a lease where only who adds has seen what there was", function()
    add_all "b1"
    take("gone", 0, 1)
    server:command "FLUSHALL"
    add_all "b2"
    local began = socket.gettime()
    assert.same({ "b2", "" }, { outcome() })
    assert.is_true(socket.gettime() - began >= HOLD - 0.1)
  end)
end)
