-- Version 1 of the Application API: flat parameters, key and secret in query or body.

local auth = require "nexmo.auth"
local check = require "nexmo.applications.check"
local http = require "base.http"
local json = require "base.json"
local pages = require "base.pages"
local params = require "nexmo.params"
local settings = require "settings"
local store = require "nexmo.applications.store"

local v1 = {}

local function failure(status, kind, title, wrong)
  return http.json(status, { type = kind, error_title = title, invalid_parameters = wrong })
end

local function unauthorized()
  return failure(401, "UNAUTHORIZED", "Unauthorized")
end

local function not_found()
  return failure(404, "NOT_FOUND", "Not Found")
end

local function invalid(wrong)
  return failure(400, "BAD_REQUEST", "Bad Request", wrong)
end

-- type -> its webhooks with the default method
local kinds = {
  voice = { answer_url = "GET", event_url = "POST" },
  messages = { status_url = "POST", inbound_url = "POST" },
}

local function capability_of(given, hooks, wrong)
  local webhooks = {}
  for name, default in pairs(hooks) do
    local method_name = name:gsub("_url$", "_method")
    local method = given[method_name] or default
    if not given[name] then
      wrong[name] = "Is required."
    elseif not check.is_url(given[name]) then
      wrong[name] = "Is not a valid URL."
    end
    if method ~= "GET" and method ~= "POST" then wrong[method_name] = "Must be GET or POST." end
    webhooks[name] = { address = given[name], http_method = method }
  end
  return { webhooks = webhooks }
end

local function application_of(given)
  local wrong = {}
  if not given.name or given.name == "" then wrong.name = "Is required." end
  local hooks = kinds[given.type]
  if not given.type then
    wrong.type = "Is required."
  elseif not hooks then
    wrong.type = "Must be voice or messages."
  end
  local capability = capability_of(given, hooks or kinds.voice, wrong)
  if next(wrong) then return nil, wrong end
  return {
    name = given.name, capabilities = { [given.type] = capability },
    keys = given.public_key and { public_key = given.public_key },
    privacy = { improve_ai = true },
  }
end

local function shown(application, private)
  local body = {
    id = application.id, name = application.name,
    keys = { public_key = application.keys.public_key, private_key = private },
    _links = { self = { href = "/v1/applications/" .. application.id } },
  }
  for kind in pairs(kinds) do
    local capability = application.capabilities[kind]
    local list = capability and json.list()
    for name, hook in pairs(capability and capability.webhooks or {}) do
      list[#list + 1] = {
        endpoint_type = name, endpoint = hook.address, http_method = hook.http_method,
      }
    end
    body[kind] = list and { webhooks = list } or nil
  end
  return body
end

-- The parameters of an authorized call with a body, or nil and the answer.
local function authorized(request)
  local given = params.read(request)
  if not given or params.unreadable(given) then
    return nil, invalid { body = "Cannot be read." }
  end
  if not auth.is_account(given.api_key, given.api_secret) then return nil, unauthorized() end
  return given
end

local function by_query(request)
  local query = http.query(request)
  return auth.is_account(query.api_key, query.api_secret) and query or nil
end

--- POST /v1/applications
function v1.create(request)
  local given, response = authorized(request)
  if response then return response end
  local application, wrong = application_of(given)
  if wrong then return invalid(wrong) end
  local private = store.add(application)
  request.ref = application.name
  request.note.application_id = application.id
  return http.json(201, shown(application, private))
end

--- GET /v1/applications/{id}
function v1.get(request)
  if not by_query(request) then return unauthorized() end
  local application = store.find(request.application_id)
  return application and http.json(200, shown(application)) or not_found()
end

--- PUT /v1/applications/{id}
function v1.update(request)
  local given, response = authorized(request)
  if response then return response end
  local before = store.find(request.application_id)
  if not before then return not_found() end
  local application, wrong = application_of(given)
  if wrong then return invalid(wrong) end
  if settings.get().put_without_keys == "keep" and not application.keys then
    application.keys = before.keys
  end
  return http.json(200, shown(application, store.replace(before, application)))
end

--- DELETE /v1/applications/{id}
function v1.delete(request)
  if not by_query(request) then return unauthorized() end
  local application = store.find(request.application_id)
  if not application then return not_found() end
  store.remove(application)
  return { status = 204, body = "" }
end

--- GET /v1/applications
function v1.list(request)
  local query = by_query(request)
  if not query then return unauthorized() end
  local size = pages.number(query.page_size or "10", 1, 100)
  local index = pages.number(query.page_index or "0", 0, 1000000)
  if not size then return invalid { page_size = "Must be 1 to 100." } end
  if not index then return invalid { page_index = "Must be a number." } end
  local all, list = store.all(), json.list()
  for i = index * size + 1, math.min(#all, (index + 1) * size) do
    list[#list + 1] = shown(all[i])
  end
  local last = math.max(math.ceil(#all / size) - 1, 0)
  return http.json(200, {
    count = #all, page_size = size, page_index = index, _embedded = { applications = list },
    _links = pages.links("/v1/applications", { page_size = tostring(size) }, "page_index", {
      self = index, last = last, next = index < last and index + 1 or nil,
      prev = index > 0 and math.min(index - 1, last) or nil,
    }),
  })
end

return v1
