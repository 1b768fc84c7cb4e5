-- What an application of version 2 may contain.

local check = {}

local GET_OR_POST = { GET = true, POST = true }
local POST_ONLY = { POST = true }

-- capability -> webhook -> allowed methods and longest socket timeout
local webhooks = {
  voice = {
    answer_url = { GET_OR_POST, 5000 },
    fallback_answer_url = { GET_OR_POST, 5000 },
    event_url = { GET_OR_POST, 10000 },
  },
  messages = { inbound_url = { POST_ONLY, 10000 }, status_url = { POST_ONLY, 10000 } },
  rtc = { event_url = { GET_OR_POST, 10000 } },
  verify = { status_url = { POST_ONLY, 10000 } },
  vbc = {},
}

local regions = {
  ["na-east"] = true, ["na-west"] = true, ["eu-east"] = true, ["eu-west"] = true,
  ["apac-sng"] = true, ["apac-australia"] = true,
}

local function is_integer(lowest, highest)
  return function(value)
    return type(value) == "number" and value % 1 == 0 and value >= lowest and value <= highest,
      ("must be between %d and %d"):format(lowest, highest)
  end
end

local function is_boolean(value)
  return type(value) == "boolean", "must be a boolean"
end

local plain = {
  signed_callbacks = is_boolean,
  conversations_ttl = is_integer(1, 9000),
  leg_persistence_time = is_integer(1, 31),
  region = function(value) return regions[value] == true, "must be a region" end,
  version = function(value) return value == "v1" or value == "v0.1", "must be v1 or v0.1" end,
}

local function add(problems, name, reason)
  problems[#problems + 1] = { name = name, reason = reason }
end

--- Whether a value is an http(s) URL.
function check.is_url(value)
  return type(value) == "string" and value:find "^https?://[!-~]+$" ~= nil
end

local function try(problems, record, name, where, test)
  if record[name] == nil then return end
  local ok, reason = test(record[name])
  if not ok then add(problems, where .. "." .. name, reason) end
end

local function check_webhook(problems, hook, rule, where)
  if type(hook) ~= "table" then return add(problems, where, "must be an object") end
  if not check.is_url(hook.address) then
    add(problems, where .. ".address", "must be a valid URL")
  end
  try(problems, hook, "http_method", where, function(value)
    return rule[1][value] == true,
      "must be one of: " .. (rule[1] == POST_ONLY and "POST" or "GET, POST")
  end)
  for _, name in ipairs { "connect_timeout", "connection_timeout" } do
    try(problems, hook, name, where, is_integer(300, 1000))
  end
  try(problems, hook, "socket_timeout", where, is_integer(1000, rule[2]))
end

local function check_capability(problems, name, capability)
  local rules, where = webhooks[name], "capabilities." .. name
  if type(capability) ~= "table" then return add(problems, where, "must be an object") end
  if not rules then return nil end -- later capabilities pass
  local hooks = capability.webhooks or {}
  if type(hooks) ~= "table" then return add(problems, where .. ".webhooks", "must be an object") end
  for hook_name, hook in pairs(hooks) do
    local path = where .. ".webhooks." .. hook_name
    if rules[hook_name] then
      check_webhook(problems, hook, rules[hook_name], path)
    else
      add(problems, path, "is not known")
    end
  end
  for field, test in pairs(plain) do try(problems, capability, field, where, test) end
  return nil
end

local function check_keys(problems, keys)
  if keys == nil then return nil end
  if type(keys) ~= "table" then return add(problems, "keys", "must be an object") end
  local key = keys.public_key
  if key ~= nil and not (type(key) == "string" and key:find("BEGIN PUBLIC KEY", 1, true)) then
    add(problems, "keys.public_key", "must be a public key in PEM format")
  end
  return nil
end

--- The problems of a posted application; `body` is its text.
function check.problems(posted, body)
  local problems = {}
  if type(posted.name) ~= "string" or posted.name == "" then
    add(problems, "name", "is required")
  end
  check_keys(problems, posted.keys)
  local capabilities = posted.capabilities
  if capabilities ~= nil and (type(capabilities) ~= "table" or #capabilities > 0) then
    add(problems, "capabilities", "must be an object")
  else
    for name, capability in pairs(capabilities or {}) do
      check_capability(problems, name, capability)
    end
  end
  if body:find '"vbc"%s*:%s*%[' then add(problems, "capabilities.vbc", "must be an object") end
  local privacy = posted.privacy
  if privacy ~= nil and (type(privacy) ~= "table" or type(privacy.improve_ai) ~= "boolean") then
    add(problems, "privacy.improve_ai", "must be a boolean")
  end
  return problems
end

return check
