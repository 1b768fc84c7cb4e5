-- What the application actions refuse before anything is sent, in the form of nexmo_refused.lua.

local refused = {}

local CONTROL = "must not have control characters"

local function line(...)
  local all = { { 5, "must be a string" }, { true, "must be a string" }, { {}, "must be a string" },
    { "a\0b", CONTROL }, { "a\nb", CONTROL }, { "a\255b", "is not valid UTF%-8 at byte 2" } }
  for _, entry in ipairs { ... } do
    all[#all + 1] = entry
  end
  return all
end

local EMPTY = { "", "must not be empty" }
local URL = "must be a URL with http:// or https://"
local url = line({ "", URL }, { "example.com", URL }, { "https://a b", URL })
local method = line({ "", "must be one of: GET, POST" }, { "PUT", "must be one of: GET, POST" },
  { " post", "must be one of: GET, POST" })

local cycle = {}
cycle.again = cycle
local long = {}
for _ = 1, 40 do
  long = { long }
end
local DEEP = "is nested too deep, or contains itself"
local KEYS = "must be a list or have names for keys"

local capabilities = {
  { "voice", "must be a table" }, { 5, "must be a table" }, { true, "must be a table" },
  { { voice = print }, "^must not be a function$", "capabilities.voice" },
  { { voice = { webhooks = { coroutine.create(print) } } }, "^must not be a thread$",
    "capabilities.voice.webhooks[1]" },
  { { voice = { ttl = 0 / 0 } }, "^must be a number$", "capabilities.voice.ttl" },
  { { voice = { ttl = 1 / 0 } }, "^must be a number$", "capabilities.voice.ttl" },
  { { voice = { name = "a\255" } }, "^is not valid UTF%-8 at byte 2$", "capabilities.voice.name" },
  { { voice = { ["a\255"] = true } }, "^must have names of valid UTF%-8$", "capabilities.voice" },
  { { voice = { [1] = "a", [3] = "b" } }, KEYS, "capabilities.voice" },
  { { voice = { "a", name = "b" } }, KEYS, "capabilities.voice" },
  { { [true] = 1 }, KEYS },
  { cycle, DEEP, "capabilities" .. (".again"):rep(32) },
  { { later = long }, DEEP, "capabilities.later" .. ("[1]"):rep(31) },
  { { "voice" }, "^must have names for keys$" },
}

local keys = {
  { "-----BEGIN", "must be a table" }, { 5, "must be a table" },
  { { public_key = 5 }, "must be a string", "keys.public_key" },
  { { public_key = "a\0" }, CONTROL, "keys.public_key" },
  { { public_key = "" }, "must be a public key in PEM form", "keys.public_key" },
  { { public_key = "-----BEGIN PRIVATE KEY-----\nMFww\n-----END PRIVATE KEY-----" },
    "must be a public key in PEM form", "keys.public_key" },
  { { ["public-key"] = "x" }, "did you mean 'public_key'", "keys.public-key" },
  { { private_key = "x" }, "^is not known$", "keys.private_key" },
}

local privacy = {
  { true, "must be a table" },
  { { improve_ai = 2 }, "must be true or false", "privacy.improve_ai" },
  { { improveAi = true }, "did you mean 'improve_ai'", "privacy.improveAi" },
}

local id = line(EMPTY, { ("a"):rep(101), "must have at most 100 characters" },
  { ".", "is not an id" }, { "..", "is not an id" })

local least = { name = "Demo", type = "voice", answer_url = "https://example.com/a",
  event_url = "https://example.com/e" }

local function application(more)
  local all = {
    base = least, missing = { "name", "type", "answer_url", "event_url" },
    name = line(EMPTY),
    type = line({ "messages", "must be one of: voice" }, { "", "must be one of: voice" }),
    answer_url = url, event_url = url, answer_method = method, event_method = method,
  }
  for name, value in pairs(more) do
    all[name] = value
  end
  return all
end

local by_id = { base = { application_id = "a" }, missing = { "application_id" },
  application_id = id }

local function pages(first)
  return {
    base = {}, missing = {},
    page_size = { { 0, "must be 1 to 100" }, { 101, "must be 1 to 100" }, { 1.5, "whole number" },
      { "ten", "whole number" } },
    page_index = { { first - 1, "must be 0 or more" }, { 0.5, "whole number" },
      { "1.5", "whole number" }, { 2 ^ 53, "whole number" } },
  }
end

local updated = { application_id = "a" }
for name, value in pairs(least) do
  updated[name] = value
end
local update = { base = updated, application_id = id,
  missing = { "application_id", "name", "type", "answer_url", "event_url" } }

refused[2] = {
  create_application = application { keys = keys, privacy = privacy },
  ["create_application, capabilities"] = {
    base = { name = "Demo", capabilities = {} }, missing = { "name" },
    capabilities = capabilities,
    type = { { "voice", "^does not go with capabilities$" } },
    answer_url = { { "https://example.com", "^does not go with capabilities$" } },
    event_url = { { "https://example.com", "^does not go with capabilities$" } },
    answer_method = { { "GET", "^does not go with capabilities$" } },
    event_method = { { "GET", "^does not go with capabilities$" } },
  },
  update_application = application { base = update.base, application_id = id,
    missing = update.missing, keys = keys, privacy = privacy },
  ["update_application, capabilities"] = {
    base = { application_id = "a", name = "Demo", capabilities = {} },
    missing = { "application_id", "name" }, capabilities = capabilities,
  },
  get_application = by_id, delete_application = by_id, list_applications = pages(0),
  ["list_applications, both ways of counting"] = {
    base = { page_index = 0 }, missing = {},
    page = { { 1, "^says the same as page_index; give one of them$" }, { 0, "must be 1 or more" },
      { 1.5, "whole number" }, { "x", "whole number" }, { 2 ^ 53, "whole number" } },
  },
}

refused[1] = {
  create_application = application {
    capabilities = { { {}, "is not known" } }, keys = { { {}, "is not known" } },
  },
  update_application = application { base = update.base, application_id = id,
    missing = update.missing, privacy = { { {}, "is not known" } } },
  get_application = by_id, delete_application = by_id, list_applications = pages(0),
  ["list_applications, counted from 1"] = {
    base = {}, missing = {}, page = { { 1, "is not known" } },
  },
}

return refused
