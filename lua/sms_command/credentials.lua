--- The file with credentials: `NAME=value` lines with the names that the environment has.
---
---   # ~/.config/sms/credentials, which only its owner may read
---   NEXMO_API_KEY=abcd1234
---   NEXMO_API_SECRET="…"
---
--- What the environment has counts before it. With SMS_SANDBOX it is not read: real credentials
--- have no business there.

local near = require "sms_command.near"
local places = require "sms_command.places"

local credentials = {}

-- By provider, in the environment's names, the option of a client that each stands for.
credentials.NAMES = {
  nexmo = {
    NEXMO_API_KEY = "api_key", NEXMO_API_SECRET = "api_secret",
    NEXMO_SIGNATURE_SECRET = "signature_secret", NEXMO_SIGNATURE_METHOD = "signature_method",
    NEXMO_APPLICATION_ID = "application_id", NEXMO_PRIVATE_KEY = "private_key",
    NEXMO_BASE_URL = "base_url",
  },
  retarus = {
    RETARUS_USERNAME = "username", RETARUS_PASSWORD = "password",
    RETARUS_BASE_URL = "base_url",
  },
}

-- What stands for each provider's being there.
credentials.IDENTITY = { nexmo = "NEXMO_API_KEY", retarus = "RETARUS_USERNAME" }

local NOT_THERE, NO_FOLDER = 2, 20 -- errno of what is no error: ENOENT, ENOTDIR

-- What is no provider's: Redis, and what params in an outbox are sealed with.
local OTHERS = { SMS_PROVIDER = "plain", SMS_REDIS = "plain", SMS_REDIS_USERNAME = "plain",
  SMS_REDIS_PASSWORD = "secret", SMS_OUTBOX_SEAL = "secret", SMS_OUTBOX_SEAL_OLD = "secret" }

local function known_names()
  local list = {}
  for name in pairs(OTHERS) do
    list[#list + 1] = name
  end
  for _, names in pairs(credentials.NAMES) do
    for name in pairs(names) do
      list[#list + 1] = name
    end
  end
  table.sort(list)
  return list
end

local function is_of_provider(name)
  return (credentials.NAMES.nexmo[name] or credentials.NAMES.retarus[name]) ~= nil
end

--- Whether a value of that name has no business among the arguments.
---@param name string
---@return boolean
function credentials.is_secret(name)
  return is_of_provider(name) or OTHERS[name] == "secret"
end

--- Name and value of a line; nil for one that says nothing; nil and what is wrong.
local function read_line(line)
  line = line:gsub("\r$", "")
  if line:find "^%s*#" or line:find "^%s*$" then
    return nil
  end
  local name, value = line:gsub("^%s*export%s+", ""):match "^%s*([%w_]+)%s*=%s*(.-)%s*$"
  if not name then
    return nil, nil, "is not NAME=value"
  elseif not is_of_provider(name) and not OTHERS[name] then
    local meant = near.hint(name, known_names())
    return nil, nil, ("%s is not a name that is known here%s"):format(name, meant)
  end
  return name, value:match '^"(.*)"$' or value:match "^'(.*)'$" or value
end

--- All values of a text; nil and what is wrong.
local function values_of(text, path)
  local values, count = {}, 0
  for line in (text .. "\n"):gmatch "(.-)\n" do
    count = count + 1
    local name, value, why = read_line(line)
    if why then
      return nil, ("%s, line %d: %s"):format(path, count, why)
    elseif name and value ~= "" then
      values[name] = value
    end
  end
  return values
end

--- What the file has.
---@param path string? left out: the user's own
---@return table<string, string>? values none where there is no file; nil where it is no good
---@return string? why
function credentials.read(path)
  path = path or places.credentials()
  if not path then
    return {}
  end
  local file, message, code = io.open(path, "rb")
  if not file then
    if code == NOT_THERE or code == NO_FOLDER then
      return {}
    end
    return nil, message
  end
  local text, why = file:read "*a"
  file:close()
  if places.is_open_to_others(path) then
    return nil, ("%s may be read by others: chmod 600 %s"):format(path, places.quoted(path))
  elseif not text then
    return nil, ("%s: %s"):format(path, why)
  end
  return values_of(text, path)
end

--- A value of the environment, or else of the file.
---@param values table<string, string> of the file
---@param name string
---@return string?
function credentials.value(values, name)
  local own = os.getenv(name)
  return own ~= nil and own ~= "" and own or values[name]
end

--- The options of a client that the file gives and the environment does not.
---@param values table<string, string> of the file
---@param provider string
---@return table<string, string>
function credentials.options(values, provider)
  local options = {}
  for name, option in pairs(credentials.NAMES[provider]) do
    if (os.getenv(name) or "") == "" then
      options[option] = values[name]
    end
  end
  return options
end

--- The folder of the sandbox that takes the place of the providers; nil: none does.
---@return string?
function credentials.sandbox()
  local folder = os.getenv "SMS_SANDBOX"
  return folder ~= "" and folder or nil
end

--- The providers that there are credentials for, in order.
---@param values table<string, string> of the file
---@return string[]
function credentials.providers(values)
  local list = {}
  for _, provider in ipairs { "nexmo", "retarus" } do
    if credentials.sandbox() or credentials.value(values, credentials.IDENTITY[provider]) then
      list[#list + 1] = provider
    end
  end
  return list
end

return credentials
