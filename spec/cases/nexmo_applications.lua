-- The five application actions as they go over the wire, in both versions. `{id}` stands
-- for the application that is there before.

local ANSWER, EVENT = "https://example.com/answer", "https://example.com/event"
local PUBLIC = "-----BEGIN PUBLIC KEY-----\nMFwwDQ\n-----END PUBLIC KEY-----\n"

-- As JSON has them.
local QUOTED_ANSWER, QUOTED_EVENT = (ANSWER:gsub("/", "\\/")), (EVENT:gsub("/", "\\/"))
local KEY_SENT = '{"public_key":"' .. PUBLIC:gsub("\n", "\\n") .. '"}'

local function voice_sent(answer_method, event_method)
  return ('{"voice":{"webhooks":{"answer_url":{"address":"%s","http_method":"%s"},'
    .. '"event_url":{"address":"%s","http_method":"%s"}}}}'):format(QUOTED_ANSWER,
    answer_method, QUOTED_EVENT, event_method)
end

local function voice(answer_method, event_method)
  return { voice = { webhooks = {
    answer_url = { address = ANSWER, http_method = answer_method },
    event_url = { address = EVENT, http_method = event_method },
  } } }
end

local function arrival(method, path, body, query)
  return {
    method = method, path = "/v2/applications" .. path, body = body or "", query = query,
    authorization = "Basic", content_type = body and "application/json" or nil,
  }
end

--- The links of a page of a list: to itself, the first and the last, and to others that are named.
local function links(...)
  local all = {}
  for _, name in ipairs { "self", "first", "last", ... } do all[name] = { href = "~." } end
  return all
end

local function application(name, capabilities, more)
  local all = {
    id = "~^%x+%-", name = name, capabilities = capabilities, privacy = { improve_ai = true },
    keys = { public_key = "~^%-%-%-%-%-BEGIN PUBLIC KEY" },
    _links = { self = { href = "~^/v2/applications/" } },
  }
  for key, value in pairs(more or {}) do
    all[key] = value
  end
  return all
end

local made = { public_key = "~BEGIN PUBLIC KEY", private_key = "~BEGIN PRIVATE KEY" }

local function with(base, more)
  local all = {}
  for _, list in ipairs { base, more or {} } do
    for key, value in pairs(list) do
      all[key] = value
    end
  end
  return all
end

local least = { name = "Demo", type = "voice", answer_url = ANSWER, event_url = EVENT }
local every = with(least, { answer_method = "POST", event_method = "GET",
  keys = { public_key = PUBLIC }, privacy = { improve_ai = false } })

-- What version 1 shows of the same.
local function application_1(name, webhooks)
  return {
    id = "~^%x+%-", name = name, keys = { public_key = "~BEGIN PUBLIC KEY" },
    voice = { webhooks = webhooks }, _links = { self = { href = "~^/v1/applications/" } },
  }
end

return {
  --- What is there before.
  before = with(least, { name = "Before" }),
  {
    "an application with every key", "create_application", params = every,
    arrival = arrival("POST", "", '{"capabilities":' .. voice_sent("POST", "GET") .. ',"keys":'
      .. KEY_SENT .. ',"name":"Demo","privacy":{"improve_ai":false}}'),
    result = application("Demo", voice("POST", "GET"),
      { keys = { public_key = PUBLIC }, privacy = { improve_ai = false } }),
  },
  {
    "the least application", "create_application", params = least,
    arrival = arrival("POST", "", '{"capabilities":' .. voice_sent("GET", "POST")
      .. ',"name":"Demo"}'),
    result = application("Demo", voice("GET", "POST"), { keys = made }),
  },
  {
    "an application with capabilities of version 2", "create_application",
    params = { name = "Demo", capabilities = { vbc = {}, verify = { webhooks = {
      status_url = { address = EVENT, http_method = "POST", socket_timeout = 1000.0 } } } } },
    arrival = arrival("POST", "", '{"capabilities":{"vbc":{},"verify":{"webhooks":{"status_url":'
      .. '{"address":"' .. QUOTED_EVENT .. '","http_method":"POST","socket_timeout":1000}}}},'
      .. '"name":"Demo"}'),
    result = application("Demo", { vbc = {}, verify = { webhooks = {
      status_url = { address = EVENT, http_method = "POST", socket_timeout = 1000 } } } },
      { keys = made }),
  },
  {
    "one application", "get_application", params = { application_id = "{id}" },
    arrival = arrival("GET", "/{id}"),
    result = application("Before", voice("GET", "POST")),
  },
  {
    "a page of applications", "list_applications", params = { page_size = 1, page_index = 0 },
    arrival = arrival("GET", "", nil, "page_size=1&page=1"),
    result = {
      count = 1, page_size = 1, page_index = 0, page = 1, total_items = 1, total_pages = 1,
      _embedded = { applications = { application("Before", voice("GET", "POST")) } },
      _links = links(),
    },
  },
  {
    "a page of applications, counted from 1", "list_applications",
    params = { page_size = 1, page = 2 },
    arrival = arrival("GET", "", nil, "page_size=1&page=2"),
    result = {
      count = 1, page_size = 1, page_index = 1, page = 2, total_items = 1, total_pages = 1,
      _embedded = { applications = {} }, _links = links "prev",
    },
  },
  {
    "the page after the last", "list_applications", params = { page_size = 100, page_index = 1 },
    arrival = arrival("GET", "", nil, "page_size=100&page=2"),
    result = {
      count = 1, page_size = 100, page_index = 1, page = 2, total_items = 1, total_pages = 1,
      _embedded = { applications = {} }, _links = links "prev",
    },
  },
  {
    "applications, nothing said", "list_applications", arrival = arrival("GET", ""),
    result = {
      count = 1, page_size = 10, page_index = 0, page = 1, total_items = 1, total_pages = 1,
      _embedded = { applications = { application("Before", voice("GET", "POST")) } },
      _links = links(),
    },
  },
  {
    "an update with every key", "update_application",
    params = with(every, { application_id = "{id}" }), requests = 2,
    arrival = arrival("PUT", "/{id}", '{"capabilities":' .. voice_sent("POST", "GET") .. ',"keys":'
      .. KEY_SENT .. ',"name":"Demo","privacy":{"improve_ai":false}}'),
    result = application("Demo", voice("POST", "GET"),
      { keys = { public_key = PUBLIC }, privacy = { improve_ai = false } }),
  },
  {
    "an update with capabilities: exactly what is given", "update_application",
    params = { application_id = "{id}", name = "Demo", capabilities = {} },
    arrival = arrival("PUT", "/{id}", '{"capabilities":{},"name":"Demo"}'),
    result = application("Demo", {}, { keys = made }),
  },
  {
    "a deletion", "delete_application", params = { application_id = "{id}" },
    arrival = arrival("DELETE", "/{id}"), result = {},
  },

  {
    "an application in version 1", "create_application", options = { api_version = 1 },
    params = with(least, { answer_method = "GET", event_method = "GET" }),
    arrival = {
      method = "POST", path = "/v1/applications",
      content_type = "application/x-www-form-urlencoded",
      body = "name=Demo&type=voice&answer_url=https%3A%2F%2Fexample.com%2Fanswer&answer_method=GET"
        .. "&event_url=https%3A%2F%2Fexample.com%2Fevent&event_method=GET"
        .. "&api_key=abcd1234&api_secret=***",
    },
    result = with(application_1("Demo", {
      { endpoint_type = "~_url$", endpoint = "~^https://", http_method = "GET" },
      { endpoint_type = "~_url$", endpoint = "~^https://", http_method = "GET" },
    }), { keys = made }),
  },
  {
    "one application in version 1", "get_application", options = { api_version = 1 },
    params = { application_id = "{id}" },
    arrival = { method = "GET", path = "/v1/applications/{id}", body = "",
      query = "api_key=abcd1234&api_secret=***" },
    result = application_1("Before", {
      { endpoint_type = "~_url$", endpoint = "~^https://", http_method = "~." },
      { endpoint_type = "~_url$", endpoint = "~^https://", http_method = "~." },
    }),
  },
  {
    "applications in version 1, counted from 0", "list_applications",
    options = { api_version = 1 }, params = { page_size = 5, page_index = 1 },
    arrival = { method = "GET", path = "/v1/applications", body = "",
      query = "page_size=5&page_index=1&api_key=abcd1234&api_secret=***" },
    result = { count = 1, page_size = 5, page_index = 1, _embedded = { applications = {} },
      _links = links "prev" },
  },
  {
    "an update in version 1, which reads nothing", "update_application",
    options = { api_version = 1 }, params = with(least, { application_id = "{id}" }),
    arrival = {
      method = "PUT", path = "/v1/applications/{id}", query = "api_key=abcd1234&api_secret=***",
      content_type = "application/json",
      body = '{"name":"Demo","type":"voice","answer_url":"' .. QUOTED_ANSWER .. '","event_url":"'
        .. QUOTED_EVENT .. '"}',
    },
    result = with(application_1("Demo", {
      { endpoint_type = "~_url$", endpoint = "~^https://", http_method = "~." },
      { endpoint_type = "~_url$", endpoint = "~^https://", http_method = "~." },
    }), { keys = made }),
  },
  {
    "a deletion in version 1", "delete_application", options = { api_version = 1 },
    params = { application_id = "{id}" },
    arrival = { method = "DELETE", path = "/v1/applications/{id}", body = "",
      query = "api_key=abcd1234&api_secret=***" },
    result = {},
  },
}
