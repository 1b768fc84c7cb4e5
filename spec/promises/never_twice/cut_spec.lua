-- The connection ends at any byte of request and reply, for each operation: the outcome is right
-- by what the provider saw, nothing arrives twice, and the client goes on working.
-- SMS_TEST_LONG=1 cuts at every byte.

local relay = require "spec.support.servers.relay"
local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"
local socket = require "socket"
local wire = require "spec.support.wire"

local LONG = os.getenv "SMS_TEST_LONG"
local SAMPLES = 5 -- beside the bytes around every boundary
local DEADLINE, STALLED, GRACE = 2, 0.1, 0.25
local PATIENT = { base = 0 }
local URL = "https://example.com/a"

local function application(more)
  return wire.changed({ name = "A", type = "voice", answer_url = URL, event_url = URL }, more or {})
end

local function one_application(self)
  return { application_id = self.application }
end

-- Parameters of each operation, by its client (the caller has an application);
-- those that `make` get something to work on first.
local OPERATIONS = {
  { "retarus", "send_job", function() return retarus.job("+491760000001", "+491760000002") end },
  { "retarus", "get_job", function(self) return { jobId = self.job } end },
  { "retarus", "list_recipients", function(self) return { jobId = self.job } end },
  { "retarus", "list_jobs", function() return { limit = 3 } end },
  { "retarus", "get_version", function() return {} end },
  { "nexmo", "send_sms", function()
    return { from = "Acme", to = "447700900000", text = ("Hello "):rep(40) }
  end },
  { "nexmo", "send_voice", function() return { to = "447700900000", text = "Hello" } end },
  { "caller", "send_voice", function() return { to = "447700900000", text = "Hello" } end },
  { "nexmo", "list_inbound_numbers", function() return { country = "GB", size = 3 } end },
  { "nexmo", "list_owned_numbers", function() return { size = 3 } end },
  { "nexmo", "create_application", function() return application() end },
  { "nexmo", "get_application", one_application },
  { "nexmo", "list_applications", function() return { page_size = 2 } end },
  { "nexmo", "update_application", function(self)
    return application { application_id = self.application }
  end },
  { "nexmo", "delete_application", one_application, make = true },
}

local function title_of(operation)
  return operation[1] .. " " .. operation[2]
end

local SENDS = { send_job = true, send_sms = true, send_voice = true, create_application = true,
  update_application = true }

local KINDS = { connection = true, protocol = true }

--- Where to cut: all bytes, or those around the boundaries and some between.
local function offsets(total, head)
  local chosen, list = {}, {}
  local step = LONG and 1 or math.max(1, math.floor(total / SAMPLES))
  for at = 0, total, step do chosen[at] = true end
  for _, boundary in ipairs { 0, 12, head, total } do
    for at = boundary - 2, boundary + 1 do chosen[at] = at >= 0 and at <= total or nil end
  end
  for at in pairs(chosen) do list[#list + 1] = at end
  table.sort(list)
  return list
end

describe("A connection that ends", function()
  local box, relays, clients, things, count

  setup(function()
    box = sandbox.start()
    relays = { retarus = relay.start(box.urls.retarus), nexmo = relay.start(box.urls.nexmo) }
    relays.caller = relays.nexmo
  end)
  teardown(function()
    relays.retarus:stop()
    relays.nexmo:stop()
    box:stop()
  end)
  before_each(function()
    box:reset { key_bits = 512 }
    clients, things, count = {}, {}, 0
    clients.retarus = retarus.client(box, { base_url = relays.retarus.url, deadline = DEADLINE })
    clients.nexmo = wire.nexmo(box, { base_url = relays.nexmo.url, deadline = DEADLINE,
      retry = PATIENT })
    clients.caller = wire.caller(box, { base_url = relays.nexmo.url, deadline = DEADLINE,
      retry = PATIENT })
    things.job = assert(clients.retarus:send_job(retarus.job "+491760000001")).jobId
    things.application = assert(clients.nexmo:create_application(application())).id
  end)

  local function prepare(operation)
    if operation.make then
      things.application = assert(clients.nexmo:create_application(application())).id
    end
  end

  --- Makes a call that arrives with a number of its own, repeated as the library sees fit.
  local function call(operation, retry, deadline)
    count = count + 1
    local client, name = clients[operation[1]], operation[2]
    local options = { extra = { case = "c" .. count }, retry = retry, deadline = deadline }
    local began = socket.gettime()
    local _, err = client[name](client, operation[3](things), options)
    return { number = count, err = err, seconds = socket.gettime() - began }
  end

  --- Makes the call once as it should be; how long request and reply are, and their heads.
  local function measured(operation)
    local between = relays[operation[1]]
    prepare(operation)
    between:drop()
    between:pass()
    assert.is_nil(call(operation).err)
    return between:counted()
  end

  --- Makes the call once for each way to cut it; a read is not repeated, so that its outcome shows.
  local function calls_of(operation, warm)
    local between, done = relays[operation[1]], {}
    local total, head = measured(operation)
    local cuts = { { "accept", 0 } }
    for _, side in ipairs { "request", "reply" } do
      for _, at in ipairs(offsets(total[side], head[side])) do cuts[#cuts + 1] = { side, at } end
    end
    for _, cut in ipairs(cuts) do
      for _, way in ipairs { "close", "reset" } do
        prepare(operation)
        if warm then
          assert.is_nil(call(OPERATIONS[operation[1] == "retarus" and 5 or 9]).err)
        else
          between:drop()
        end
        between:cut(cut[1], cut[2], way)
        local one = call(operation, SENDS[operation[2]] and PATIENT or false)
        one.cut = ("%s at byte %d of %s"):format(way, cut[2], cut[1])
        between:pass() -- by then it has ended
        done[#done + 1] = one
      end
    end
    prepare(operation)
    assert.is_nil(call(operation).err) -- still works
    return done
  end

  --- How often each numbered call arrived.
  local function arrived(name)
    local seen = {}
    for _, arrival in ipairs(box:arrivals(name)) do
      local number = ((arrival.query or "") .. arrival.body):match "case\"?[=:]\"?c(%d+)"
      if number then seen[tonumber(number)] = (seen[tonumber(number)] or 0) + 1 end
    end
    return seen
  end

  local function wrong_with(one, times)
    local err = one.err
    if one.seconds > DEADLINE + GRACE then
      return ("%.3f s"):format(one.seconds)
    elseif times > 1 then
      return "twice"
    elseif not err then
      return times == 0 and "a success that never arrived"
    elseif not KINDS[err.kind] then
      return tostring(err)
    elseif err.outcome == "not_sent" and times > 0 then
      return "not_sent, but it arrived"
    elseif err.outcome ~= "not_sent" and err.outcome ~= "ambiguous" then
      return tostring(err)
    end
  end

  for _, operation in ipairs(OPERATIONS) do
    for _, warm in ipairs { false, true } do
      local title = ("%s, %s"):format(title_of(operation), warm and "kept" or "fresh")
      it("does no harm: " .. title, function()
        local done, wrong, ended = calls_of(operation, warm), {}, { accepted = 0 }
        local seen = arrived(operation[2])
        for _, one in ipairs(done) do
          local why = wrong_with(one, seen[one.number] or 0)
          if why then wrong[#wrong + 1] = one.cut .. ": " .. why end
          local outcome = one.err and one.err.outcome or "accepted"
          ended[outcome] = (ended[outcome] or 0) + 1
        end
        assert.same({}, wrong)
        assert.is_true(ended.ambiguous > #done / 4)
        if LONG then
          print(("# %s, %s: %d cuts; accepted %d, ambiguous %d, not sent %d"):format(operation[2],
            warm and "kept" or "fresh", #done, ended.accepted, ended.ambiguous,
            ended.not_sent or 0))
        end
      end)
    end
  end

  for _, operation in ipairs(OPERATIONS) do
    local is_send = SENDS[operation[2]]

    it("or stalls, while the call ends with the deadline: " .. title_of(operation), function()
      local between, total = relays[operation[1]], measured(operation)
      for _, cut in ipairs { { "request", 0.5 }, { "reply", 0 }, { "reply", 0.9 } } do
        prepare(operation)
        between:cut(cut[1], math.floor(total[cut[1]] * cut[2]), "stall")
        local one = call(operation, PATIENT, STALLED)
        assert.is_true(one.seconds <= STALLED + GRACE, one.seconds)
        assert.equal("timeout", one.err and one.err.kind, ("cut at %g of %s, %d bytes"):format(
          cut[2], cut[1], total[cut[1]]))
        local times = arrived(operation[2])[one.number] or 0
        assert.is_true(times <= 1)
        assert.is_true(one.err.outcome == "ambiguous" or times == 0)
        between:drop()
        between:pass()
      end
      prepare(operation)
      assert.is_nil(call(operation).err)
    end)

    it((is_send and "is not repeated for " or "is made good by a repeat: ") .. title_of(operation),
      function()
        local between, total = relays[operation[1]], measured(operation)
        prepare(operation)
        between:cut("reply", total.reply - 16, "reset") -- a new key may be some bytes shorter
        local one = call(operation)
        local times = arrived(operation[2])[one.number]
        assert.same({ is_send and "ambiguous" or nil, is_send and 1 or 2 },
          { one.err and one.err.outcome, times })
      end)
  end
end)
