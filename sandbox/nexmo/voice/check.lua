-- What a call of the Voice API may ask for.

local lenient = require "base.lenient"
local ncco = require "nexmo.voice.ncco"
local values = require "nexmo.voice.values"

local check = {}

local is_phone = values.record({
  type = values.one_of "phone", number = values.phone,
}, { "type", "number" })

local known = {
  to = values.list(ncco.endpoint, 1, 1),
  from = is_phone,
  random_from_number = values.boolean,
  ncco = ncco.actions,
  answer_url = values.one_url,
  answer_method = values.one_of("GET", "POST"),
  event_url = values.one_url,
  event_method = values.one_of("GET", "POST"),
  machine_detection = values.one_of("continue", "hangup"),
  advanced_machine_detection = ncco.detection,
  length_timer = values.whole(1, 86400),
  ringing_timer = values.whole(1, 120),
}

local function has_events(application)
  local voice = application.capabilities and application.capabilities.voice
  local hooks = type(voice) == "table" and voice.webhooks
  return type(hooks) == "table" and hooks.event_url ~= nil
end

local function is_true(value)
  return value == true or type(value) == "string" and value:lower() == "true"
end

--- The problems of a posted call, each { name, reason }.
function check.problems(posted, application)
  local problems = {}
  local function add(name, reason) problems[#problems + 1] = { name = name, reason = reason } end
  for name, value in pairs(posted) do
    if known[name] and not known[name](value) then add(name, "is invalid") end
    if not known[name] and not lenient.take() then add(name, "is not known") end
  end
  if posted.to == nil then add("to", "is required") end
  if posted.ncco == nil and posted.answer_url == nil then
    add("ncco", "is required: this or answer_url")
  elseif posted.ncco ~= nil and posted.answer_url ~= nil then
    add("answer_url", "is not allowed beside ncco")
  end
  if (posted.from ~= nil) == is_true(posted.random_from_number) then
    add("from", "is required: either this or random_from_number")
  end
  if posted.event_url == nil and not has_events(application) then
    add("event_url", "is required: the application has none")
  end
  return problems
end

return check
