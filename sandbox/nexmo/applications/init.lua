-- Applications in both versions of their API, over one store: what one makes, the other shows.

local auth = require "nexmo.auth"
local check = require "nexmo.applications.check"
local http = require "base.http"
local json = require "base.json"
local pages = require "base.pages"
local v1 = require "nexmo.applications.v1"
local settings = require "settings"
local store = require "nexmo.applications.store"

local applications = { v1 = v1, v2 = {} }
local v2 = applications.v2

local DOCUMENTATION = "https://developer.nexmo.com/api-errors"

local function problem(status, title, kind, more)
  local body = more or {}
  body.title, body.type = title, DOCUMENTATION .. kind
  body.instance = ngx.md5(tostring(math.random()))
  return http.json(status, body)
end

--- 405 in the shape of version 2.
function v2.wrong_method()
  return problem(405, "Method Not Allowed", "#method")
end

local function not_found()
  return problem(404, "Not Found", "#not-found",
    { detail = "The application with the given id was not found" })
end

local function is_accepted(header)
  if type(header) ~= "string" then return header == nil end
  return header:find("application/json", 1, true) or header:find("*/*", 1, true)
    or header:find("application/*", 1, true)
end

-- Who asks, and in which formats: a problem, or nil.
local function refused(request, has_body)
  if not auth.by_basic(request) then
    return problem(401, "Invalid credentials supplied", "#unauthorized",
      { detail = "You did not provide correct credentials." })
  end
  if not is_accepted(request.headers["accept"]) then
    return problem(406, "Not Acceptable", "#not-acceptable")
  end
  local media = request.headers["content-type"]
  if has_body and not (type(media) == "string" and media:find "^application/json") then
    return problem(415, "Unsupported Media Type", "#media-type")
  end
  return nil
end

local function invalid(problems)
  return problem(400, "Bad Request", "/application#payload-validation", {
    detail = "The request failed due to validation errors",
    invalid_parameters = problems,
  })
end

local function posted(request)
  local value = json.decode(request.body)
  if type(value) ~= "table" or #value > 0 then
    return nil, invalid { { name = "body", reason = "must be a JSON object" } }
  end
  local problems = check.problems(value, request.body)
  if #problems > 0 then return nil, invalid(problems) end
  local keys = value.keys and value.keys.public_key and { public_key = value.keys.public_key }
  return {
    name = value.name, keys = keys, capabilities = value.capabilities or {},
    privacy = value.privacy or { improve_ai = true },
  }
end

local function shown(application, private)
  return {
    id = application.id, name = application.name,
    keys = { public_key = application.keys.public_key, private_key = private },
    capabilities = application.capabilities, privacy = application.privacy,
    _links = { self = { href = "/v2/applications/" .. application.id } },
  }
end

--- POST /v2/applications
function v2.create(request)
  local response = refused(request, true)
  if response then return response end
  local application, wrong = posted(request)
  if wrong then return wrong end
  local private = store.add(application)
  request.ref = application.name
  request.note.application_id = application.id
  return http.json(201, shown(application, private))
end

--- GET /v2/applications/{id}
function v2.get(request)
  local response = refused(request)
  if response then return response end
  local application = store.find(request.application_id)
  return application and http.json(200, shown(application)) or not_found()
end

--- PUT /v2/applications/{id}
function v2.update(request)
  local response = refused(request, true)
  if response then return response end
  local before = store.find(request.application_id)
  if not before then return not_found() end
  local application, wrong = posted(request)
  if wrong then return wrong end
  if settings.get().put_without_keys == "keep" and not application.keys then
    application.keys = before.keys
  end
  local private = store.replace(before, application)
  return http.json(200, shown(application, private))
end

--- DELETE /v2/applications/{id}
function v2.delete(request)
  local response = refused(request)
  if response then return response end
  local application = store.find(request.application_id)
  if not application then return not_found() end
  store.remove(application)
  return { status = 204, body = "" }
end

--- GET /v2/applications
function v2.list(request)
  local response = refused(request)
  if response then return response end
  local query = http.query(request)
  local size = pages.number(query.page_size or "10", 1, 100)
  local page = pages.number(query.page or "1", 1, 1000000)
  if not size then return invalid { { name = "page_size", reason = "must be 1 to 100" } } end
  if not page then return invalid { { name = "page", reason = "must be at least 1" } } end
  local all, list = store.all(), json.list()
  for i = (page - 1) * size + 1, math.min(#all, page * size) do list[#list + 1] = shown(all[i]) end
  local total = math.ceil(#all / size)
  return http.json(200, {
    page_size = size, page = page, total_items = #all, total_pages = total,
    _embedded = { applications = list },
    _links = pages.links("/v2/applications", { page_size = tostring(size) }, "page", {
      self = page, last = math.max(total, 1), next = page < total and page + 1 or nil,
      prev = page > 1 and math.min(page - 1, math.max(total, 1)) or nil,
    }),
  })
end

return applications
