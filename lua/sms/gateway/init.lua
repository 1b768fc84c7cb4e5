--- One message, several providers: asks one after the other until one has taken it.
---
---   local gateway = sms.gateway { sms.nexmo(), sms.retarus() }
---   local sent, err = gateway:send { from = "Acme", to = "+447700900000", text = "Hello" }
---
--- The next is asked only where it is certain that the one before did not take the message, and
--- where the reason is its own: never after an outcome that is `ambiguous` or `accepted`, nor for
--- what is wrong with the number or the text.

local core = require "sms.core"
local errors = require "sms.base.errors"
local misuse = require "sms.base.misuse"
local schema = require "sms.schema"
local setup = require "sms.gateway.setup"

local gateway = {}

local SHORTEST = 0.001 -- seconds that are worth another provider

local MESSAGE = { type = "record", fields = {
  { "from", type = "string", required = true, format = "any_sender",
    says_number = "must be a string: write it in quotes" },
  { "to", type = "string", required = true, format = "e164",
    says_number = "must be a string: write it in quotes" },
  { "text", type = "string", required = true, min_length = 1, multiline = true },
  { "ref", type = "string", reference = true, min_length = 1, max_length = 70 }, -- what all take
} }

-- HTTP statuses of a refusal that lies in the account or the address: no other provider
-- shares it. Not so a 409, for which the same is there already.
local OWN_STATUSES = { [401] = true, [402] = true, [403] = true, [404] = true, [405] = true,
  [406] = true, [407] = true, [410] = true, [415] = true }

--- Whether nothing was exceeded but what this provider allows.
local function is_own_limit(form, err)
  for _, problem in ipairs(err.problems) do
    if not form.own_limits[problem.path] then
      return false
    end
  end
  return true
end

--- Whether another provider may be asked after an error.
---@param form table of the provider that failed: `own_limits`, `is_own_refusal`
---@param err table
---@return boolean
local function may_ask_another(form, err)
  if err.outcome == "not_sent" then
    return err.kind ~= "invalid" or is_own_limit(form, err)
  elseif err.outcome ~= "rejected" then
    return false
  end
  return OWN_STATUSES[err.status] or form.is_own_refusal(err)
end

local function invalid(problems)
  local err = errors.invalid(problems)
  err.provider, err.operation, err.attempts = "gateway", "send", {}
  return err
end

--- The error of a message that nobody has taken for certain: what the last one said, and all
--- of them in `attempts`. It is the accounts' only where no client is left that takes messages.
local function failure_of(attempts, clients)
  local last, says, is_retryable, refused = attempts[#attempts], {}, false, 0
  for i, err in ipairs(attempts) do
    says[i] = err.provider .. ": " .. err.message
    is_retryable = is_retryable or err.retryable
    refused = refused + (err.account and 1 or 0)
  end
  local is_certain = last.outcome == "not_sent" or last.outcome == "rejected"
  return errors.new {
    kind = last.kind, outcome = last.outcome, status = last.status, code = last.code,
    problems = last.problems, result = last.result, retry_after = last.retry_after,
    retryable = is_certain and is_retryable, message = table.concat(says, "; "),
    account = refused == #clients or nil,
    provider = "gateway", operation = "send", attempts = attempts,
  }
end

--- Asks one provider, which has its own deadline, or what is left of all.
local function ask(self, client, message, measured, given, left)
  local form = client.provider.message
  if client.closed then -- while another one was asked
    return nil, errors.new { kind = "cancelled", outcome = "not_sent", operation = form.operation,
      provider = client.provider.name, message = "the client was closed before it was sent" }
  end
  local params = form.params(message, self.own[client.provider.name], measured)
  local result, err = client[form.operation](client, params, {
    timeout = given.timeout, max_wait = given.max_wait, retry = given.retry,
    deadline = math.min(client.settings.deadline or left, left),
  })
  if not result then
    return nil, err
  end
  local ids, parts = form.ids(result, measured)
  return { provider = client.provider.name, client = client, id = ids[1], ids = ids,
    parts = parts, ref = message.ref, result = result }
end

--- The time by the clock of the first client.
local function now_of(self)
  return core.now() + self.clients[1].clock.ahead
end

--- Asks one after the other.
local function ask_all(self, clients, message, given, ends_at)
  local encoding, _, parts = core.measure(message.text)
  local measured, attempts = { encoding = encoding, parts = parts }, {}
  for i, client in ipairs(clients) do
    local left = ends_at - now_of(self)
    if i > 1 and left < SHORTEST then
      break
    end
    local sent, err = ask(self, client, message, measured, given, math.max(left, SHORTEST))
    if sent then
      sent.attempts = attempts
      return sent
    end
    attempts[i] = err
    if not may_ask_another(client.provider.message, err) then
      break
    end
  end
  return nil, failure_of(attempts, self.clients)
end

local Gateway = {}

--- Sends a message through the first provider that takes it.
---@param params { from: string, to: string, text: string, ref: string? }
---@param given { timeout: number?, deadline: number?, max_wait: number?, retry: table|false|nil }?
---@return table? sent provider, client, id, ids, parts, ref, result, attempts
---@return table? err with `attempts`: the error of each provider that was asked
function Gateway:send(params, given)
  local read, wrong = setup.options_of(self, given == nil and {} or given)
  if not read then
    error(wrong, 2)
  end
  local ends_at = now_of(self) + (read.deadline or self.deadline)
  local message, problems = schema.check(MESSAGE, params == nil and {} or params)
  if problems[1] then
    return nil, invalid(problems)
  end
  local clients, problem = setup.clients_for(self, message)
  if not clients then
    error(problem, 2)
  elseif not clients[1] then
    return nil, invalid { { path = "order", message = "names no provider for this message" } }
  end
  return ask_all(self, clients, message, read, ends_at)
end

misuse.guard(Gateway, "gateway")

--- Makes a gateway of clients, which stay the caller's.
---@param given table clients in the order in which they are asked; `order`, a function of the
---  message that gives those to ask for it, in order, or nil for all; `deadline`, seconds for all
---  together; `nexmo`, `retarus`: further parameters, or options of the job, of each message
---@return table
function gateway.new(given)
  local self, message = setup.read(given)
  if not self then
    error("sms.gateway: " .. message, 2)
  end
  return setmetatable(self, { __name = "sms.gateway", __index = Gateway })
end

return gateway
