--- Which kind of authentication goes where in a request; the secrets are added in C. Pure.

local request = require "sms.wire.request"

local auth = {}

--- Bytewise: `<` follows the host's locale.
local function is_before(a, b)
  for i = 1, math.min(#a, #b) do
    if a:byte(i) ~= b:byte(i) then
      return a:byte(i) < b:byte(i)
    end
  end
  return #a < #b
end

--- The text that is signed (nexmo.md section 8, steps 1 to 4).
---@param form string[][] names and values
---@return string
function auth.canonical(form)
  local sorted = {}
  for i, pair in ipairs(form) do
    sorted[i] = pair
  end
  table.sort(sorted, function(a, b)
    return is_before(a[1], b[1])
  end)
  for i, pair in ipairs(sorted) do
    sorted[i] = "&" .. pair[1] .. "=" .. pair[2]:gsub("[&=]", "_")
  end
  return table.concat(sorted)
end

--- The place of the credentials: what the operation declares for the client's choice, or
--- what the provider wants for all.
---@param client table
---@param operation table
---@return string kind as sms.core's engine takes it
function auth.kind(client, operation)
  local declared = operation.auth or client.provider.auth
  return type(declared) == "table" and declared[client.settings.auth] or declared
end

--- What a signature needs beside the parameters.
---@param client table
---@param now integer seconds since 1970
---@return { identity: string, method: string, now: integer }
function auth.signer(client, now)
  return { identity = client.identity, method = client.settings.signature_method, now = now }
end

--- Adds to a request what says how it is authenticated; for a signature also the
--- parameters that are signed with it (nexmo.md section 8, steps 1 to 4).
---@param built table of request.build, changed
---@param kind string
---@param signer { identity: string, method: string, now: integer }? for signatures
---@return table built
function auth.apply(built, kind, signer)
  built.auth = kind
  if kind ~= "signature" then
    return built
  end
  local form = built.form
  local last = #form
  form[last + 1], form[last + 2] = "api_key", signer.identity
  form[last + 3], form[last + 4] = "timestamp", ("%.0f"):format(signer.now)
  built.body = request.form(form)
  built.signature = signer.method
  local named = {}
  for i = 1, #form, 2 do
    named[#named + 1] = { form[i], form[i + 1] }
  end
  built.signed_text = auth.canonical(named)
  return built
end

--- A request as it may be shown: secrets masked.
---@param built table after auth.apply
---@return { method: string, url: string, headers: table<string, string>, body: string? }
function auth.masked(built)
  local shown = { method = built.method, url = built.url, body = built.body }
  shown.headers = { Accept = "application/json" }
  if built.content == "json" then
    shown.headers["Content-Type"] = "application/json"
  elseif built.content == "form" then
    shown.headers["Content-Type"] = "application/x-www-form-urlencoded"
  end
  if built.auth == "basic" then
    shown.headers.Authorization = "Basic ***"
  elseif built.auth == "bearer" then
    shown.headers.Authorization = "Bearer ***"
  elseif built.auth == "query" then
    local join = built.url:find("?", 1, true) and "&" or "?"
    shown.url = built.url .. join .. "api_key=***&api_secret=***"
  elseif built.auth == "body" then
    shown.body = built.body .. "&api_key=***&api_secret=***"
  elseif built.auth == "signature" then
    shown.body = built.body .. "&sig=***"
  end
  return shown
end

return auth
