--- Types for LuaLS of errors and of what hooks are told.

local errors = {}

errors.classes = [[

--- What happened.
---@alias sms.error_kind
---| "invalid" # what was given is wrong; `problems` has all of it
---| "auth" # credentials or a signature are refused
---| "rejected" # the provider refused what was asked
---| "rate_limited" # too fast: the own limit, within `max_wait`, or the provider's
---| "not_found" # there is no such thing
---| "duplicate" # it is there already
---| "partial" # some parts of a message were taken and some not
---| "server" # the provider failed
---| "timeout" # `timeout` or `deadline` is over
---| "connection" # no connection, or it was lost
---| "protocol" # an answer that cannot be read
---| "cancelled" # the client was closed, or the caller ended
---| "internal" # of this machine: memory, files, descriptors, a store

--- What became of the message.
---@alias sms.error_outcome
---| "not_sent" # no byte of the request left, or the provider says it did not take it: send it again once the cause is gone
---| "rejected" # the provider refused it: the same again would be refused again
---| "accepted" # it was taken, at least in part: do not send it again
---| "ambiguous" # some of it may have left, and nobody knows: find out first

--- What a call returns beside nil. `tostring(err)` is one sentence without secrets, texts and
--- phone numbers.
---@class sms.error
---@field kind sms.error_kind What happened.
---@field outcome sms.error_outcome What became of the message.
---@field message string The same in words, without secrets, texts and phone numbers.
---@field provider? string Whose call it was: `nexmo`, `retarus`, or `gateway`.
---@field operation? string Which call it was.
---@field status? integer The HTTP status, where an answer came.
---@field code? string The provider's own code, where it gave one.
---@field problems? { path: string, message: string }[] With `invalid`: all that is wrong, and where.
---@field result? any The answer as it came, decoded: phone numbers and texts included, credentials as `***`.
---@field retryable boolean Whether the same call may succeed later, without any risk.
---@field retry_after? number In how many seconds, where that is known.
---@field account? boolean True where the account is refused and not what was asked: its credentials or credit, or since it is barred.
---@field attempts? sms.error[] Of a gateway: the error of each provider that was asked.

--- What an event tells of.
---@alias sms.event_name
---| "request" # an attempt begins
---| "response" # an attempt has ended: `seconds`, `status`, and `message` where it failed
---| "retry" # the call will be repeated in so many `seconds`; `message` says why
---| "wait" # the call waits for its rate limit for so many `seconds`; `message` says for what
---| "warning" # `message` says what is amiss, though the call goes on

--- What `on_event` is told. It has no secrets and no texts, and of numbers the last four digits.
---@class sms.event
---@field name sms.event_name What it tells of.
---@field provider string The client's provider.
---@field operation? string The call's operation; none where the client itself warns.
---@field attempt? integer Which attempt of the call, from 1.
---@field method? string The HTTP method of a request or response.
---@field server? string Scheme, host and port of a request or response.
---@field status? integer The HTTP status.
---@field kind? sms.error_kind Of a response: the kind of the error, where it failed.
---@field seconds? number How long it took, or will take.
---@field message? string What is wrong, or what is waited for.
]]

return errors
