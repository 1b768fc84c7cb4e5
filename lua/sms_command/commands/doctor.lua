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

-- Each: a name, and a function that returns whether it is in order, and words.
local CHECKS = {
  { "library", function()
    return true, ("version %s, in %s"):format(sms.version,
      rawget(_G, "jit") and rawget(_G, "jit").version or _VERSION)
  end },
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
        or "a file, since there is no HOME")
    end
    return true, "for " .. table.concat(there, " and ")
  end },
  { "state", function()
    local path = places.state()
    if not path then
      return false, "--key and campaigns have no folder: set HOME or XDG_STATE_HOME"
    end
    local ok, why = places.make(path)
    ok = ok and select(2, places.shell("test -w " .. places.quoted(path)))
    return ok, ok and path or why or path .. " cannot be written to"
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

function doctor.run(_, session)
  local code, all = 0, {}
  for i, check in ipairs(CHECKS) do
    local ok, message = check[2](session)
    ok = ok and true or false
    all[i] = { name = check[1], ok = ok, message = message }
    code = ok and code or 1
    if not session.json then
      local word = ok and session.out:paint("green", "ok") or session.out:paint("red", "wrong")
      session.out:line(("%-12s %s  %s"):format(check[1], word, message))
    end
  end
  if session.json then
    session.out:json(all)
  end
  return code
end

return doctor
