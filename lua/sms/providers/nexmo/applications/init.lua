--- The five application actions: version 2 behind the documented parameters, or version 1
--- of the Application API. Pure.

local capabilities = require "sms.providers.nexmo.applications.capabilities"
local fields = require "sms.providers.nexmo.applications.fields"
local json = require "sms.base.json"
local lists = require "sms.providers.nexmo.lists"
local update = require "sms.providers.nexmo.applications.update"

local applications = {}

local application_id, documented = fields.application_id, fields.documented
local joined = fields.joined

local application = { type = "record", fields = {
  { "id", type = "string", required = true, not_blank = true, doc = "Id of the application." },
  { "name", type = "string", doc = "Its name." },
  { "keys", type = "record", doc = "What signs and checks its tokens.", fields = {
    { "public_key", type = "string", doc = "PEM." },
    { "private_key", type = "string", doc = "PEM, in the answer of create_application alone." },
  } },
} }

local list = { type = "record", fields = {
  { "count", type = "integer", filled = true, doc = "How many there are on all pages." },
  { "page_size", type = "integer", doc = "Entries a page." },
  { "page_index", type = "integer", doc = "Which page it is, from 0." },
  { "_embedded", type = "record", always = true, doc = "What the page has.", fields = {
    { "applications", type = "array", always = true, items = application, doc = "The entries." },
  } },
} }

-- Version 1 counts pages from 0, version 2 from 1.
local PAGES = { items = { "_embedded", "applications" }, by = "page_index", from = 0,
  size = "page_size", most = 100, total = "count", unique = "id" }
local PAGES_2 = { or_by = "page", or_from = 1 }
for key, value in pairs(PAGES) do
  PAGES_2[key] = value
end

--- The body of version 2.
local function to_version_2(params)
  local body = { name = params.name, keys = params.keys, privacy = params.privacy,
    capabilities = params.capabilities }
  body.capabilities = body.capabilities or { voice = { webhooks = {
    answer_url = { address = params.answer_url, http_method = params.answer_method or "GET" },
    event_url = { address = params.event_url, http_method = params.event_method or "POST" },
  } } }
  return body
end

local get_application = {
  "get_application",
  doc = "Get an application by its id.",
  method = "GET", path = "/v2/applications/{application_id}", safe = true,
  fields = { application_id }, returns = application,
}

--- The same, for what an update writes back: the text of the answer.
local read_text = setmetatable({
  adapt = function(_, _, body)
    return body
  end,
}, { __index = get_application })

--- Reads what the application has, where not all of it is given.
local function read_current(params, ask)
  if params.capabilities then
    return nil
  end
  local current, err = ask(read_text, { application_id = params.application_id })
  params.current = current
  if err and err.outcome == "ambiguous" then
    err.outcome = "not_sent" -- the update has not begun
  end
  return err
end

local function encode_version_2(params, extra)
  if params.current then
    return update.body(params.current, params, extra)
  end
  local body = to_version_2(params)
  for name, value in pairs(extra or {}) do
    body[name] = value
  end
  return json.encode_any(body)
end

--- Version 2 counts pages from 1 and names the total otherwise.
local function list_to_documented(result)
  result.count = result.count or result.total_items
  if not result.page_index and result.page then
    result.page_index = result.page - 1
  end
  return result
end

local function counts_pages_once(params, problem)
  if params.page and params.page_index then
    problem("page", "says the same as page_index; give one of them")
  end
end

local version_2 = {
  {
    "create_application",
    doc = "Create a new application. The answer has its private key, once.",
    method = "POST", path = "/v2/applications", body = "json", success = { 201, 200 },
    fields = joined(documented, fields.version_2_only),
    rules = { fields.needs_documented_or_capabilities, capabilities.check },
    encode = encode_version_2,
    returns = application,
  },
  get_application,
  {
    "list_applications",
    doc = "List the account's applications.",
    method = "GET", path = "/v2/applications", safe = true,
    rules = { counts_pages_once },
    fields = {
      { "page_size", type = "integer", min = 1, max = 100,
        doc = "Entries a page, 10 if left out." },
      { "page", type = "integer", min = 1, doc = "Page, from 1." },
      { "page_index", type = "integer", min = 0, sent_as = "page", plus = 1,
        doc = "Offset from the first page, from 0; in place of page." },
    },
    returns = list,
  },
  {
    "update_application",
    doc = "Update an application. What the parameters do not name is kept.",
    method = "PUT", path = "/v2/applications/{application_id}", body = "json",
    fields = joined({ application_id }, documented, fields.version_2_only),
    rules = { fields.needs_documented_or_capabilities, capabilities.check },
    encode = encode_version_2,
    complete = read_current,
    returns = application,
  },
  {
    "delete_application",
    doc = "Delete an application; this cannot be undone.",
    method = "DELETE", path = "/v2/applications/{application_id}", safe = true,
    success = { 204, 200 }, fields = { application_id },
  },
}

--- The same operation as version 1 has it.
local function to_version_1(operation)
  local first = {}
  for key, value in pairs(operation) do
    first[key] = value
  end
  first.path = operation.path:gsub("^/v2", "/v1")
  first.encode, first.complete, first.adapt = nil, nil, nil
  if operation.body then
    first.fields = operation.method == "PUT" and joined({ application_id }, documented)
      or documented
    first.rules = { fields.needs_documented }
  end
  if operation.method == "POST" then
    first.body = "form"
  elseif operation.returns == list then
    first.rules = nil
    first.fields = {
      { "page_size", type = "integer", min = 1, max = 100 },
      { "page_index", type = "integer", min = 0 },
    }
    lists.of_pages(first, PAGES)
  end
  return first
end

local version_1 = {}
for _, operation in ipairs(version_2) do
  operation.hosts = { "api" }
  version_1[operation[1]] = to_version_1(operation)
  if operation.returns == list then
    lists.of_pages(operation, PAGES_2, list_to_documented)
  end
end

applications.operations = version_2

--- The operation as the client option `api_version` wants it.
---@param operation table
---@param options { api_version: integer }
---@return table
function applications.select(operation, options)
  return options.api_version == 1 and version_1[operation[1]] or operation
end

return applications
