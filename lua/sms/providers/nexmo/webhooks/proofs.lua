--- What proves that a webhook comes from the provider: a signature among its parameters
--- (`sig`), or a token in the header Authorization. Pure; the secret is compared in C.

local json = require "sms.base.json"
local params = require "sms.wire.webhook_params"
local signature = require "sms.providers.nexmo.signature"
local token = require "sms.providers.nexmo.webhooks.token"

local proofs = {}

local function is_filled(pair)
  return pair[2]:find "[^\t-\r ]" ~= nil
end

--- Those that are signed: some senders sign all parameters, some only those that are not
--- blank.
---@param client table
---@param list string[][] names and texts
---@param sig string
---@return string[][]? part nil where the signature is wrong
---@return string? failure why it could not be checked
local function signed_part(client, list, sig)
  local method, all, filled = client.settings[signature.method], {}, {}
  for _, pair in ipairs(list) do
    if pair[1] ~= "sig" then
      all[#all + 1] = pair
      filled[#filled + 1] = is_filled(pair) and pair or nil
    end
  end
  for _, part in ipairs { all, #filled < #all and filled or nil } do
    local is_same, failure = client.credentials:verify(method, signature.canonical(part), sig)
    if is_same or failure then
      return is_same and part or nil, failure
    end
  end
end

local function find(list, name)
  for _, pair in ipairs(list) do
    if pair[1] == name then
      return pair[2]
    end
  end
end

--- What keeps a signature from telling what it signs, or nil.
local function ambiguity(list)
  for _, pair in ipairs(list) do
    local problem = pair.nested and "a parameter is no text" or params.name_problem(pair[1])
    if problem then
      return problem
    end
  end
  return list.twice and "a parameter comes twice"
end

local function by_signature(client, list, sig)
  local problem = ambiguity(list)
  if problem then
    return nil, "protocol", problem
  end
  local part, failure = signed_part(client, list, sig)
  if failure then
    return nil, "internal", "the signature could not be checked: " .. failure
  elseif not part then
    return nil, "auth", "the signature is wrong"
  end
  local timestamp = find(part, "timestamp") or ""
  local at = #timestamp <= 15 and timestamp:find "^%d+$" and tonumber(timestamp) or nil
  return { list = part, at = at, nonce = find(part, "nonce") }
end

local function by_token(client, list, given, body)
  local claims, message, failure = token.read(given, body, client.credentials, client.identity)
  if failure then
    return nil, "internal", "the token could not be checked: " .. failure
  elseif not claims then
    return nil, "auth", message
  end
  return { list = list, at = claims.iat, nonce = claims.jti, of_body = true }
end

--- Looks for the proof of a webhook.
---@param client table
---@param request table
---@param list table of params.read
---@param from string where the parameters stood
---@return { list: table?, at: number?, nonce: string?, of_body: boolean? }? proof of which
---  parameters, when it was made and by which id, whether of the body as it is; empty where the
---  client knows no secret
---@return string? kind of the error
---@return string? message
function proofs.of(client, request, list, from)
  local header, message = params.header(request.headers, "authorization")
  local given, sig = token.of_header(header), find(list, "sig")
  if not client.signs then
    return {}
  elseif sig then
    return by_signature(client, list, sig)
  elseif message then
    return nil, "auth", message
  elseif not given then
    return nil, "auth", "it is not signed"
  elseif from ~= "body" then
    return nil, "auth", "a token signs a body, and the parameters stand in the query"
  end
  return by_token(client, list, given, request.body)
end

local TEXTS = { string = tostring, boolean = tostring, number = json.number_text }

--- Whether decoded parameters have the signature that they should; nothing else is looked at.
---@param client table
---@param given table
---@return boolean
function proofs.verify(client, given)
  local sig = type(given) == "table" and rawget(given, "sig")
  if type(sig) ~= "string" then
    return false
  end
  local list = {}
  for name, value in next, given do -- raw, as all params are read
    local text = TEXTS[type(value)]
    if type(name) ~= "string" or params.name_problem(name) or not text and value ~= json.null then
      return false
    end
    list[#list + 1] = text and { name, text(value) }
  end
  return (signed_part(client, list, sig)) ~= nil
end

return proofs
