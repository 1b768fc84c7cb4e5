--- The body of an update by the documented parameters: a PUT drops what it does not name, so that
--- all that the application has goes back as the bytes that came, but for what is given
--- (docs/providers/nexmo.md 6.2). Pure.

local json = require "sms.base.json"
local plain = require "sms.base.plain"

local update = {}

local text_of = json.encode_any

--- The object that stands in a member of another, as its text.
local function nested(object, name)
  local members = json.members(object)
  for i = 1, #members, 3 do
    if members[i] == name and members[i + 2]:find "^{" then
      return members[i + 2]
    end
  end
  return "{}"
end

--- An object with some members instead of its own, or new: texts, or false for none. Its other
--- members stay where and as they are.
local function with(object, changed)
  local members, parts, found = json.members(object), {}, {}
  for i = 1, #members, 3 do
    local name, value = members[i], changed[members[i]]
    found[name] = true
    parts[#parts + 1] = value ~= false and members[i + 1] .. ":" .. (value or members[i + 2]) or nil
  end
  local new = {}
  for name, value in pairs(changed) do
    new[#new + 1] = value and not found[name] and name or nil
  end
  table.sort(new, plain.is_before)
  for _, name in ipairs(new) do
    parts[#parts + 1] = text_of(name) .. ":" .. changed[name]
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

local function hook(hooks, name, address, method)
  return with(nested(hooks, name), { address = text_of(address), http_method = text_of(method) })
end

--- The body that updates an application.
---@param current string the application as it was read, JSON
---@param params table the documented parameters
---@param extra table? members that are not declared
---@return string
function update.body(current, params, extra)
  local capabilities = nested(current, "capabilities")
  local voice = nested(capabilities, "voice")
  local hooks = nested(voice, "webhooks")
  hooks = with(hooks, {
    answer_url = hook(hooks, "answer_url", params.answer_url, params.answer_method or "GET"),
    event_url = hook(hooks, "event_url", params.event_url, params.event_method or "POST"),
  })
  local changed = {
    id = false, _links = false, application_id = false,
    name = text_of(params.name),
    keys = params.keys and text_of(params.keys),
    privacy = params.privacy and text_of(params.privacy),
    capabilities = with(capabilities, { voice = with(voice, { webhooks = hooks }) }),
  }
  for name, value in pairs(extra or {}) do
    changed[name] = text_of(value)
  end
  return with(current, changed)
end

return update
