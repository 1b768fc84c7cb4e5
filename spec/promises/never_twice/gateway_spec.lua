-- A gateway of two providers, 32 messages at a time, the first failing in every way: by what both
-- saw no message is taken twice, and none of which it is uncertain was given to the other.
-- SMS_TEST_LONG=1 sends 10,000.

local codes = require "spec.cases.nexmo_codes"
local process = require "spec.support.process"
local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local socket = require "socket"
local wire = require "spec.support.wire"

local MESSAGES = os.getenv "SMS_TEST_LONG" and 10000 or 400
local IN_FLIGHT = 32
local SHORT = { timeout = 0.3 } -- for answers that do not come

local NUMBER, LONG_TEXT = "447700900000", ("Hello "):rep(60)

-- Ways to fail at Nexmo: a name, what the sandbox does; `falls` where the other provider must be
-- asked, `first` another client than the usual one, `message` and `options` of the call, `late`
-- where Nexmo takes it after its caller has gone.
local ways = { { "well" } }

local function way(name, fault, more)
  local one = { name, fault }
  for key, value in pairs(more or {}) do one[key] = value end
  ways[#ways + 1] = one
end

for _, row in ipairs(codes.sms) do
  way("code " .. row[1], { kind = "nexmo_status", code = tonumber(row[1]) }, { falls = row.own })
end
for _, status in ipairs { 201, 202, 204, 302, 400, 408, 409, 413, 414, 420, 422, 431, 451, 500, 501,
  502, 503, 504 } do
  way("status " .. status, { kind = "status", status = status })
end
for _, status in ipairs { 401, 402, 403, 404, 405, 406, 407, 410, 415, 429 } do
  way("status " .. status, { kind = "status", status = status }, { falls = true })
end
for _, how in ipairs { "close", "reset", "cut_head", "cut_body" } do
  way("lost " .. how, { kind = "lost_answer", how = how })
end
for _, kind in ipairs { "garbage", "empty", "nulls", "shape", "close", "reset" } do
  way("answers " .. kind, { kind = kind })
end
way("oversized", { kind = "oversized", bytes = 70000 })
for _, text in ipairs { "wait", "plain", "window" } do
  way("throttled, " .. text, { kind = "throttle", text = text, wait = 1 }, { falls = true })
end
way("throttled by HTTP", { kind = "throttle", http = true, retry_after = 0 }, { falls = true })
for part = 1, 3 do
  way("without part " .. part, { kind = "nexmo_status", code = 9, parts = { part } },
    { message = { text = LONG_TEXT } })
end
way("no part", { kind = "nexmo_status", code = 9, parts = { 1, 2, 3 } },
  { message = { text = LONG_TEXT }, falls = true })
way("too late", { kind = "latency", seconds = 0.6 }, { options = SHORT })
way("read too late", { kind = "latency", seconds = 0.6, when = "before" },
  { options = SHORT, late = true })
way("refused", nil, { first = "nobody", falls = true })
way("no TLS", nil, { first = "no_tls", falls = true })
way("wrong secret", nil, { first = "stranger", falls = true })
way("limit used up", nil, { first = "limited", falls = true })
way("never accepted", nil, { first = "deaf", options = SHORT })
way("deadline over", { kind = "latency", seconds = 0.6 }, { options = { deadline = 0.3 } })
way("sender of its own", nil, { message = { from = "4477009000000000" }, falls = true })
way("bad number", nil, { message = { to = "0770" } })
way("bad text", nil, { message = { text = "\255" } })

-- Ways to fail at Retarus, where it is the first or the second.
local seconds = {
  { "well" }, { "well" }, { "well" },
  { "lost", { kind = "lost_answer", how = "reset" } },
  { "cut", { kind = "lost_answer", how = "cut_body" } },
  { "broken", { kind = "status", status = 500 } },
  { "duplicate", { kind = "status", status = 409 } },
  { "bad", { kind = "status", status = 400 } },
  { "stranger", { kind = "status", status = 401 }, falls = true },
  { "busy", { kind = "throttle" }, falls = true },
}

--- Whether its short time was over before anything was sent: that says nothing about the way.
local function was_slow(one)
  local first = one.attempts[1]
  return one.way.options and first and first.outcome == "not_sent"
end

local CERTAIN = { not_sent = true, rejected = true }

describe("A gateway whose providers fail in every way", function()
  local box, clients, gateways, deaf

  setup(function()
    box = sandbox.start { workers = 2 }
    box:settings { arrival_body = 0 }
    deaf = assert(socket.bind("127.0.0.1", 0, 1024))
    local base = { base_url = box.urls.nexmo, rate_limit = false, max_response_bytes = 65536,
      retry = { attempts = 2, base = 0 } }
    local function nexmo(changes) return wire.nexmo(box, wire.changed(base, changes)) end
    clients = {
      usual = nexmo {},
      nobody = nexmo { base_url = "http://127.0.0.1:" .. raw_server.closed_port() },
      no_tls = nexmo { base_url = box.urls.nexmo:gsub("^http:", "https:") },
      stranger = nexmo { api_key = "stranger" },
      limited = nexmo { api_key = "limited1", rate_limit = { calls = 1, period = 86400 },
        max_wait = 0 },
      deaf = nexmo { base_url = "http://127.0.0.1:" .. select(2, deaf:getsockname()),
        connect_timeout = 0.2 },
    }
    clients.limited:send_sms { from = "Acme", to = NUMBER, text = "the only one" }
    gateways = { retarus = retarus.client(box, { rate_limit = false, retry = { base = 0 } }) }
    for name, client in pairs(clients) do
      gateways[name] = sms.gateway { client, gateways.retarus }
    end
    gateways.reversed = sms.gateway { gateways.retarus, clients.usual }
  end)
  teardown(function()
    deaf:close()
    box:stop()
  end)

  --- The faults of all ways, known by the references of their messages.
  local function faults()
    local list = {}
    for i, one in ipairs(ways) do
      local fault = one[2] and wire.changed(one[2], { operation = "send_sms",
        ref = ("-n%d-"):format(i) })
      list[#list + 1] = fault
    end
    for i, one in ipairs(seconds) do
      local fault = one[2] and wire.changed(one[2], { operation = "send_job",
        ref = ("-r%d-"):format(i) })
      list[#list + 1] = fault
    end
    return list
  end

  --- The i-th message: how it fails, and what became of it.
  local function send(i)
    local number = (i - 1) % #ways + 1
    local turn = math.floor((i - 1) / #ways)
    local one, other = ways[number], turn % #seconds + 1
    local is_reversed = not one.first and turn % 3 == 2
    local ref = ("m%d-n%d-r%d-"):format(i, number, other)
    local message = wire.changed({ from = "Acme", to = NUMBER, text = "Hello", ref = ref },
      one.message or {})
    local gateway = gateways[is_reversed and "reversed" or one.first or "usual"]
    local sent, err = gateway:send(message, one.options)
    return { ref = ref, way = one, second = seconds[other], is_reversed = is_reversed,
      sent = sent, err = err, attempts = (sent or err).attempts }
  end

  local function send_all()
    local ended, workers, last = {}, {}, 0
    for worker = 1, IN_FLIGHT do
      workers[worker] = function()
        while last < MESSAGES do
          last = last + 1
          local i = last
          ended[i] = send(i)
        end
      end
    end
    sms.all(workers)
    return ended
  end

  --- What both saw of each reference: by provider, how often it came and how often was taken.
  local function seen()
    local by_ref = {}
    for _, arrival in ipairs(box:arrivals()) do
      local one = by_ref[arrival.ref] or { came = { nexmo = 0, retarus = 0 }, taken = 0 }
      local provider = arrival.operation == "send_job" and "retarus" or "nexmo"
      one.came[provider] = one.came[provider] + 1
      if arrival.accepted then one.taken, one.by = one.taken + 1, provider end
      by_ref[arrival.ref] = one
    end
    return by_ref
  end

  local NOTHING = { came = { nexmo = 0, retarus = 0 }, taken = 0 }

  local function check(one, at, count)
    local says = one.ref .. " " .. one.way[1] .. ": " .. tostring(one.err)
    assert(at.taken <= 1, says .. " was taken twice")
    for i, err in ipairs(one.attempts) do
      assert(CERTAIN[err.outcome] or i == #one.attempts and not one.sent, says .. " went on")
    end
    if one.sent then
      assert(at.taken == 1 and at.by == one.sent.provider, says .. " is not where it should be")
      count[#one.attempts == 0 and "by the first" or "by the second"](1)
    elseif CERTAIN[one.err.outcome] then
      assert(at.taken == 0, says .. " was taken")
      count[one.err.outcome](1)
    else
      local last = one.attempts[#one.attempts].provider
      local other = last == "nexmo" and "retarus" or "nexmo"
      assert(#one.attempts == 2 or at.came[other] == 0, says .. " went to the other")
      assert(one.err.outcome == "ambiguous" or at.taken == 1, says)
      count[one.err.outcome](1)
    end
    if not one.is_reversed and #one.attempts > 0 and not was_slow(one) then
      local fell_over = #one.attempts == 2 or one.sent ~= nil
      assert(fell_over == (one.way.falls or false), says .. " fell over, or did not")
    end
  end

  it("gives no message to two of them", function()
    box:fault(faults())
    local ended, late = send_all(), {}
    for _, one in ipairs(ended) do
      if one.way.late and not one.is_reversed and not was_slow(one) then
        late[#late + 1] = one.ref
      end
    end
    local by_ref
    process.wait("what comes late", 30, function()
      by_ref = seen()
      for _, ref in ipairs(late) do
        if not by_ref[ref] then return false end
      end
      return true
    end)
    local counts, names = {}, { "by the first", "by the second", "rejected", "not_sent",
      "ambiguous", "accepted" }
    local count = setmetatable({}, { __index = function(_, name)
      return function(n) counts[name] = (counts[name] or 0) + n end
    end })
    for _, one in ipairs(ended) do check(one, by_ref[one.ref] or NOTHING, count) end
    local figures = {}
    for i, name in ipairs(names) do figures[i] = ("%s %d"):format(name, counts[name] or 0) end
    print(("# %d messages, %d ways to fail: %s; none taken twice"):format(MESSAGES, #ways - 1,
      table.concat(figures, ", ")))
    for _, name in ipairs(names) do assert.is_true((counts[name] or 0) > 0, name) end
  end)
end)
