--- The limits of a client: its own, those of operations that have some beside them, and those of
--- the other open clients of its account. A call takes a slot of each that lives where one of its
--- client's own does.

local limits = require "sms.limits"
local plain = require "sms.base.plain"
local slots = require "sms.limits.slots"

local account_limits = {}

-- By the key of the account: its open clients with the list of limits that each has by itself, the
-- lists that there are, and whether there are several.
local accounts = {}

local function account_of(key)
  accounts[key] = accounts[key] or { members = setmetatable({}, { __mode = "k" }),
    lists = setmetatable({}, { __mode = "v" }), is_mixed = false }
  return accounts[key]
end

--- What the options of a client say, those of single operations too; a rate_limit of its own
--- stands alone.
local function own_limits(self, given)
  local list = {}
  local function add(all)
    for _, limit in ipairs(all) do
      list[#list + 1] = slots.described(limit, self.settings)
    end
  end
  add(self.settings.limits)
  for _, operation in pairs(given.rate_limit == nil and self.operations or {}) do
    add(operation.limits or {})
  end
  return list
end

local function ids_of(list)
  local ids, homes = {}, {}
  for _, limit in ipairs(list) do
    ids[limit.id], homes[limit.home] = true, true
  end
  return ids, homes
end

--- A client's own limits, and behind them those of others that live where one of these does.
local function all_limits(own, lists)
  local all, others = {}, {}
  local ids, homes = ids_of(own)
  for i, limit in ipairs(own) do
    all[i] = limit
  end
  for list in pairs(lists) do
    for _, limit in ipairs(list) do
      if homes[limit.home] and not ids[limit.id] then
        ids[limit.id] = true
        others[#others + 1] = limit
      end
    end
  end
  table.sort(others, function(a, b)
    return plain.is_before(a.id, b.id)
  end)
  for _, limit in ipairs(others) do
    all[#all + 1] = limit
  end
  return all
end

--- Those of a list that hold for calls of an operation.
local function those_of(list, name)
  local some = {}
  for _, limit in ipairs(list) do
    if limit.of == nil or limit.of == name then
      some[#some + 1] = limit
    end
  end
  return some
end

--- Gives a client what it has to keep from now on.
local function refresh(client, own, lists)
  local all = all_limits(own, lists)
  client.limits:change(those_of(all, nil))
  for _, limit in ipairs(all) do
    local name = limit.of
    if name and not client.limits_of[name] then
      client.limits_of[name] = limits.new(client.key, { limits = {} }, client.limits.warn)
    end
  end
  for name, of_operation in pairs(client.limits_of) do
    of_operation:change(those_of(all, name))
  end
  client.endpoints = {} -- they know which params the limits want
end

--- The list of an account that says the same as this one, which is the first to say it.
local function the_same(lists, list)
  local ids = {}
  for i, limit in ipairs(list) do
    ids[i] = limit.id
  end
  local name = table.concat(ids, "\n")
  lists[name] = lists[name] or list
  return lists[name]
end

--- The lists that open clients of an account have, as keys.
local function lists_of(account)
  local lists = {}
  for _, list in pairs(account.members) do
    lists[list] = true
    if not account.is_mixed then
      break -- all have the same
    end
  end
  return lists
end

--- What is said to a client that comes to others; nil: nothing.
local function warning_of(own, lists)
  local differs, has_free, has_limits = false, false, false
  for list in pairs(lists) do
    differs = differs or list ~= own
    has_free, has_limits = has_free or #list == 0, has_limits or #list > 0
  end
  if #own == 0 then
    return has_limits and "rate_limit is false, though other clients of this account have limits: "
      .. "the provider counts these calls, too" or nil
  elseif has_free then
    return "another client of this account has no limit (rate_limit is false): the provider counts "
      .. "its calls, too"
  end
  return differs and "other clients of this account have other limits: in this process calls of "
    .. "each take a slot of all that have the same share" or nil
end

--- Has all clients of a mixed account keep what its open clients have now.
local function refresh_all(account)
  local lists = lists_of(account)
  for client, own in pairs(account.members) do
    refresh(client, own, lists)
  end
  account.is_mixed = next(lists) ~= nil and next(lists, (next(lists))) ~= nil
end

--- Makes the limits of a client, which are opened at the first call.
---@param self table the client; gets `limits` and `limits_of`
---@param given table its options as they were given
---@param warn fun(message: string)
function account_limits.open(self, given, warn)
  local account = account_of(self.key)
  local own, lists = the_same(account.lists, own_limits(self, given)), lists_of(account)
  self.limits, self.limits_of = limits.new(self.key, { limits = {} }, warn), {}
  account.members[self] = own
  account.is_mixed = account.is_mixed or next(lists) ~= nil and not lists[own]
  if account.is_mixed then
    refresh_all(account)
  else
    refresh(self, own, { [own] = true })
  end
  local warning = warning_of(own, lists)
  if warning then
    warn(warning)
  end
end

--- Lets go of them.
---@param self table the client
function account_limits.close(self)
  self.limits:close()
  for _, of_operation in pairs(self.limits_of) do
    of_operation:close()
  end
  local account = account_of(self.key)
  account.members[self] = nil
  if account.is_mixed then
    refresh_all(account)
  end
  if not next(account.members) then
    accounts[self.key] = nil
  end
end

return account_limits
