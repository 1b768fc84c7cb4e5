--- sms check, sms balance: what concerns the account.

local arguments = require "sms_command.arguments"

local check = {
  name = "check",
  summary = "Ask whether the credentials work.",
  description = "Asks whether the credentials work, of each provider that there are some for: one "
    .. "read each, which costs nothing.",
}

function check.declare(parser)
  arguments.add_provider(parser)
end

function check.run(given, session)
  local code = 0
  for _, provider in ipairs(session.providers(given)) do
    local client = session.client(provider)
    local ok, err = client:check()
    if session.json then
      session.out:json { provider = provider, ok = ok or false,
        error = err and session.error_fields(err) or nil }
    elseif ok then
      session.out:line(provider .. ": " .. session.out:paint("green", "ok"))
    else
      session.err:line(("sms: %s: %s"):format(provider, err.message))
    end
    code = ok and code or 1
  end
  return code
end

local balance = {
  name = "balance",
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
