-- The actions of an NCCO and the endpoints of a call, as the provider's documents have them.

local lenient = require "base.lenient"
local values = require "nexmo.voice.values"

local ncco = {}

local LONGEST_TEXT = 1500

local text, object, boolean = values.text, values.object, values.boolean
local whole, number, one_of = values.whole, values.number, values.one_of
local list, record = values.list, values.record

local languages = {}
for name in ([[ar ca-ES cmn-CN cmn-TW cs-CZ cy-GB da-DK de-DE el-GR en-AU en-GB en-GB-WLS en-IN
  en-US en-ZA es-ES es-MX es-US eu-ES fi-FI fil-PH fr-CA fr-FR he-IL hi-IN hu-HU id-ID is-IS
  it-IT ja-JP ko-KR nb-NO nl-NL no-NO pl-PL pt-BR pt-PT ro-RO ru-RU sk-SK sv-SE th-TH tr-TR
  uk-UA vi-VN yue-CN]]):gmatch "%S+" do
  languages[name] = true
end

local function is_language(value)
  if languages[value] then return true end
  return type(value) == "string" and value:find "^%a%a%a?%-?%w*%-?%w*$" ~= nil and lenient.take()
end

-- Markup counts between <speak> and </speak> alone; half of a pair is a mistake.
local function is_speech(value)
  if type(value) ~= "string" or value == "" or #value > 4 * LONGEST_TEXT then return false end
  local opens, closes = value:find "^%s*<speak[%s>]", value:find "</speak>%s*$"
  return (opens == nil) == (closes == nil)
end

--- What is done where a machine answers.
ncco.detection = record {
  behavior = one_of("continue", "hangup"),
  mode = one_of("default", "detect", "detect_beep"),
  beep_timeout = whole(30, 120),
}

local function is_tones(value)
  return type(value) == "string" and value:find "^[%d*#pP]+$" ~= nil
end

local function is_socket(value)
  return type(value) == "string" and value:find "^wss?://[!-~]+$" ~= nil
end

local function is_sip(value)
  return type(value) == "string" and value:find "^sips?:[!-~]+$" ~= nil
end

local function is_any() return true end

local audio = one_of("audio/l16;rate=8000", "audio/l16;rate=16000", "audio/l16;rate=24000")

-- Endpoints by their type; names of several words are written in either way.
local endpoints = {
  phone = record({ type = is_any, number = values.phone, dtmfAnswer = is_tones,
    onAnswer = record({ url = values.url, ringback = values.url, ringbackTone = values.url },
      { "url" }), shaken = text }, { "number" }),
  app = record({ type = is_any, user = text }, { "user" }),
  websocket = record({ type = is_any, uri = is_socket, ["content-type"] = audio, headers = object,
    authorization = object }, { "uri" }),
  sip = record({ type = is_any, uri = is_sip, user = text, domain = text, headers = object,
    standard_headers = object, standardHeaders = object }),
  vbc = record({ type = is_any, extension = text }, { "extension" }),
}

--- Whom a call may reach.
function ncco.endpoint(value)
  local test = type(value) == "table" and endpoints[value.type]
  if not test or not test(value) then return false end
  return value.type ~= "sip" or value.uri ~= nil or value.user ~= nil and value.domain ~= nil
end

local event_method = one_of("GET", "POST")
local transcription = record { language = text, eventUrl = values.one_url,
  eventMethod = event_method, sentimentAnalysis = boolean }

local dtmf = record { timeOut = whole(0, 10), maxDigits = whole(1, 20), submitOnHash = boolean }
local speech = record { uuid = list(text), endOnSilence = number(0.4, 10), language = text,
  context = list(text), startTimeout = whole(1, 60), maxDuration = whole(1, 60),
  saveAudio = boolean, sensitivity = whole(0, 100), provider = text, providerOptions = object }

-- Actions: their fields, and those that must be there.
local actions = {
  talk = { { text = is_speech, style = whole(0, 1000), language = is_language,
    loop = whole(0, 1000), level = number(-1, 1), bargeIn = boolean, premium = boolean,
    voiceName = text }, { "text" } },
  stream = { { streamUrl = values.one_url, loop = whole(0, 1000), level = number(-1, 1),
    bargeIn = boolean }, { "streamUrl" } },
  record = { { format = one_of("mp3", "wav", "ogg"), split = one_of "conversation",
    channels = whole(1, 32), endOnSilence = whole(3, 10), timeOut = whole(3, 7200),
    endOnKey = function(value) return type(value) == "string" and value:find "^[%d*#]$" ~= nil end,
    beepStart = boolean, eventUrl = values.one_url, eventMethod = event_method,
    transcription = transcription } },
  conversation = { { name = text, musicOnHoldUrl = values.one_url, startOnEnter = boolean,
    endOnExit = boolean, record = boolean, canSpeak = list(text), canHear = list(text),
    mute = boolean, eventUrl = values.one_url, eventMethod = event_method,
    transcription = transcription }, { "name" } },
  connect = { { endpoint = list(ncco.endpoint, 1, 1), from = values.phone,
    randomFromNumber = boolean, eventType = one_of "synchronous", timeout = whole(1, 7200),
    limit = whole(1, 7200), machineDetection = one_of("continue", "hangup"),
    advancedMachineDetection = ncco.detection, eventUrl = values.one_url,
    eventMethod = event_method, ringbackTone = function(value)
      return values.url(value) or values.one_url(value)
    end }, { "endpoint" } },
  input = { { type = list(one_of("dtmf", "speech"), 1, 2), dtmf = dtmf, speech = speech,
    mode = one_of("synchronous", "asynchronous"), eventUrl = values.one_url,
    eventMethod = event_method, timeOut = whole(0, 10), maxDigits = whole(1, 20),
    submitOnHash = boolean } }, -- the last three: of old, in place of `dtmf`
  notify = { { payload = object, eventUrl = values.one_url, eventMethod = event_method },
    { "payload", "eventUrl" } },
  wait = { { timeout = number(0.1, 7200) } },
  transfer = { { conversationId = text, canSpeak = list(text), canHear = list(text),
    mute = boolean }, { "conversationId" } },
}

for name, action in pairs(actions) do
  action[1].action = is_any
  actions[name] = record(action[1], action[2])
end

local function is_action(value)
  local test = type(value) == "table" and actions[value.action]
  return test ~= nil and test ~= false and test(value)
end

--- A list of actions.
ncco.actions = list(is_action, 1)

return ncco
