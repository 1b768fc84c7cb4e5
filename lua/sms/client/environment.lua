--- What stands in the environment for client options that are left out: a provider's variables,
--- or, where SMS_SANDBOX names the folder of a sandbox, what `sandbox/start` wrote there. Then the
--- provider's variables are not read at all: no test is sent, or paid for, by a real account.

local environment = {}

local ngx = ngx -- luacheck: ignore

local FILE = "environment" -- of a sandbox's folder: NAME=value lines

--- The folder of the sandbox that takes the providers' place; nil: none does.
---@return string?
function environment.sandbox()
  local folder = os.getenv "SMS_SANDBOX"
  return folder ~= "" and folder or nil
end

--- The variables that a sandbox wrote.
---@return table<string, string>? variables nil where there are none
---@return string? message
local function read_sandbox(folder)
  local file, why = io.open(folder .. "/" .. FILE, "rb")
  local text
  if file then
    text, why = file:read "*a"
    file:close()
  end
  if not text then
    return nil, ("SMS_SANDBOX: no sandbox runs in '%s' that can be used here (%s): start one with "
      .. "'sandbox/start %s' or 'sms sandbox --dir %s', or unset SMS_SANDBOX"):format(folder, why,
      folder, folder)
  end
  local variables = {}
  for name, value in text:gmatch "([A-Z_]+)=([^\n]+)\n" do
    variables[name] = value
  end
  return variables
end

--- The hosts of a provider that options give no URL for.
local function hosts_left(provider, given)
  local hosts, left = type(given.hosts) == "table" and given.hosts or {}, {}
  for name in pairs(given.base_url == nil and provider.hosts or {}) do
    left[name] = hosts[name] == nil or nil
  end
  return left
end

--- What a client of a box of sms.testing has: all that it needs is given, wherever its spec runs.
local function complete_of_box(provider, given)
  local all, rehearses = {}, {}
  for name, value in pairs(given) do
    all[name] = value
  end
  for name in pairs(provider.hosts) do
    rehearses[name] = true
  end
  return all, {}, rehearses
end

--- Fills in what options a client is not given.
---@param provider table
---@param given table
---@return table? all the options; nil: SMS_SANDBOX names no sandbox that can be used
---@return table<string, string>|string used the variables that were used, by option; or what is
--- wrong
---@return table<string, boolean>? rehearses the hosts that are a sandbox's
function environment.complete(provider, given)
  if given.clock ~= nil then
    return complete_of_box(provider, given)
  end
  local folder, get, message = environment.sandbox(), os.getenv, nil
  if folder then
    local variables
    variables, message = read_sandbox(folder)
    function get(name)
      return variables[name]
    end
  end
  if message then
    return nil, message
  end
  local all, used = {}, {}
  for name, value in pairs(given) do
    all[name] = value
  end
  for name, variable in pairs(provider.environment) do
    local value = all[name] == nil and get(variable) or ""
    if value ~= "" then
      all[name], used[name] = value, variable
    end
  end
  local rehearses = folder and hosts_left(provider, given) or {}
  if next(rehearses) and all.base_url == nil then
    return nil, ("SMS_SANDBOX: the sandbox in '%s' has no URL for %s: give base_url, or unset "
      .. "SMS_SANDBOX"):format(folder, provider.name)
  end
  return all, used, rehearses
end

--- Where a variable that is missing may be set, in words.
---@param variable string
---@return string
function environment.remedy(variable)
  local folder = environment.sandbox()
  if folder then
    return ("give it; the sandbox in '%s', which SMS_SANDBOX names, has no %s, and the environment "
      .. "is not asked then"):format(folder, variable)
  end
  return ("give it, or set %s in the environment (in nginx with 'env %s;'%s)")
    :format(variable, variable, ngx and ", or for a sandbox 'env SMS_SANDBOX;'" or "")
end

return environment
