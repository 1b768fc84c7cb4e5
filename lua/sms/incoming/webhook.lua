--- Webhooks of Nexmo (nexmo.md 8 and 9): who sent them, whether they are new, what they say.

local errors = require "sms.base.errors"
local json = require "sms.base.json"
local kinds = require "sms.providers.nexmo.webhooks.kinds"
local params = require "sms.wire.webhook_params"
local proofs = require "sms.providers.nexmo.webhooks.proofs"

local webhook = {}

local TOLERANCE = 300 -- seconds: nexmo.md section 8
local LONGEST_RETRIES = 72 * 3600 -- seconds for which the provider may send one again

--- All is refused: nothing that a webhook says counts where there is an error.
local function refuse(kind, message)
  return errors.new {
    kind = kind,
    outcome = "rejected",
    message = message,
    provider = "nexmo",
    operation = "read_webhook",
    retryable = kind == "internal",
  }
end

local function refuse_shape(problems)
  local err = errors.invalid(problems)
  err.outcome, err.provider, err.operation = "rejected", "nexmo", "read_webhook"
  return err
end

local SHAPE = { method = "string", query = "string", headers = "table", body = "string" }

local function shape_problem(request)
  if type(request) ~= "table" then
    return refuse_shape { { path = "", message = "a table with the request was expected" } }
  end
  local problems = {}
  for _, name in ipairs { "method", "query", "headers", "body" } do
    local value = request[name]
    if type(value) ~= SHAPE[name] and (value ~= nil or name == "method") then
      problems[#problems + 1] = { path = name, message = "must be a " .. SHAPE[name] }
    end
  end
  return problems[1] and refuse_shape(problems)
end

local function age_problem(at, now, tolerance)
  if not tolerance then
    return nil
  elseif not at then
    return refuse("auth", "it has no timestamp")
  elseif math.abs(now - at) > tolerance then
    return refuse("auth", ("its timestamp is %.0f s %s; the tolerance is %.14g s")
      :format(math.abs(now - at), at < now and "old" or "ahead", tolerance))
  end
end

--- Keeps the nonce for as long as a repeat would pass the check of its age.
local function replay_problem(proof, now, chosen)
  if not proof.nonce or proof.nonce == "" then
    return refuse("auth", "it has no nonce")
  end
  local seconds = LONGEST_RETRIES
  if chosen.tolerance then
    seconds = math.max(math.ceil(proof.at + chosen.tolerance - now), 0) + 1
  end
  proof.key = "sms:nonce:" .. proof.nonce
  local store = chosen.nonce_store
  local ok, is_new, why = pcall(store.add, store, proof.key, seconds)
  if not ok or why ~= nil and not is_new then
    local text = errors.safe_text(tostring(ok and why or is_new))
    return refuse("internal", "the nonce store failed: " .. text)
  elseif not is_new then
    return refuse("auth", "it was here before")
  end
end

--- Reads a webhook.
---@param client table
---@param request { method: string, query: string?, headers: table?, body: string? } raw
---@param chosen table of webhook.options
---@param now integer seconds since 1970
---@return { kind: string, signed: boolean, fields: table }? read
---@return table? err
---@return string? key under which the nonce is kept
function webhook.read(client, request, chosen, now)
  local err = shape_problem(request)
  if err then
    return nil, err
  end
  local list, from = params.read(request)
  if not list then
    return nil, refuse("protocol", from)
  end
  local proof, kind_of_error, message = proofs.of(client, request, list, from)
  if not proof then
    return nil, refuse(kind_of_error, message)
  end
  local is_signed = proof.list ~= nil
  local wrong = is_signed and age_problem(proof.at, now, chosen.tolerance)
  if wrong then
    return nil, wrong
  end
  local kind, fields = kinds.read(proof.list or list)
  if not kind then
    return nil, refuse("protocol", fields)
  end
  wrong = is_signed and chosen.nonce_store and replay_problem(proof, now, chosen)
  if wrong then
    return nil, wrong
  end
  return { kind = kind, signed = is_signed, fields = fields }, nil, proof.key
end

local function store_problem(store)
  if type(store) ~= "table" and type(store) ~= "userdata" then
    return "nonce_store: must be an object with the function add"
  elseif store.safe_add and not store.update then -- its own `add` takes a value and no time
    return "nonce_store: a dictionary of nginx must be wrapped: sms.stores.shared(dictionary)"
  elseif type(store.add) ~= "function" then
    return "nonce_store: must be an object with the function add"
  end
end

--- Reads the options of read_webhook.
---@param given table?
---@return { tolerance: number|false, nonce_store: table? }? chosen
---@return string? message
function webhook.options(given)
  if given ~= nil and type(given) ~= "table" then
    return nil, "options: must be a table"
  end
  local chosen = { tolerance = TOLERANCE }
  for name, value in pairs(given or {}) do
    if name == "tolerance" then
      if value ~= false and not (type(value) == "number" and value >= 0 and value < 1e9) then
        return nil, "tolerance: must be seconds, or false"
      end
    elseif name ~= "nonce_store" then
      return nil, ("options: '%s' is not known"):format(tostring(name))
    elseif store_problem(value) then
      return nil, store_problem(value)
    end
    chosen[name] = value
  end
  return chosen
end

local TEXTS = { string = tostring, boolean = tostring, number = json.number_text }

--- Whether decoded parameters have the signature that they should; nothing else is looked at.
---@param client table
---@param given table
---@return boolean
function webhook.verify_signature(client, given)
  if type(given) ~= "table" or type(given.sig) ~= "string" then
    return false
  end
  local list = {}
  for name, value in pairs(given) do
    local text = TEXTS[type(value)]
    if type(name) ~= "string" or params.name_problem(name) or not text and value ~= json.null then
      return false
    end
    list[#list + 1] = text and { name, text(value) }
  end
  return (proofs.signed_part(client, list, given.sig)) ~= nil
end

--- What a client of a provider that signs webhooks has beside its operations.
webhook.methods = {}

local function check_open(client)
  if client.closed then
    error("this client is closed", 3)
  end
end

--- Reads a webhook from its raw request.
function webhook.methods:read_webhook(request, given)
  check_open(self)
  local chosen, message = webhook.options(given)
  if not chosen then
    error(message, 2)
  end
  local read, err = webhook.read(self, request, chosen, os.time())
  return read, err
end

--- Whether decoded parameters of a webhook are signed.
function webhook.methods:verify_signature(given)
  check_open(self)
  return webhook.verify_signature(self, given)
end

return webhook
