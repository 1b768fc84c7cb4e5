--- The records of messages in a store: each part has one, of its receipts, and of the parts beside
--- it, where `sent` has told of them.

local registry = require "sms.base.registry"
local states = require "sms.incoming.states"

local messages = {}

--- The key of the record of a part.
---@param id string
---@return string
function messages.key(id)
  return "sms:message:" .. id
end

--- The parts that were sent: id, or the code where the provider refused one. Nil where no id is
--- known.
---@param result any
---@return { id: string?, code: string? }[]?
function messages.parts(result)
  for _, declared in ipairs(registry.collect("webhooks", "receipt")) do
    local parts = type(result) == "table" and declared.parts(result) or {}
    for _, part in ipairs(parts) do
      if part.id then
        return parts
      end
    end
  end
end

--- The state of the message that these parts are of.
---@param store table
---@param parts { id: string?, code: string? }[]
---@param known table<string, table>? records of parts that need not be asked for
---@return table? state
---@return string? why the store failed
function messages.state(store, parts, known)
  local list = {}
  for i, part in ipairs(parts) do
    local record, why = known and known[part.id], nil
    if part.id and not record then
      record, why = store:get(messages.key(part.id))
    end
    if why then
      return nil, why
    end
    list[i] = part.id and states.of_part(part.id, record) or { status = "refused",
      code = part.code, final = true, doubtful = false, conflicts = {} }
  end
  return states.of_message(list)
end

--- The state of a message with the fields of the receipt that makes it; nil: none has come.
local function with_receipt(state)
  local chosen
  for i = #state.parts, 1, -1 do
    local part = state.parts[i]
    if part.receipt and (not chosen or part.status == state.status) then
      chosen = part.receipt
    end
  end
  for name, value in pairs(chosen or {}) do
    if state[name] == nil then
      state[name] = value
    end
  end
  return chosen and state
end

--- What the receipts say of the message of a result, though nobody has told of it by `sent`.
---@param store table with `get`
---@param result any
---@return table? state as of sms.receipts, with the fields of the receipt that makes it; nil where
---  none has come, or it is no result of a message
---@return string? why the store failed
function messages.of(store, result)
  local parts = messages.parts(result)
  if not parts then
    return nil
  end
  local state, why = messages.state(store, parts)
  return state and with_receipt(state), why
end

--- A receipt that does not tell whom it is about.
---@param receipt table
---@return table
function messages.bare(receipt)
  local copy = {}
  for name, value in pairs(receipt) do
    copy[name] = value
  end
  for _, declared in ipairs(registry.collect("webhooks", "receipt")) do
    for _, name in ipairs(declared.private) do
      copy[name] = nil
    end
  end
  return copy
end

local function bare_record(old)
  local list = {}
  for i, receipt in ipairs(old and old.receipts or {}) do
    list[i] = messages.bare(receipt)
  end
  return { parts = old and old.parts, receipts = list, bare = true }
end

--- Forgets whom the receipts of the message of a result are about, also of those to come.
---@param store table with `update`
---@param result any
---@return string? why the store failed
function messages.forget(store, result)
  local why
  for _, part in ipairs(messages.parts(result) or {}) do
    if part.id and not why then
      why = select(2, store:update(messages.key(part.id), bare_record))
    end
  end
  return why
end

return messages
