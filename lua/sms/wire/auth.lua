--- Which kind of authentication goes where in a request; the secrets are added in C. Pure.

local apis = require "sms.wire.apis"
local request = require "sms.wire.request"

local auth = {}

--- The place of the credentials: what the operation or its API declares for the client's choice,
--- or what the provider wants for all.
---@param client table
---@param operation table
---@return string kind as sms.core's engine takes it
function auth.kind(client, operation)
  local provider = client.provider
  local declared = operation.auth or provider.auth
    or apis.of(provider, operation.hosts[1], operation.path, operation.method).auth
  return type(declared) == "table" and declared[client.settings.auth] or declared
end

--- What a signature needs beside the parameters, where the provider has one.
---@param client table
---@param now integer seconds since 1970
---@return { identity: string, method: string, now: integer, sign: function }?
function auth.signer(client, now)
  local declared = client.provider.signature
  return declared and { identity = client.identity, now = now, sign = declared.sign,
    method = client.settings[declared.method] }
end

--- Adds to a request what says how it is authenticated; for a signature also the
--- parameters that are signed with it.
---@param built table of request.build, changed
---@param kind string
---@param signer { identity: string, method: string, now: integer, sign: function }? for signatures
---@return table built
function auth.apply(built, kind, signer)
  built.auth = kind
  if kind == "signature" then
    built.signed_text = signer.sign(built.form, signer.identity, signer.now)
    built.body = request.form(built.form)
    built.signature = signer.method
  end
  return built
end

--- A request as it may be shown: secrets masked.
---@param built table after auth.apply
---@param names table<string, string>? of the secrets among its parameters
---@return { method: string, url: string, headers: table<string, string>, body: string? }
function auth.masked(built, names)
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
    shown.url = ("%s%s%s=***&%s=***"):format(built.url, join, names.identity, names.password)
  elseif built.auth == "body" then
    local join = built.body == "" and "" or "&"
    shown.body = ("%s%s%s=***&%s=***"):format(built.body, join, names.identity, names.password)
  elseif built.auth == "signature" then
    shown.body = ("%s&%s=***"):format(built.body, names.signature)
  end
  return shown
end

return auth
