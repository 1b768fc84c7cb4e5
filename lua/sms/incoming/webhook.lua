--- Webhooks: who sent them, whether they are new, what they say.
---
--- A provider declares `webhooks = { kinds, read, prove, verify, tolerance, repeated_for }`: the
--- kinds that there are; what tells a webhook's kind and fields from its parameters; what looks
--- for its proof; whether decoded parameters are signed, if its signature stands among them; for
--- how many seconds a proof counts, and for how long one webhook may come again. `prove` gets
--- the parameters as they came, `read` gets them in UTF-8 (wire/webhook_params.lua); what it
--- gives back has no lone halves of surrogate pairs but where a text is a part of a longer one.
---
--- What is authentic is read, whatever it says: no other copy of it comes.

local counts = require "sms.base.counts"
local errors = require "sms.base.errors"
local params = require "sms.wire.webhook_params"
local plain = require "sms.base.plain"

local webhook = {}

--- All is refused: nothing that a webhook says counts where there is an error.
local function refuse(client, kind, message)
  return errors.new {
    kind = kind,
    outcome = "rejected",
    message = message,
    provider = client.provider.name,
    operation = "read_webhook",
    retryable = kind == "internal",
  }
end

local function refuse_shape(client, problems)
  local err = errors.invalid(problems)
  err.outcome, err.provider, err.operation = "rejected", client.provider.name, "read_webhook"
  return err
end

local SHAPE = { method = "string", query = "string", headers = "table", body = "string" }

local function shape_problem(client, request)
  if type(request) ~= "table" then
    return refuse_shape(client,
      { { path = "", message = "a table with the request was expected" } })
  end
  local problems = {}
  for _, name in ipairs { "method", "query", "headers", "body" } do
    local value = request[name]
    if type(value) ~= SHAPE[name] and (value ~= nil or name == "method") then
      problems[#problems + 1] = { path = name, message = "must be a " .. SHAPE[name] }
    end
  end
  return problems[1] and refuse_shape(client, problems)
end

local function age_problem(client, at, now, tolerance)
  if not tolerance then
    return nil
  elseif not at then
    return refuse(client, "auth", "it has no timestamp")
  elseif math.abs(now - at) > tolerance then
    return refuse(client, "auth", ("its timestamp is %.0f s %s; the tolerance is %s s")
      :format(math.abs(now - at), at < now and "old" or "ahead",
        plain.number("%.14g", tolerance)))
  end
end

--- Asks the store; `nil, err` where it fails.
local function ask(client, store, name, ...)
  local ok, answer, why = pcall(store[name], store, ...)
  if ok and (why == nil or answer) then
    return answer or false
  end
  local text = errors.safe_text(tostring(ok and why or answer))
  return nil, refuse(client, "internal", "the nonce store failed: " .. text)
end

--- Keeps the nonce for as long as a repeat would pass the check of its age. Where somebody says
--- when the webhook is dealt with (`chosen.lease`), it is kept for that long until then: a webhook
--- whose worker died meanwhile is no replay when it comes again.
local function replay_problem(client, proof, now, chosen)
  if not proof.nonce or proof.nonce == "" then
    return refuse(client, "auth", "it has no nonce")
  end
  local seconds = client.provider.webhooks.repeated_for
  if chosen.tolerance then
    seconds = math.max(math.ceil(proof.at + chosen.tolerance - now), 0) + 1
  end
  local store, key = chosen.nonce_store, "sms:nonce:" .. proof.nonce
  local lease = store.get and store.remove and chosen.lease
  local is_done, is_new, err = false, false, nil
  if lease then
    is_done, err = ask(client, store, "get", key .. ":done")
  end
  if not is_done and not err then
    is_new, err = ask(client, store, "add", key, math.min(lease or seconds, seconds))
  end
  proof.kept = { key = key, seconds = seconds, lease = lease }
  if err then
    return err
  elseif is_done or not is_new and not lease then
    return refuse(client, "auth", "it was here before")
  end
  return not is_new and refuse(client, "internal", "it is being dealt with; it may come again")
end

--- Notes that a webhook was dealt with, or lets it come again.
---@param store table?
---@param kept table? of webhook.read
---@param is_done boolean
function webhook.settle(store, kept, is_done)
  if kept and is_done and kept.lease then
    pcall(store.add, store, kept.key .. ":done", kept.seconds)
  elseif kept and not is_done and store.remove then
    pcall(store.remove, store, kept.key)
  end
end

local function read_request(client, request, chosen, now)
  local err = shape_problem(client, request)
  if err then
    return nil, err
  end
  local declared = client.provider.webhooks
  local list, from = params.read(request)
  if not list then
    return nil, refuse(client, "protocol", from)
  end
  local proof, kind_of_error, message = declared.prove(client, request, list, from)
  if not proof then
    return nil, refuse(client, kind_of_error, message)
  elseif list.twice and not proof.of_body then -- nothing tells which of both was meant
    return nil, refuse(client, "protocol", "a parameter comes twice")
  end
  local is_signed = proof.list ~= nil
  local wrong = is_signed and age_problem(client, proof.at, now, chosen.tolerance)
  if wrong then
    return nil, wrong
  end
  local kind, fields = declared.read(params.cleaned(proof.list or list))
  if not kind then
    return nil, refuse(client, "protocol", fields)
  end
  wrong = is_signed and chosen.nonce_store and replay_problem(client, proof, now, chosen)
  if wrong then
    return nil, wrong
  end
  return { kind = kind, signed = is_signed, fields = fields }, nil, proof.kept
end

--- Counts what became of a webhook.
---@param client table
---@param result string "accepted", "failed" or "refused"
---@param kind string of the webhook, or of the error
function webhook.count(client, result, kind)
  counts.add("sms_webhooks_total", client.provider.name, result, kind)
end

--- Reads a webhook; one that is refused is counted.
---@param client table
---@param request { method: string, query: string?, headers: table?, body: string? } raw
---@param chosen table of webhook.options
---@param now integer seconds since 1970
---@return { kind: string, signed: boolean, fields: table }? read
---@return table? err
---@return table? kept what webhook.settle takes
function webhook.read(client, request, chosen, now)
  local read, err, kept = read_request(client, request, chosen, now)
  if not read then
    webhook.count(client, "refused", err.kind)
  end
  return read, err, kept
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
---@param client table
---@param given table?
---@return { tolerance: number|false, nonce_store: table? }? chosen
---@return string? message
function webhook.options(client, given)
  if given ~= nil and type(given) ~= "table" then
    return nil, "options: must be a table"
  end
  local chosen = { tolerance = client.provider.webhooks.tolerance }
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

local function check_open(client)
  if client.closed then
    error("this client is closed", 3)
  end
end

local methods = {}

--- Reads a webhook from its raw request.
function methods:read_webhook(request, given)
  check_open(self)
  local chosen, message = webhook.options(self, given)
  if not chosen then
    error(message, 2)
  end
  local read, err = webhook.read(self, request, chosen, os.time() + self.clock.ahead)
  if read then
    webhook.count(self, "accepted", read.kind)
  end
  return read, err
end

--- Whether decoded parameters of a webhook are signed; nothing else is looked at.
function methods:verify_signature(given)
  check_open(self)
  return self.provider.webhooks.verify(self, given)
end

--- What the clients of a provider have beside its operations.
---@param provider table
---@return table<string, function>
function webhook.methods(provider)
  local declared = provider.webhooks
  return {
    read_webhook = declared and methods.read_webhook,
    verify_signature = declared and declared.verify and methods.verify_signature,
  }
end

return webhook
