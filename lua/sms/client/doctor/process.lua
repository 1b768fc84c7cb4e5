--- What is set up in this process, and what is wrong with it: the checks of sms.doctor. Nothing is
--- sent or asked.

local alike = require "sms.client.doctor.alike"
local core = require "sms.core"
local counters = require "sms.call.counters"
local environment = require "sms.client.environment"
local free = require "sms.client.doctor.free"
local given = require "sms.client.doctor.given"
local plain = require "sms.base.plain"
local registry = require "sms.base.registry"
local slots_of = require "sms.limits.slots"
local slots_place = require "sms.client.slots_place"

local process = {}

local function sorted(set)
  local list = {}
  for name in pairs(set) do
    list[#list + 1] = name
  end
  table.sort(list, plain.is_before)
  return list
end

--- A check that tells how things are where nothing is wrong.
local function telling(check, tell)
  return function()
    local message, is_fine = check()
    if message then
      return message, is_fine
    end
    return tell(), true
  end
end

local function library()
  return ("version %s, in %s"):format(core.version, rawget(_G, "jit") and rawget(_G, "jit").version
    or _VERSION), true
end

local function clients_of(provider)
  local count = 0
  for client in pairs(counters.clients) do
    count = client.provider == provider and count + 1 or count
  end
  return count
end

--- Where the credentials of a provider come from, or what is wrong with them.
local function credentials_of(provider)
  local made, open = given.to(provider), clients_of(provider)
  local folder, names = environment.sandbox(), table.concat(made.variables, ", ")
  local says = open > 0 and ("%d open client%s"):format(open, open == 1 and "" or "s")
  if open == 0 and not folder and names == "" then
    return "not used: no client, and no credentials in the environment", true
  elseif made.message then
    return says or made.message, says ~= false
  end
  says = (says and says .. "; " or "") .. "credentials "
    .. (folder and ("of the sandbox in '%s'"):format(folder) or "in the environment: " .. names)
  if made.half then
    return ("%s; %s is of no use without %s"):format(says, made.half.variable,
      made.half.missing), true
  end
  return says, true
end

--- Adds the URLs of a provider that are not its own, as keys, and which of its hosts they are.
local function add_others(others, provider, urls)
  for host, url in pairs(urls or {}) do
    if url ~= provider.hosts[host] then
      local name = provider.name .. " " .. url
      others[name] = others[name] or {}
      others[name][host] = true
    end
  end
end

local function hosts()
  local others = {}
  for client in pairs(counters.clients) do
    add_others(others, client.provider, client.settings.urls)
  end
  for _, provider in ipairs(registry.list()) do
    add_others(others, provider, given.to(provider).urls)
  end
  local lines = sorted(others)
  for i, name in ipairs(lines) do
    lines[i] = ("%s (%s)"):format(name, table.concat(sorted(others[name]), ", "))
  end
  return lines[1] and "not the providers' own: " .. table.concat(lines, "; ")
    or "the providers' own", true
end

-- What is no folder, by where slots are.
local ELSEWHERE = { process = "in each process for itself", redis = "in Redis" }

--- Where slots are, or would be with share = "machine", and whether they can be.
local function slots()
  local problem = free.first(alike.slots_problem, true)
  local places = free.places()
  local user, words, lasts = slots_place.user() or "?", {}, nil
  if places[true] or not next(places) then
    places[slots_place.folder()], places[true] = true, nil
    lasts = slots_place.cannot_last()
  end
  for _, place in ipairs(problem and {} or sorted(places)) do
    local why = not ELSEWHERE[place] and slots_place.cannot_write(place)
    words[#words + 1] = ELSEWHERE[place] or ("in %s, which user %s can write to")
      :format(place, user)
    problem = problem or why and ("user %s cannot keep slots: %s%s"):format(user, why,
      slots_of.INSTEAD)
  end
  if problem then
    return problem
  end
  return table.concat(words, "; ") .. (lasts and "; but " .. lasts or ""), true
end

--- All of them; what there is of providers and of clients is looked at when they run.
---@return { [1]: string, [2]: fun(): string?, boolean? }[] checks see sms.client.doctor
function process.checks()
  local checks = {
    { "library", library },
    { "libcurl", telling(alike.libcurl, function()
      return core.libcurl().version
    end) },
    { "tls", telling(alike.tls, function()
      return core.libcurl().tls
    end) },
    { "driver", alike.driver },
    { "environment", alike.environment },
  }
  for _, provider in ipairs(registry.list()) do
    checks[#checks + 1] = { provider.name, function()
      return credentials_of(provider)
    end }
  end
  for _, check in ipairs {
    { "hosts", hosts },
    { "slots", slots },
    { "ca", telling(alike.ca, function()
      local files = table.concat(sorted(alike.ca_files()), " and ")
      return files ~= "" and files or "no client needs one"
    end) },
    { "clock", alike.clock },
    { "warnings", alike.warnings },
  } do
    checks[#checks + 1] = check
  end
  return checks
end

return process
