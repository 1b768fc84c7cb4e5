--- Types for LuaLS of what all providers have in common.

local errors = require "docs.types.errors"

local common = {}

local CLASSES = [[
---@meta sms
-- Made by docs/generate.lua; not edited.
-- luacheck: ignore

---@class sms
---@field version string The version, such as `1.0.0`.
%PROVIDERS
---@field receipts sms.receipts_module The state of messages by their receipts.
---@field inbound sms.inbound_module Parts of long inbound texts.
---@field adapters sms.adapters Functions for `on_event`.
---@field stores sms.stores Where receipts, parts and nonces are kept.
local sms = {}

--- Makes a gateway of clients, which stay the caller's: a message goes through the first of them
--- that takes it.
---@param given sms.gateway_options
---@return sms.gateway gateway
function sms.gateway(given) end

--- Runs functions side by side: in a script, in a loop, in nginx. What one of them raises is raised
--- after the others have ended, as `{ cause, results }`, whose `tostring` is that of the cause.
---@param functions function[] They are called without arguments.
---@param options? { in_flight: integer? } `in_flight`: how many run at a time; all if left out.
---@return { [1]: any, [2]: any }[] results What each returned, `{ result, err }`, in the order of `functions`.
function sms.all(functions, options) end

--- In nginx: runs a function after the present phase, where calls can wait; for phases that cannot
--- wait, where the result is not needed. It runs at the latest before the worker ends.
---@param body function It is called without arguments; what it raises is logged.
---@return true? ok
---@return sms.error? err Where nginx has no timer for it.
function sms.later(body) end

--- From now on SIGTERM and Ctrl-C end loops of `send_all`, and not at once the process: nothing more
--- is taken from the source, what is in flight ends and is told, and a last round is `false, nil,
--- err` with an error of kind `cancelled`. A second one ends the process. For scripts that run on
--- until they are told to end; nginx tells its workers itself.
---@return fun(): "TERM"|"INT"|nil caught Which of them came, once one has.
function sms.catch_signals() end

--- What this process has counted since it began, and how things are now: calls by provider,
--- operation, kind and outcome, a histogram of how long requests take, slots that are used and free,
--- calls that wait, and more. Numbers, texts, keys and user names are in no label: `account` is made
--- of the user name or key, and too short to tell it.
---@param format? "prometheus"|"openmetrics" A text of that format; a table if left out.
---@param options? { outboxes: sms.outbox[]? } `outboxes`: are asked how many items they have.
---@return table<string, sms.metric>|string metrics By name, or the text.
function sms.metrics(format, options) end

--- What is set up here, and what is wrong with it, in words: versions, how calls are driven,
--- whether each provider's credentials are there, which hosts are called, where slots are kept, CA
--- bundle, clock, warnings of open clients. Nothing is sent or asked, Redis neither, and
--- no secret is shown. In nginx `nginx.doctor` says what concerns nginx.
---@return sms.doctor_check[] checks Their `tostring` is a text, a line for each.
function sms.doctor() end

--- Whether a value is an error of this library.
---@param value any
---@return boolean
function sms.is_error(value) end

--- What a text costs: its alphabet, its length in the units of that alphabet, and its parts.
---@param text string
---@return sms.measured? measured
---@return sms.error? err Where it is not valid UTF-8.
function sms.measure(text) end

--- The operations of a provider as data, in its own order; the caller's own copy.
---@param provider string `nexmo` or `retarus`.
---@return sms.operation[] operations
function sms.operations(provider) end

--- What a doctor has looked at.
---@class sms.doctor_check
---@field name string What it is about, such as `slots`.
---@field ok boolean
---@field message? string What is wrong, or, where `ok` is true, how things are.

--- An operation as data.
---@class sms.operation
---@field name string The name of the method.
---@field summary string What it does, in one line.
---@field kind "reads"|"changes" Whether it changes anything, or sends or costs.
---@field method string The method of HTTP.
---@field path string The path, with `{param}` for what stands in it.
---@field params sms.param[] Its parameters.

--- A parameter as data, or an entry of a list.
---@class sms.param
---@field name? string Its name; an entry of a list has none.
---@field type string `string`, `integer`, `number`, `boolean`, `flag`, `digits`, `choice`, `set`, `array`, `record` or `any`.
---@field help? string What it means.
---@field required? boolean Whether it must be given.
---@field default? any What is sent where it is left out.
---@field words? string[] The words there are.
---@field says? string The same in a sentence, for a `choice`.
---@field format? string What a text must be like.
---@field min? number The least number.
---@field max? number The largest.
---@field or_value? number One more number that is allowed.
---@field min_length? integer The least characters of a text.
---@field max_length? integer The most.
---@field min_items? integer The least entries of a list.
---@field only? any The only value there is.
---@field alias? string Another spelling of its name.
---@field multiline? boolean Whether a text may have line ends.
---@field shorthand? string The field of a record for which a plain text stands.
---@field fields? sms.param[] Those of a record.
---@field items? sms.param What a list has.

--- A metric, as `sms.metrics` tells it.
---@class sms.metric
---@field name string
---@field type "counter"|"gauge"|"histogram"
---@field help string What it is.
---@field unit? string `seconds`.
---@field samples sms.metric_sample[] One for each set of labels.

--- What a metric is for some labels.
---@class sms.metric_sample
---@field labels table<string, string>
---@field value? number Of a counter or gauge.
---@field buckets? { le: number, count: integer }[] Of a histogram: how many were at most `le`.
---@field count? integer Of a histogram: how many there were.
---@field sum? number Of a histogram: of all of them.

---@class sms.adapters
local adapters = {}

--- For `on_event`: writes a line of JSON for each event, its fields and `time`, seconds since 1970.
---@param write fun(line: string) The line has no line end.
---@return fun(event: sms.event) on_event
function adapters.json(write) end

--- For `on_event`: emits each event in the words of OpenTelemetry's semantic conventions, as
--- `http.request.method`, `http.response.status_code`, `error.type`, `server.address`.
---@param emit fun(record: sms.otel_record)
---@return fun(event: sms.event) on_event
function adapters.opentelemetry(emit) end

--- An event in the words of OpenTelemetry.
---@class sms.otel_record
---@field name string `sms.request`, `sms.response`, ...
---@field timestamp number Seconds since 1970.
---@field severity "INFO"|"WARN"|"ERROR"
---@field body? string What is wrong, or what is waited for.
---@field duration? number Seconds that a request took, or that are waited.
---@field attributes table<string, string|number> `http.request.method`, `http.response.status_code`, `http.request.resend_count`, `error.type`, `server.address`, `server.port`; beside them `sms.provider` and `sms.operation`.

--- What `sms.measure` returns.
---@class sms.measured
---@field encoding "GSM-7"|"UCS-2" The alphabet.
---@field units integer Septets of GSM-7, or 16-bit units of UCS-2.
---@field parts integer Messages that are sent and paid.
---@field misfit? { character: string, position: integer } The first character that does not fit GSM-7, and the byte at which it begins.

]]

local AFTER_ERRORS = [[

--- How calls wait: what `require("sms.runtime.loop")` makes.
---@class sms.runtime
---@field perform function Makes a request.
---@field sleep fun(seconds: number) Waits.

--- A limit, of which a client may have several. How to choose it: docs/guides/production.md.
---@class sms.rate_limit
---@field calls? integer Calls in any window of so many seconds; left out with all but `share`: the provider's own limits.
---@field period? number Seconds.
---@field share? "process"|"machine"|sms.share For whom it holds: `process`, the default in scripts; `machine`, all processes of this user, the default in nginx; or what `sms.redis` makes.
---@field per? "from" Counts each value of this parameter for itself.

--- When a call may be repeated: only where that cannot send a message twice.
---@class sms.retry
---@field attempts? integer Attempts with the first, 3 if left out.
---@field base? number Seconds of the first pause at most, 0.5 if left out; each is twice the one before, and random.
---@field cap? number Seconds of any pause at most, 20 if left out.
---@field trust_duplicate_detection? boolean Repeats a Retarus job with `duplicateDetection` after a lost answer, too: a risk, as nobody knows whether its data centres share what they detect.

--- Options of one call, over the client's own.
---@class sms.call_options
---@field timeout? number Seconds for one attempt, name look-up to last byte.
---@field deadline? number Seconds for the whole call, with its waits and repeats.
---@field max_wait? number Seconds it may wait for the rate limit; 0: an error at once.
---@field retry? sms.retry|false When it may be repeated; false: never.
---@field extra? table<string, any> Parameters that the provider added later, sent unchecked.

--- Options of `follow`.
---@class sms.follow_options
---@field interval? number[]|{ first?: number, longest?: number } Seconds between polls, the first and the longest pause, `{ 1, 60 }` if left out: each is 1.5 times the one before, less up to 20 % at random.
---@field timeout? number Seconds in all, 3 days if left out; then the loop runs once more, with `false, err` and kind `timeout`.
---@field visible_within? number Seconds for which `not_found` is tolerated after sending, 30 if left out: a new job is not visible at once.
---@field tolerate? number Seconds for which polls may keep failing, 300 if left out; wrong credentials end it at once.

--- What `follow` yields: an entry of the list that it polls.
---@class sms.followed%FOLLOWED
---@field final boolean Its status will not change any more.
---@field success? boolean Whether the text went to its recipient; nil: nobody knows, or not yet.
]]

--- The classes that are there whichever providers there are.
---@param providers table[]
---@return string
function common.classes(providers)
  local fields, followed = {}, {}
  for i, provider in ipairs(providers) do
    fields[i] = ("---@field %s sms.%s Called, it makes a client."):format(provider.name,
      provider.name)
    if provider.follow then
      followed[#followed + 1] = ("sms.%s.%s.result"):format(provider.name,
        provider.follow.operation)
    end
  end
  local words = { PROVIDERS = table.concat(fields, "\n"),
    FOLLOWED = followed[1] and ": " .. table.concat(followed, ", ") or "" }
  return ((CLASSES .. errors.classes:sub(2) .. AFTER_ERRORS):gsub("%%(%u+)", words))
end

return common
