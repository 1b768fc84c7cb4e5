--- sms doctor: what is set up here, and what is wrong with it. Nothing is sent or asked.

local credentials = require "sms_command.credentials"
local places = require "sms_command.places"
local sms = require "sms"

local doctor = {
  name = "doctor",
  flags = { json = true },
  summary = "Tell what is set up here, and what is wrong with it.",
  description = "Tells what is set up here, and what is wrong with it. Nothing is sent; "
    .. "'sms check' asks the providers.",
}

function doctor.declare() end

local PAGE = ("\0"):rep(4096) -- on a full disk there is no room for one

-- What credentials in a file change is looked at here, and not by sms.doctor.
local OWN = { environment = true, nexmo = true, retarus = true }

-- Each: a name, and a function that returns whether it is in order, and words.
local CHECKS = {
  { "credentials", function()
    local path = places.credentials()
    local values, why = credentials.read(path)
    local there = values and credentials.providers(values)
    if not values then
      return false, why
    elseif credentials.sandbox() then
      return true, "of the sandbox in " .. credentials.sandbox()
    elseif not there[1] then
      return false, ("none in the environment or in %s"):format(path
        or "a file, since HOME names no folder")
    end
    return true, "for " .. table.concat(there, " and ")
  end },
  { "state", function()
    local path = places.state()
    if not path then
      return false,
        "--key and campaigns have no folder: set HOME or XDG_STATE_HOME to an absolute path"
    end
    local ok, why = places.make(path)
    if ok then
      local tried = path .. "/.doctor"
      ok, why = places.write(tried, PAGE)
      os.remove(tried)
    end
    return ok, ok and path or ("%s; --key keeps its journal there: XDG_STATE_HOME names another "
      .. "folder"):format(why)
  end },
}

for _, provider in ipairs { "nexmo", "retarus" } do
  table.insert(CHECKS, { provider, function(session)
    local values = credentials.read() or {}
    if not credentials.sandbox()
      and not credentials.value(values, credentials.IDENTITY[provider]) then
      return true, "not used"
    end
    local ok, raised = pcall(session.client, provider)
    local warning = ok and sms.metrics() and raised:warnings()[1] -- looks at the slots of limits
    if warning then
      return true, "a client can be made; it warns: " .. warning.message
    end
    return ok, ok and "a client can be made" or type(raised) == "table" and raised.misuse or raised
  end })
end

--- What the library finds, with the clients open that are made here; then what is looked at here.
local function all_checks(session)
  local own, list = {}, {}
  for i, check in ipairs(CHECKS) do
    local ok, message = check[2](session)
    own[i] = { name = check[1], ok = ok and true or false, message = message }
  end
  for _, check in ipairs(sms.doctor()) do
    list[#list + 1] = not OWN[check.name] and check or nil
  end
  for _, check in ipairs(own) do
    list[#list + 1] = check
  end
  return list
end

function doctor.run(_, session)
  local code, all = 0, all_checks(session)
  for _, check in ipairs(all) do
    code = check.ok and code or 1
    if not session.json then
      local word = check.ok and session.out:paint("green", "ok")
        or session.out:paint("red", "wrong")
      local line = ("%-12s %s  %s"):format(check.name, word, check.message or "")
      session.out:line((line:gsub(" +$", "")))
    end
  end
  if session.json then
    session.out:json(all)
  end
  return code
end

return doctor
