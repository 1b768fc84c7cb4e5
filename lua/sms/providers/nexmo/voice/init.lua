--- Nexmo's `send_voice` as data: the legacy text to speech, and the Voice API behind the
--- same parameters for clients with an application (docs/providers/nexmo.md 4 and 10.1). Pure.

local codes = require "sms.providers.nexmo.codes"
local json = require "sms.base.json"
local ncco = require "sms.providers.nexmo.voice.ncco"
local plain = require "sms.base.plain"

local voice = {}

local IN_QUOTES = "must be a string: write it in quotes"

local fields = {
  { "to", type = "string", required = true, format = "e164", says_number = IN_QUOTES,
    doc = "Phone number to call." },
  { "from", type = "string", format = "e164", says_number = IN_QUOTES,
    doc = "A voice-enabled number of the account." },
  { "text", type = "string", required = true, min_length = 1, max_length = 1500,
    warn_length = 1000, multiline = true, doc = "Text to speak." },
  { "lg", type = "string", format = "language", doc = "Language, en-us if left out." },
  { "voice", type = "string", enum = { "female", "male" }, doc = "Voice." },
  { "repeat", type = "integer", min = 1, max = 10, doc = "How often it is spoken." },
  { "machine_detection", type = "choice", says = "'true' or 'hangup'",
    values = { ["true"] = "true", hangup = "hangup", [true] = "true", [false] = false,
      ["false"] = false },
    doc = "What happens where an answering machine is found." },
  { "machine_timeout", type = "integer", min = 400, max = 10000,
    doc = "Milliseconds in which a machine is looked for." },
  { "callback", type = "string", format = "url", max_length = 100,
    doc = "Where the result of the call is sent." },
  { "callback_method", type = "string", enum = { "GET", "POST" }, doc = "How it is sent." },
}

-- What the Voice API has beside.
local modern = {
  { "style", type = "integer", min = 0, doc = "Voice API: the voice, by its number." },
  { "advanced_machine_detection", type = "record", doc = "Voice API: in place of the plain.",
    fields = {
      { "behavior", type = "string", enum = { "continue", "hangup" },
        doc = "What happens where a machine is found." },
      { "mode", type = "string", enum = { "default", "detect", "detect_beep" },
        doc = "Whether the call waits for the result, and for the beep." },
      { "beep_timeout", type = "integer", min = 30, max = 120,
        doc = "Seconds in which a beep is waited for." },
    } },
  { "length_timer", type = "integer", min = 1, max = 86400,
    doc = "Voice API: seconds until the call is ended, 7200 if left out." },
  { "ringing_timer", type = "integer", min = 1, max = 120,
    doc = "Voice API: seconds it may ring, 60 if left out." },
}

local function needs_an_application(params, problem)
  for _, field in ipairs(modern) do
    if params[field[1]] ~= nil then
      problem(field[1],
        "needs the Voice API: a client with the options application_id and private_key")
    end
  end
end

for _, field in ipairs(modern) do
  fields[#fields + 1] = field
end

-- What has no twin in the Voice API, and what there is in its place.
local INSTEAD = {
  voice = "has no twin in the Voice API: choose a style, which is a number",
  machine_timeout = "has no twin in the Voice API: use advanced_machine_detection, whose "
    .. "beep_timeout is in seconds",
}

local function has_a_twin(params, problem)
  for _, field in ipairs(fields) do -- in their order
    local instead = INSTEAD[field[1]]
    if instead and params[field[1]] ~= nil then
      problem(field[1], instead)
    end
  end
end

--- The language as the Voice API writes it: en-US. Which there are the provider knows.
local function writes_language(params)
  local language, rest = (params.lg or ""):match "^(%a+)(.*)$"
  params.lg = language and plain.lower(language) .. plain.upper(rest)
end

local function has_actions(params, problem)
  local message
  if params.text then
    params.actions, message = ncco.read(params.text)
  end
  if message then
    problem("text", message)
  end
end

--- The actions of a call, as often as it wants them: `loop` counts for a text alone.
local function actions_of(params)
  local actions, times = {}, params["repeat"]
  for _, action in ipairs(params.actions) do
    if action.action == "talk" then
      action.language, action.style = params.lg, params.style
    end
  end
  local one = #params.actions == 1 and params.actions[1]
  if one and one.action == "talk" then
    one.loop = times
    return params.actions
  end
  for _ = 1, times or 1 do
    for _, action in ipairs(params.actions) do
      actions[#actions + 1] = action
    end
  end
  return actions
end

local DETECTION = { ["true"] = "continue", hangup = "hangup" }

local function phone(number)
  return { type = "phone", number = number }
end

local function encode(params, extra)
  local call = {
    to = { phone(params.to) },
    from = params.from and phone(params.from),
    random_from_number = not params.from or nil,
    ncco = actions_of(params),
    machine_detection = DETECTION[params.machine_detection],
    advanced_machine_detection = params.advanced_machine_detection,
    length_timer = params.length_timer,
    ringing_timer = params.ringing_timer,
    event_url = params.callback and { params.callback },
    event_method = params.callback_method,
  }
  for name, value in pairs(extra or {}) do
    call[name] = value
  end
  return json.encode_any(call)
end

--- The answer in the documented form of send_voice.
local function to_documented(result, params)
  result.call_id, result.uuid = result.uuid, nil
  result.to, result.status, result.error_text = params.to, "0", "Success"
  return result
end

voice.operation = {
  "send_voice",
  doc = "Send a voice file: text to speech.",
  method = "POST", path = "/tts/json", body = "form", hosts = { "api" },
  fields = fields, rules = { needs_an_application }, has_other_with_key = "the Voice API",
  returns = { type = "record", fields = {
    { "call_id", alias = "call-id", type = "string", doc = "Id of the call." },
    { "to", type = "string", doc = "The number." },
    { "status", type = "string", required = true,
      doc = "0 where the call was taken; else why not." },
    { "error_text", alias = "error-text", type = "string",
      doc = "The same in words; Success where it was taken." },
  } },
  judge = codes.judge_voice,
}

--- The fields as the Voice API takes them; in place of others, any value is refused.
local function fields_with_twins()
  local list = {}
  for i, field in ipairs(fields) do
    local name = field[1]
    list[i] = INSTEAD[name] and { name, type = "any" } or field
  end
  return list
end

local by_application = {
  "send_voice",
  method = "POST", path = "/v1/calls", body = "json", hosts = { "api" },
  success = { 201, 200 },
  -- Nexmo starts so many calls a second, and answers 429 beyond.
  limits = { { calls = 3, period = 1, of = "send_voice" } },
  fields = fields_with_twins(), rules = { has_a_twin, writes_language, has_actions },
  encode = encode,
  returns = { type = "record", fields = {
    { "uuid", type = "string", required = true, not_blank = true },
    { "status", type = "string" },
    { "direction", type = "string" },
    { "conversation_uuid", type = "string" },
  } },
  adapt = to_documented,
}

--- The operation as a client with an application has it, or without.
---@param has_application boolean
---@return table
function voice.select(has_application)
  return has_application and by_application or voice.operation
end

return voice
