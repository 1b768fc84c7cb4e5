--- Types for LuaLS of what specs have of the sandbox.

local testing = {}

testing.classes = [[

--- How a sandbox is started.
---@class sms.box_options
---@field settings? table<string, any> Its settings from the start, and after each reset: the table of sandbox/README.md. Its webhooks are signed (`webhook_signature = "md5hash"`) if left out.
---@field application? boolean With an application: `send_voice` speaks the Voice API then.
---@field port? integer The first of its consecutive ports; free ones are looked for if left out.

--- What a client goes by instead of the machine's clock.
---@class sms.clock

--- A sandbox of its own. What it refuses, such as a fault that is not known, is raised.
---@class sms.box
%FIELDS---@field dir string The folder that `SMS_SANDBOX` names for programs that are to use it; it goes when the sandbox ends.
---@field urls table<string, string> Its addresses by name, as sandbox/README.md has them.
local box = {}

--- What the providers saw, oldest first.
---@param operation? string Only those of this one.
---@return sms.box_arrival[] arrivals
function box:arrivals(operation) end

--- With what else sandbox/README.md says: `job_id`, `message_id`, `parts`, …
---@class sms.box_arrival
---@field time integer When, in microseconds since 1970.
---@field clock integer The same by the sandbox's clock, which [box:clock](#boxclock) moves.
---@field operation? string
---@field method string
---@field path string
---@field query? string
---@field body string
---@field to? string The number, of a job the first.
---@field ref? string
---@field accepted boolean Whether the provider did what was asked.
---@field status? integer Of the answer.
---@field fault? string The kind of fault that it met.

--- Adds a fault, or a list of them: `{ operation = "send_sms", kind = "lost_answer", count = 1 }`. The
--- kinds are in sandbox/README.md.
---@param fault table
function box:fault(fault) end

--- Takes all faults away.
function box:clear_faults() end

--- Changes settings until the next reset.
---@param changes table<string, any>
function box:settings(changes) end

--- Lets an inbound text be called back, in as many webhooks as it has parts, to `url`, or to the
--- setting `webhook_url`: plain HTTP to this machine.
---@param text { from: string?, to: string?, text: string?, url: string?, ref: string?, lose: integer[]?, fields: table<string, string>? }
function box:inbound(text) end

--- Lets a delivery receipt be called back, to `url` or the setting `webhook_url`. Beside `url`, `form`,
--- `signature`, `delay`, `spread` and `copies` all are its own fields: `{ messageId = id, status =
--- "failed", ["err-code"] = "1" }`. Number and `client-ref` are those of the message of that id, where
--- that has arrived.
---@param receipt table
function box:receipt(receipt) end

--- Attempts to call back so far, oldest first: `kind`, `url`, `attempt`, `status` of the answer or
--- `problem`, as sandbox/README.md has them.
---@return table[] callbacks
function box:callbacks() end

--- Lets so many seconds pass: for the sandbox (jobs, duplicates, signatures, tokens, its limits,
--- webhooks that are due), and for clients that were made from this box's option tables: their rate
--- limits, waits, pauses before retries, `deadline`, `max_wait`, `not_after` of `send_all`, the pauses
--- and `timeout` of `follow`, what they sign, and the tolerance of `read_webhook`. Whoever waits (in
--- `sms.all`, or in the call whose `on_event` moves the clock) goes on within 0.05 s. Time never goes
--- back. Not moved: a request that is under way (`timeout`, `connect_timeout`, sockets), slots in Redis
--- and outboxes, which go by Redis' clock, `sms.receipts`, `sms.inbound` and stores, which can be given
--- a time, `os.time`, and the clock of every other client.
---@param seconds number
---@return number ahead By how much the box is ahead of the machine now.
function box:clock(seconds) end

--- Forgets everything: arrivals, jobs, applications, faults, webhooks that wait; settings are again
--- those of the start. The clock stays where it is, and so do the slots of clients.
function box:reset() end

--- Ends the sandbox and removes its folder; so does `<close>`, and the end of the process, however it
--- comes.
function box:stop() end
]]

--- Those classes, with the tables of options that a box has.
---@param providers table[]
---@return string
function testing.of(providers)
  local fields = {}
  for i, provider in ipairs(providers) do
    local name = provider.name
    local options = ("sms.%s.options"):format(name)
    fields[i] = ("---@field %s %s|fun(more?: %s): %s Options of clients of it; called with more of "
      .. "them, a copy that has these, too.\n"):format(name, options, options, options)
  end
  return (testing.classes:gsub("%%FIELDS", function() return table.concat(fields) end))
end

return testing
