-- What a call of the Voice API may ask for.

local check = {}

local LONGEST_TEXT = 1500

local languages = {}
for name in ([[ar ca-ES cmn-CN cmn-TW cs-CZ cy-GB da-DK de-DE el-GR en-AU en-GB en-GB-WLS en-IN
  en-US en-ZA es-ES es-MX es-US eu-ES fi-FI fil-PH fr-CA fr-FR he-IL hi-IN hu-HU id-ID is-IS
  it-IT ja-JP ko-KR nb-NO nl-NL no-NO pl-PL pt-BR pt-PT ro-RO ru-RU sk-SK sv-SE th-TH tr-TR
  uk-UA vi-VN yue-CN]]):gmatch "%S+" do
  languages[name] = true
end

local function is_url(value)
  return type(value) == "string" and value:find "^https?://[!-~]+$" ~= nil
end

local function is_list(value)
  return type(value) == "table" and #value > 0
end

local function is_whole(lowest, highest)
  return function(value)
    return type(value) == "number" and value % 1 == 0 and value >= lowest and value <= highest
  end
end

local function is_one_of(...)
  local known = {}
  for _, value in ipairs { ... } do known[value] = true end
  return function(value) return known[value] == true end
end

local function is_phone(value)
  return type(value) == "table" and value.type == "phone" and type(value.number) == "string"
    and value.number:find "^[1-9]%d+$" ~= nil and #value.number >= 7 and #value.number <= 15
end

-- Every known key has its value, and there is none beside.
local function is_record(value, tests)
  if type(value) ~= "table" or #value > 0 then return false end
  for name, item in pairs(value) do
    if not tests[name] or not tests[name](item) then return false end
  end
  return true
end

-- Markup counts between <speak> and </speak> alone; half of a pair is a mistake.
local function is_speech(value)
  if type(value) ~= "string" or value == "" or #value > 4 * LONGEST_TEXT then return false end
  local opens, closes = value:find "^%s*<speak[%s>]", value:find "</speak>%s*$"
  return (opens == nil) == (closes == nil)
end

local actions = {
  talk = {
    action = is_one_of "talk", text = is_speech, style = is_whole(0, 1000),
    language = function(value) return languages[value] == true end, loop = is_whole(0, 1000),
  },
  stream = {
    action = is_one_of "stream",
    streamUrl = function(value) return is_list(value) and #value == 1 and is_url(value[1]) end,
    loop = is_whole(0, 1000),
  },
}

local function is_action(value)
  local tests = type(value) == "table" and actions[value.action]
  return tests and is_record(value, tests) and (value.text or value.streamUrl) ~= nil
end

local function is_ncco(value)
  if not is_list(value) then return false end
  for _, action in ipairs(value) do
    if not is_action(action) then return false end
  end
  return true
end

local detection = {
  behavior = is_one_of("continue", "hangup"),
  mode = is_one_of("default", "detect", "detect_beep"),
  beep_timeout = is_whole(30, 120),
}

local known = {
  to = function(value) return is_list(value) and #value == 1 and is_phone(value[1]) end,
  from = is_phone,
  random_from_number = function(value) return type(value) == "boolean" end,
  ncco = is_ncco,
  event_url = function(value) return is_list(value) and #value == 1 and is_url(value[1]) end,
  event_method = is_one_of("GET", "POST"),
  machine_detection = is_one_of("continue", "hangup"),
  advanced_machine_detection = function(value) return is_record(value, detection) end,
  length_timer = is_whole(1, 86400),
  ringing_timer = is_whole(1, 120),
}

local function has_events(application)
  local voice = application.capabilities and application.capabilities.voice
  local hooks = type(voice) == "table" and voice.webhooks
  return type(hooks) == "table" and hooks.event_url ~= nil
end

--- The problems of a posted call, each { name, reason }.
function check.problems(posted, application, strict)
  local problems = {}
  local function add(name, reason) problems[#problems + 1] = { name = name, reason = reason } end
  for name, value in pairs(posted) do
    if known[name] and not known[name](value) then add(name, "is invalid") end
    if not known[name] and strict then add(name, "is not known") end
  end
  for _, name in ipairs { "to", "ncco" } do
    if posted[name] == nil then add(name, "is required") end
  end
  if (posted.from ~= nil) == (posted.random_from_number == true) then
    add("from", "either this or random_from_number is required")
  end
  if posted.event_url == nil and not has_events(application) then
    add("event_url", "is required: the application has none")
  end
  return problems
end

return check
