-- Calls of the Voice API as they are kept, and how they stand by the clock.

local clock = require "base.clock"
local json = require "base.json"
local settings = require "settings"

local store = {}

local RATE, NETWORK = 0.0240, "23410" -- EUR a minute
local TALK = 30 -- seconds that an answered call takes

-- How a call to a number with such an ending ends; all others are answered and completed.
local endings = {
  ["0901"] = "busy", ["0902"] = "rejected", ["0903"] = "failed", ["0904"] = "timeout",
  ["0905"] = "unanswered", ["0906"] = "machine", ["0907"] = "cancelled",
}

local function dict()
  return ngx.shared.nexmo
end

local function new_id()
  local hex = ngx.md5(clock.micros() .. "/" .. math.random())
  return ("%s-%s-4%s-8%s-%s"):format(hex:sub(1, 8), hex:sub(9, 12), hex:sub(14, 16),
    hex:sub(18, 20), hex:sub(21, 32))
end

--- How a call to a number ends.
local function ending_of(number)
  return settings.get().magic and number and endings[number:sub(-4)] or "completed"
end

--- Keeps a new call.
function store.add(application, to, from)
  local call = {
    uuid = new_id(), conversation_uuid = "CON-" .. new_id(), application = application.id,
    to = to, from = from, made_at = clock.millis(), ending = ending_of(to.number),
    number = dict():incr("calls", 1, 0),
  }
  assert(dict():safe_set("call/" .. call.uuid, json.encode(call)))
  assert(dict():safe_set("call#" .. call.number, call.uuid))
  return call
end

--- A call of an application, or nil.
function store.find(application, uuid)
  local call = json.decode(dict():get("call/" .. uuid) or "")
  return call and call.application == application.id and call or nil
end

--- How a call stands, whosever it is; nil where there is none.
function store.status_of(uuid)
  local call = json.decode(dict():get("call/" .. uuid) or "")
  return call and store.status(call)
end

--- All calls of an application, in the order in which they were made.
function store.all(application)
  local all = {}
  for number = 1, dict():get "calls" or 0 do
    local uuid = dict():get("call#" .. number)
    all[#all + 1] = uuid and store.find(application, uuid)
  end
  return all
end

--- The status of a call.
function store.status(call)
  local steps = math.floor((clock.millis() - call.made_at) / 1000 / settings.get().call_step)
  if call.ending == "completed" then
    return ({ [0] = "started", "ringing", "answered" })[steps] or "completed"
  end
  return ({ [0] = "started", "ringing" })[steps] or call.ending
end

--- A call as it is shown. What it took is known once it has ended.
function store.shown(call)
  local status = store.status(call)
  local shown = {
    uuid = call.uuid, conversation_uuid = call.conversation_uuid, status = status,
    direction = "outbound", to = call.to, from = call.from, start_time = clock.iso(call.made_at),
    _links = { self = { href = "/v1/calls/" .. call.uuid } },
  }
  if status == call.ending then
    local is_taken = status == "completed" or status == "machine"
    local steps, seconds = status == "completed" and 3 or 2, is_taken and TALK or 0
    local ended = call.made_at + steps * settings.get().call_step * 1000
    shown.end_time, shown.duration = clock.iso(ended), tostring(seconds)
    shown.rate, shown.price = ("%.8f"):format(RATE), ("%.8f"):format(RATE * seconds / 60)
    shown.network = NETWORK
  end
  return shown
end

return store
