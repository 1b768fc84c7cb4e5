-- What the Retarus specs share: clients of a sandbox, and what a call came to.

local sms = require "sms"

local retarus = {}

local count = 0

--- Options of a client: a user name of its own (so that no two tests share limits or the
--- budget of repeats), no rate limit, repeats without a pause.
function retarus.options(given)
  count = count + 1
  local options = { username = "user" .. count, password = "pass", rate_limit = false,
    retry = { base = 0, cap = 0 } }
  for name, value in pairs(given or {}) do options[name] = value end
  return options
end

--- The three hosts of a sandbox.
function retarus.hosts(box)
  return { send = box.urls.retarus_send, de2 = box.urls.retarus_de2, de1 = box.urls.retarus_de1 }
end

--- A client of a sandbox, which takes its user name from then on.
function retarus.client(box, given)
  local options = retarus.options(given)
  if not options.hosts and not options.base_url then options.hosts = retarus.hosts(box) end
  if not (given and given.username) then box:settings { retarus_username = options.username } end
  return sms.retarus(options)
end

--- A client of any server, the same for all three hosts unless `given` names them.
function retarus.client_of(url, given)
  local options = retarus.options(given)
  options.base_url = url
  return sms.retarus(options)
end

--- A job with one text.
function retarus.job(...)
  return { messages = { { text = "Hello", recipients = { ... } } } }
end

-- How a job is followed in specs: the sandbox's jobs end within a second.
retarus.QUICK = { interval = { first = 0.05, longest = 0.1 }, timeout = 10 }

--- Sends a job to be followed; its id.
function retarus.sent(client, ...)
  local job = retarus.job(...)
  job.options = { statusRequested = true }
  return assert(client:send_job(job)).jobId
end

--- What following a job gives, as { recipient, err } a round; the last one may be { false, err }.
function retarus.rounds(client, id, options)
  local list = {}
  for recipient, err in client:follow(id, options or retarus.QUICK) do
    list[#list + 1] = { recipient, err }
  end
  return list
end

--- Which hosts were asked, in order: "de2 de1".
function retarus.asked(box)
  local hosts = {}
  for i, arrival in ipairs(box:arrivals()) do hosts[i] = arrival.host:gsub("^retarus_", "") end
  return table.concat(hosts, " ")
end

--- Error fields that are to be compared.
function retarus.brief(err)
  return err and { kind = err.kind, outcome = err.outcome, status = err.status, code = err.code,
    retryable = err.retryable }
end

return retarus
