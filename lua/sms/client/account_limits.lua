--- The limits of a client: its own, those of operations that have some beside them, and those of
--- the other open clients of its account in this process, whatever their Lua state. A call takes a
--- slot of each that lives where one of its client's own does.

local core = require "sms.core"
local described = require "sms.limits.described"
local limits = require "sms.limits"
local plain = require "sms.base.plain"

local account_limits = {}

-- By the key of the account: its open clients here with the list of limits that each has by itself,
-- the lists that are known, by their texts, and the texts that its clients keep.
local accounts = {}

local function account_of(key)
  accounts[key] = accounts[key] or { members = setmetatable({}, { __mode = "k" }),
    lists = setmetatable({}, { __mode = "v" }), kept = "" }
  return accounts[key]
end

--- What the options of a client say, those of single operations too; a rate_limit of its own
--- stands alone, unless it says nothing but where the slots are.
local function own_limits(self, given)
  local list, share = {}, self.settings.share
  local function add(all)
    for _, limit in ipairs(all) do
      list[#list + 1] = described.new(limit, self.settings)
    end
  end
  add(self.settings.limits)
  for _, operation in pairs((given.rate_limit == nil or share) and self.operations or {}) do
    for _, limit in ipairs(operation.limits or {}) do
      add { { calls = limit.calls, period = limit.period, per = limit.per, of = limit.of,
        share = limit.share or share } }
    end
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
      client.limits_of[name] = limits.new(client.key, { limits = {}, clock = client.clock },
        client.limits.warn, client.limits.look)
    end
  end
  for name, of_operation in pairs(client.limits_of) do
    of_operation:change(those_of(all, name))
  end
  client.endpoints = {} -- they know which params the limits want
end

--- The lists that the open clients of an account have in this process, as keys, and the texts.
local function lists_of(key, account)
  local lists, texts = {}, core.announced(key)
  for _, text in ipairs(texts) do
    local list = account.lists[text] or described.from_text(text)
    account.lists[text] = list
    lists[list] = true
  end
  table.sort(texts, plain.is_before)
  return lists, table.concat(texts, "\n")
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

--- Has all clients of an account here keep what its open clients in the process have now; one
--- that has just come in any case.
local function refresh_all(key, account, newcomer)
  local lists, texts = lists_of(key, account)
  for client, own in pairs(account.members) do
    if texts ~= account.kept or client == newcomer then
      refresh(client, own, lists)
    end
  end
  account.kept = texts
end

--- Clients of other Lua states have come or gone.
local function look()
  core.see_news()
  for key, account in pairs(accounts) do
    refresh_all(key, account)
  end
end

--- Makes the limits of a client, which are opened at the first call.
---@param self table the client; gets `limits`, `limits_of` and `announcement`
---@param given table its options as they were given
---@param warn fun(message: string)
---@return boolean? ok
---@return string? why
function account_limits.open(self, given, warn)
  local account, own = account_of(self.key), own_limits(self, given)
  local text = described.to_text(own)
  own = account.lists[text] or own
  account.lists[text] = own
  local warning = warning_of(own, lists_of(self.key, account))
  local announcement, why = core.announce(self.key, text)
  if not announcement then
    return nil, why
  end
  self.announcement = announcement
  self.limits, self.limits_of = limits.new(self.key, { limits = {}, clock = self.clock }, warn,
    look), {}
  account.members[self] = own
  refresh_all(self.key, account, self)
  if warning then
    warn(warning)
  end
  return true
end

--- Lets go of them.
---@param self table the client
function account_limits.close(self)
  self.limits:close()
  for _, of_operation in pairs(self.limits_of) do
    of_operation:close()
  end
  self.announcement:withdraw()
  local account = account_of(self.key)
  account.members[self] = nil
  refresh_all(self.key, account)
  if not next(account.members) then
    accounts[self.key] = nil
  end
end

return account_limits
