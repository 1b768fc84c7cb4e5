-- Every field of every capability: values that are taken, and values that are not,
-- with what is said of them.

local URL = "must be a URL with http:// or https://"

local function whole(least, most)
  local range = ("must be %d to %d"):format(least, most)
  return {
    good = { least, most, least + 0.0 }, like = { [tostring(most)] = most },
    bad = { { least - 1, range }, { most + 1, range }, { least + 0.5, "whole number" },
      { least .. " ms", "whole number" }, { true, "whole number" },
      { 0 / 0, "must be a number" } },
  }
end

local flag = {
  good = { true, false },
  like = { ["true"] = true, ["0"] = false, [1] = true },
  bad = { { 2, "true or false" }, { "yes", "true or false" }, { {}, "true or false" } },
}

local address = {
  good = { "https://example.com/x?y=1", "http://example.com" },
  bad = { { "", URL }, { "example.com", URL }, { "ftp://example.com", URL }, { 5, "a string" },
    { "https://a b", URL }, { "https://a\n", "control characters" } },
}

local get_or_post = {
  good = { "GET", "POST" }, like = { get = "GET" },
  bad = { { "PUT", "must be one of: GET, POST" }, { "get ", "GET, POST" }, { true, "a string" } },
}

local post = {
  good = { "POST" }, like = { post = "POST" },
  bad = { { "GET", "must be one of: POST" }, { "", "must be one of: POST" } },
}

local record = {
  good = {},
  bad = { { true, "must be a table" }, { "x", "must be a table" },
    { { unknown = 1 }, "is not known", ".unknown" } },
}

local hook = {
  good = { { address = "https://example.com" } },
  bad = { { {}, "is required", ".address" }, { "https://example.com", "must be a table" },
    { { adress = "https://example.com", address = "https://example.com" }, "did you mean 'address'",
      ".adress" },
    { { address = "https://example.com", connection_timeout = 500 }, "is not known",
      ".connection_timeout" } },
}

local cases = {
  voice = record,
  ["voice.signed_callbacks"] = flag,
  ["voice.conversations_ttl"] = whole(1, 9000),
  ["voice.leg_persistence_time"] = whole(1, 31),
  ["voice.region"] = {
    good = { "na-east", "na-west", "eu-east", "eu-west", "apac-sng", "apac-australia" },
    like = { ["EU-WEST"] = "eu-west" },
    bad = { { "eu", "must be one of: na-east" }, { "EU_WEST", "must be one of" },
      { 1, "a string" } },
  },
  messages = record,
  ["messages.version"] = { good = { "v1", "v0.1" }, bad = { { "", "not be empty" },
    { 1, "a string" } } },
  rtc = record,
  ["rtc.signed_callbacks"] = flag,
  vbc = { good = { {} }, bad = { { { a = 1 }, "is not known", ".a" }, { true, "a table" },
    { { "a" }, "is not known", ".1" } } },
  verify = record,
}

for path, rule in pairs {
  ["voice.webhooks.answer_url"] = { get_or_post, 5000 },
  ["voice.webhooks.fallback_answer_url"] = { get_or_post, 5000 },
  ["voice.webhooks.event_url"] = { get_or_post, 10000 },
  ["messages.webhooks.inbound_url"] = { post, 10000 },
  ["messages.webhooks.status_url"] = { post, 10000 },
  ["rtc.webhooks.event_url"] = { get_or_post, 10000 },
  ["verify.webhooks.status_url"] = { post, 10000 },
} do
  cases[path:match "^%a+%.webhooks"] = record
  cases[path] = hook
  cases[path .. ".address"] = address
  cases[path .. ".http_method"] = rule[1]
  cases[path .. ".connect_timeout"] = whole(300, 1000)
  cases[path .. ".socket_timeout"] = whole(1000, rule[2])
end

return cases
