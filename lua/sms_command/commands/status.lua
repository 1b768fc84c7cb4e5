--- `sms status`: what becomes of a Retarus job.

local arguments = require "sms_command.arguments"

local status = { name = "status", summary = "Tell what became of a Retarus job." }

status.flags = { json = true, dry_run = true }

status.description = [[
Tells what became of each recipient of a Retarus job. With --follow it goes on until all of them are
final, and tells each whenever its status changes.]]

local COLUMNS = { "Number", "Status", "Reference", "Finished", "Reason" }

function status.declare(parser)
  parser:argument("job", "Id of a job; several one after the other."):args "+"
  parser:flag("--follow", "Go on until all recipients are final.")
  parser:option("--timeout", "Seconds after which --follow gives up (three days).")
    :argname "SECONDS":convert(arguments.number "--timeout")
end

local function cells_of(recipient)
  local state = recipient.status
  if state == nil or state == "" then
    state = recipient.processStatus
  end
  return { recipient.dst, state or "", recipient.customerRef or "", recipient.finishedTs or "",
    recipient.reason or "" }
end

local function read(client, id, session)
  local list, err = client:list_recipients { jobId = id }
  if not list then
    return session.failed(err)
  end
  local table_rows = {}
  for i, recipient in ipairs(list) do
    table_rows[i] = cells_of(recipient)
    if session.json then
      session.out:json(recipient)
    end
  end
  if not session.json then
    session.out:table(COLUMNS, table_rows)
  end
  return 0
end

local function follow(client, id, session, timeout)
  for recipient, err in client:follow(id, { timeout = timeout }) do
    if not recipient then
      return session.failed(err)
    elseif session.json then
      session.out:json(recipient)
    else
      session.out:row(cells_of(recipient))
    end
  end
  return 0
end

function status.run(given, session)
  local client, code = session.client "retarus", 0
  if given.timeout and given.timeout < 0.001 then
    session.misuse "--timeout: must be a number of seconds"
  end
  for _, id in ipairs(given.job) do
    local own = session.dry_run and session.preview(client, "list_recipients", { jobId = id })
      or given.follow and follow(client, id, session, given.timeout)
      or not given.follow and read(client, id, session)
    code = own ~= 0 and own or code
  end
  return code
end

return status
