--- sms check, sms balance: what concerns the account.

local arguments = require "sms_command.arguments"

local check = {
  name = "check",
  flags = { json = true, dry_run = true },
  summary = "Ask whether the credentials work.",
  description = "Asks whether the credentials work, of each provider that there are some for: one "
    .. "read each, which costs nothing.",
}

-- The reads that client:check makes.
local READS = {
  nexmo = { "get_balance", {} },
  retarus = { "list_jobs", { limit = 1 } },
}

function check.declare(parser)
  arguments.add_provider(parser)
end

local function tell(provider, session, ok, err)
  if session.json then
    session.out:json { provider = provider, ok = ok or false,
      error = err and session.error_fields(err) or nil }
  elseif ok then
    session.out:line(provider .. ": " .. session.out:paint("green", "ok"))
  else
    session.err:line(("sms: %s: %s"):format(provider, err.message))
  end
  return ok
end

function check.run(given, session)
  local code = 0
  for _, provider in ipairs(session.providers(given)) do
    local client = session.client(provider)
    if session.dry_run then
      session.preview(client, READS[provider][1], READS[provider][2])
    elseif not tell(provider, session, client:check()) then
      code = 1
    end
  end
  return code
end

local balance = {
  name = "balance",
  flags = { json = true, dry_run = true },
  summary = "Tell the balance of the Nexmo account.",
}

function balance.declare(parser)
  arguments.add_provider(parser)
end

function balance.run(given, session)
  if given.provider == "retarus" then
    session.misuse "Retarus tells no balance; Nexmo does"
  end
  local client = session.client "nexmo"
  if session.dry_run then
    return session.preview(client, "get_balance", {})
  end
  local result, err = client:get_balance()
  if not result then
    return session.failed(err)
  elseif session.json then
    session.out:json(result)
  else
    session.out:line(("%.2f EUR"):format(result.value))
  end
  return 0
end

return { check, balance }
