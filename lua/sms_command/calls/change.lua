--- A call that changes something at a provider: shown only, with --dry-run; asked for, where it
--- costs or destroys; told, with the exit code of what became of it.

local outcome = require "sms_command.outcome"

local change = {}

--- Makes the call.
---@param session table
---@param client table
---@param asked table `operation`, `params`; `question` (a function that gives it, where it is to be
---  asked for); `told` (a function of the result and the session, that says it); `in_doubt` (what
---  to do where it is not known what became of it)
---@return integer code
function change.run(session, client, asked)
  if session.dry_run then
    return session.preview(client, asked.operation, asked.params)
  elseif asked.question and not session.yes and not session.confirm(asked.question()) then
    session.err:line "sms: nothing was changed"
    return outcome.NOT_SENT
  end
  local result, err = session.call(client, asked.operation, asked.params)
  if result then
    asked.told(result, session)
    session.tally:add "accepted"
    return session.tally:code()
  end
  session.failed(err)
  if err.outcome == "ambiguous" and asked.in_doubt then
    session.err:line("  " .. asked.in_doubt)
  end
  session.tally:add(err)
  return session.tally:code()
end

return change
