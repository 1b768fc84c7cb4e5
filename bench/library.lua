--- The same work as raw.c by the whole library: checks, limits, authentication, outcome,
--- decoding. programs.lua tells its arguments.

local sms = require "sms"
local work = require "bench.work"

-- Two limits, as Nexmo has by default, too large to wait for: waiting would be an error,
-- since max_wait is 0.
local function options(more)
  more.base_url = work.url
  more.rate_limit = { { calls = 100000, period = 1 }, { calls = 100000, period = 0.5 } }
  more.max_wait = 0
  more.connect_timeout, more.timeout = 60, 60 -- valgrind takes seconds to agree on TLS
  more.http_version = work.http_version
  more.ca_file = work.ca_file
  return more
end

local nexmo = sms.nexmo(options { api_key = work.user, api_secret = work.password })
local retarus = sms.retarus(options { username = work.user, password = work.password })

local function send_job(message)
  work.check(retarus:send_job(work.job(message)))
end

work.run({
  sms = function(message)
    local result, err = nexmo:send_sms {
      from = "Acme",
      to = message.to,
      text = message.text,
      ["client-ref"] = message.reference,
    }
    work.check(result and result.messages[1].status == "0", err)
  end,
  tables = send_job,
  strings = send_job,
  report = function()
    local result, err = retarus:list_recipients { jobId = work.job_id }
    work.check(result and work.is_report(result), err)
  end,
}, sms.all)

nexmo:close()
retarus:close()
