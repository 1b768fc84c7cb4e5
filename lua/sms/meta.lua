---@meta sms
-- Made by docs/generate.lua; not edited.
-- luacheck: ignore

---@class sms
---@field version string The version, such as `1.0.0`.
---@field nexmo sms.nexmo Called, it makes a client.
---@field retarus sms.retarus Called, it makes a client.
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
---@class sms.followed: sms.retarus.list_recipients.result
---@field final boolean Its status will not change any more.
---@field success? boolean Whether the text went to its recipient; nil: nobody knows, or not yet.

--- A text to one number.
---@class sms.gateway_message
---@field from string The sender, as all providers take it.
---@field to string A phone number with its country code.
---@field text string The text; characters outside GSM-7 arrive whole.
---@field ref? string|integer One's own reference, of at most 70 characters.

--- What became of it.
---@class sms.gateway_sent
---@field provider string The provider that took it.
---@field client sms.nexmo.client|sms.retarus.client Its client.
---@field id? string The first of `ids`.
---@field ids string[] What the provider calls the message: an id for each part, or that of the job.
---@field parts integer How many parts it has.
---@field ref? string That of the message.
---@field result table What the provider answered.
---@field attempts sms.error[] The errors of those that were asked before.

--- An error like all others; `provider` is `gateway`, and the rest that of the last one asked.
---@class sms.gateway_error: sms.error
---@field attempts sms.error[] The error of each provider that was asked, in order.

--- What a gateway is made of: clients, in the order in which they are asked, and options.
---@class sms.gateway_options
---@field [integer] sms.nexmo.client|sms.retarus.client
---@field order? fun(message: sms.gateway_message): (sms.nexmo.client|sms.retarus.client)[]? Those to ask for a message, in order; nil: all.
---@field deadline? number Seconds for all together, 120 if left out.
---@field nexmo? table Further parameters of `send_sms`, for each message.
---@field retarus? table Further parameters of `send_job`: options of the job, for each message.

---@class sms.gateway
local gateway = {}

--- Sends a text through the first provider that takes it. The next one is asked only where it is
--- certain that the one before did not take it, and where the reason is its own.
---@param message sms.gateway_message
---@param options? sms.gateway_call_options
---@return sms.gateway_sent? sent
---@return sms.gateway_error? err
function gateway:send(message, options) end

--- Options of one `gateway:send`, over those of the clients.
---@class sms.gateway_call_options
---@field timeout? number Seconds for one attempt.
---@field deadline? number Seconds for all providers together.
---@field max_wait? number Seconds each may wait for its rate limit; 0 asks the next one at once.
---@field retry? sms.retry|false When each may be repeated.

--- What `read_webhook` returns.
---@class sms.webhook
---@field kind "delivery_receipt"|"inbound_sms"|"voice"|"other" What it is.
---@field signed boolean Whether it was signed, and the signature is right.
---@field fields table<string, any> What it says, by documented names; all texts but nested tables.

--- A request as it came.
---@class sms.webhook_request
---@field method string `GET` or `POST`.
---@field query? string Behind the `?`, as it came.
---@field headers? table<string, string|string[]> By names in any case.
---@field body? string As it came.

--- Options of `read_webhook`.
---@class sms.webhook_options
---@field tolerance? number|false Seconds that a signature may be old or ahead, 300 if left out; false: any.
---@field nonce_store? sms.store Refuses what was here before; it needs `add` alone.

--- Where records are kept: tables of strings, numbers, booleans and such tables. One of your own
--- needs what is used of it: `add` for nonces, `get` and `update` for receipts and inbound texts.
--- Each answers `nil, message` where it fails.
---@class sms.store
local store = {}

--- Whether a key is new; it is kept for so long.
---@param key string
---@param seconds number
---@return boolean? is_new
---@return string? why
function store:add(key, seconds) end

--- The record of a key; it must not be changed.
---@param key string
---@return any record Nil where there is none.
---@return string? why
function store:get(key) end

--- Changes a record, while nobody else does.
---@param key string
---@param change fun(old: any): any Gives the new record, or nil to remove it. It has no effects, as it may be called again.
---@return any record The new one.
---@return string? why
function store:update(key, change) end

--- Forgets a key.
---@param key string
---@return boolean? ok
---@return string? why
function store:remove(key) end

---@class sms.stores
local stores = {}

--- A store in a table of this process.
---@param options? { seconds: number?, clock: (fun(): number)? } `seconds`: for how long records are kept after their last change, 4 days if left out; `clock`: what tells the time, `os.time` if left out.
---@return sms.store store
function stores.table(options) end

--- A store that all workers of an nginx share.
---@param dictionary table A `lua_shared_dict`, such as `ngx.shared.sms`.
---@param options? { seconds: number?, lease: number? } `seconds`: as above; `lease`: after so many seconds the lock of a worker that died is free, 5 if left out.
---@return sms.store store
function stores.shared(dictionary, options) end

---@class sms.receipts_module
local receipts_module = {}

--- Keeps the state of messages by their receipts, which come late, twice and in any order.
---@param store sms.store Needs `get` and `update`.
---@return sms.receipts receipts
function receipts_module.new(store) end

---@class sms.receipts
local receipts = {}

--- Notes what was sent, so that the parts of a message are seen together: before its receipts or
--- after them, and as often as you like.
---@param result table What `send_sms` returned, or the `result` of its error of kind `partial`.
---@return sms.message_state? state
---@return sms.error? err
function receipts:sent(result) end

--- Takes in a receipt.
---@param fields table Those of the webhook.
---@return sms.message_state? state That of its message, with `changed`.
---@return sms.error? err
function receipts:add(fields) end

--- How a message stands.
---@param id string That of any of its parts.
---@return sms.message_state? state Nil where nothing is known of it.
---@return sms.error? err Where the store failed.
function receipts:get(id) end

--- How a message stands, by all receipts of its parts.
---@class sms.message_state
---@field status string The worst of its parts; `sent` where a part has no receipt yet.
---@field final boolean Whether nothing more is to come.
---@field doubtful boolean Whether its end says nothing: `unknown`.
---@field conflict boolean Whether a part has two different ends; the first by the provider's time holds.
---@field parts table[] Each with its own `status`, `final`, `doubtful`, `receipt` and `conflicts`.
---@field changed? boolean Whether this receipt changed its part.

---@class sms.inbound_module
local inbound_module = {}

--- Joins the parts of long inbound texts, which come in any order, repeated, or not at all.
---@param store sms.store Needs `get` and `update`, and keeps records for longer than the window.
---@param options? { window: number? } `window`: seconds to wait for the parts of a text, 3600 if left out.
---@return sms.inbound inbound
function inbound_module.new(store, options) end

---@class sms.inbound
local inbound = {}

--- Takes in a text or a part of one.
---@param fields table Those of the webhook.
---@param now? number Seconds since 1970; now if left out.
---@return sms.inbound_text|false|nil message The whole text, once; false while parts are missing, and where it came before.
---@return sms.error? err
function inbound:add(fields, now) end

--- Texts that will not get whole, as their window is over; to be called now and then.
---@param now? number Seconds since 1970; now if left out.
---@return sms.inbound_text[]? messages
---@return sms.error? err
function inbound:expired(now) end

--- Takes back a text that could not be dealt with: a repeat of one of its parts gives it again, or
--- else `expired` does.
---@param message sms.inbound_text
---@param now? number Seconds since 1970; now if left out.
---@return boolean? ok
---@return sms.error? err
function inbound:put_back(message, now) end

--- A text that came.
---@class sms.inbound_text
---@field fields table<string, string> Those of a webhook, with the whole text.
---@field complete boolean Whether all parts are there.
---@field missing integer[] The numbers of those that are not.
---@field parts table[] The fields of each part.

--- What `on_progress` is told.
---@class sms.bulk_progress
---@field done integer Items that have ended, those of earlier runs of the journal among them.
---@field total? integer Of how many, where that is known.
---@field accepted integer Items that a provider took.
---@field refused integer Items that a provider refused.
---@field not_sent integer Items that were not sent.
---@field ambiguous integer Items of which nobody knows.
---@field rate number Items a second, in this run.
---@field time_left? number Seconds, by the rate and the limits, where `total` is known.

--- What `send_all` returns. It is called for each round of a loop, and gives `item, result, err`, and
--- of an outbox also its entry; after a fatal error the loop runs once more, with `false, nil, err`.
---@class sms.bulk_run
---@overload fun(): (table|false)?, table?, sms.error?, sms.outbox_entry?
local bulk_run = {}

--- Starts nothing more and waits for what is under way; calling the run then gives what ended
--- meanwhile. A loop of Lua 5.4 does so by itself where it is left early.
function bulk_run:close() end

--- A limit's slots in Redis, for all that use that Redis: the value of `share` in a limit.
---@class sms.share

--- How to reach Redis.
---@class sms.redis_options
---@field connect fun(): table?, string? Gives a client of Redis, any object with `eval`, or nil and why there is none.
---@field release fun(client: table, ok: boolean) Takes it back; where `ok` is false it must be closed, as a late answer may come.

--- How to reach Redis, and what is kept there.
---@class sms.redis_store_options: sms.redis_options
---@field name string What it is called: that of an outbox whose results shall have the receipts that it keeps, or any other.
---@field seconds? number For how long records are kept after their last change; 8 days if left out.
---@field keep_texts? boolean With false receipts are kept without numbers and `client-ref`, as they are where an outbox of this name keeps no texts; true if left out.
---@field seal? string|string[] Seals records, as that of an outbox; of one of the same name it must be the same. Names of keys are not sealed: those of parts of inbound texts have numbers.

--- A loop of one's own.
---@class sms.loop_options
---@field watch fun(descriptor: integer, callback: fun()): fun(), (fun(): boolean)? Calls back whenever a descriptor is readable. Gives what stops that, and perhaps what tells whether it is still watched.
---@field sleep fun(seconds: number) Suspends the running coroutine for so long.
---@field suspend? function Suspends the running coroutine until `resume` is called with it; `coroutine.yield` if left out.
---@field resume? fun(thread: thread) Resumes it; raises what it raises.
---@field spawn? fun(body: fun()) Starts a coroutine; one that is resumed at once if left out.
---@field is_inside? fun(): any Whether the running coroutine may be suspended: something true that is the loop's own; any coroutine but the main one if left out.

--- What `require("sms.nginx").handler` is given.
---@class sms.handler_options
---@field client table Whose webhooks they are.
---@field on table<string, fun(fields: table, webhook: sms.webhook): any, any> By kind, what deals with a webhook. It has failed where it raises, or returns false, or nil and why: then the provider sends it again.
---@field tolerance? number|false As in `read_webhook`.
---@field nonce_store? sms.store Refuses replays.

--- What `require("sms.nginx").status` is given.
---@class sms.nginx_status_options
---@field format? "prometheus"|"openmetrics" That of the text; `prometheus` if left out.
---@field outboxes? sms.outbox[] Are asked how many items they have.

--- What the workers' calls do, those of all workers where `lua_shared_dict sms` is declared, else of
--- the one that is asked; beside these fields it has, by each provider's name, `calls`, `failures`,
--- `retries` and `waits`.
---@class sms.nginx_status
---@field in_flight integer Requests under way.
---@field slots_free table<string, integer> Calls that are allowed now, by credentials and limit; empty in `init_by_lua`.
---@field hooks_waiting integer Calls of hooks that wait for a timer.
---@field hooks_dropped integer Calls of hooks that were not made, as too many waited.

--- How to reach Redis, and what is kept there. An outbox is for one provider and one operation.
---@class sms.outbox_options: sms.redis_options
---@field name string What it is called; all that give the same name have the same outbox.
---@field client? table A client: then `add` checks items as its `send_all` does. Without one a worker tells of bad ones `invalid`.
---@field keep? number Days for which an item and its key are remembered from its end; 7 if left out. What is ambiguous is remembered until it is settled, and from then on.
---@field keep_texts? boolean Whether params and the text of the key of what has ended are kept as long, and results with numbers; true if left out.
---@field seal? string|string[] A secret with which what Redis has is sealed (AES-256-GCM), or the new one and older ones, which still open. Best is a random one of 32 characters or more (`openssl rand -hex 32`); a shorter one is stretched, which takes about a tenth of a second.
---@field risk? "accepted" Takes a Redis that is set so that it may forget.

--- An outbox. Items are known by an id, or by the key with which they were added.
---@class sms.outbox
local outbox = {}

--- Adds an item, or all items of a list or none of them. The same key, whatever became of its item, is
--- one message: the first params win. A call whose answer is lost is repeated once, and adds nothing twice.
---@param items table|table[] What `send_all` takes as an item, or a list of such.
---@param options? sms.outbox_add_options
---@return sms.outbox_added|sms.outbox_added[]? added For a list, a list in its order.
---@return sms.error? err `invalid`: nothing was added. Where its outcome is `ambiguous`, some of it may be there; with keys it is safe to add it again.
function outbox:add(items, options) end

---@class sms.outbox_add_options
---@field key? string|integer|fun(item: table): (string|integer)? What makes it one message, however often it is added; for a list, a function that gives the key of an item.
---@field priority? "high"|"bulk" `high` goes before all that is `bulk`, which it is if left out.
---@field not_before? number When it is sent at the earliest, in seconds since 1970 by Redis' clock.
---@field not_after? number The last moment at which its first byte may leave; later it ends `not_sent`.

---@class sms.outbox_added
---@field id string Made of the time at which it was added: later ones are greater.
---@field is_new boolean Whether this call has added it; false where its key was there.

--- What `send_all` of a client takes in place of a list: what is in the outbox, each run of it as a
--- worker of its own.
---@param options? sms.outbox_source_options
---@return sms.outbox_source source
function outbox:source(options) end

---@class sms.outbox_source_options
---@field worker? string What entries call this worker: a label, so that two may have the same.
---@field lease? number Seconds after which others take what a dead worker had, 30 if left out: more than any one round of the loop's body takes.
---@field block? number Seconds without anything to do after which the loop ends; never if left out.

--- What an outbox gives `send_all`.
---@class sms.outbox_source

--- The fourth value of a round of `send_all`.
---@class sms.outbox_entry
---@field id string
---@field key? string
---@field priority "high"|"bulk"
---@field added number When, in seconds since 1970 by Redis' clock.
---@field worker? string The label of this worker.

--- How far an item is, and how it ended.
---@param id string|integer An id or a key.
---@return sms.outbox_result? result
---@return sms.error? err `not_found` where it was never added, or is no longer remembered.
function outbox:result(id) end

--- Waits until an item has ended, at most so many seconds; then it tells the state as it is. In an
--- event loop it suspends the coroutine where the outbox' `client` has the `runtime` of that loop.
---@param id string|integer An id or a key.
---@param seconds number
---@return sms.outbox_result? result
---@return sms.error? err
function outbox:wait(id, seconds) end

---@class sms.outbox_result
---@field state "queued"|"taken"|"begun"|"ended"
---@field outcome? string Of what has ended; `not_sent` also for what was cancelled.
---@field result? table What the provider answered.
---@field err? sms.error
---@field receipt? sms.message_state How its message stands by delivery receipts, with the fields of the one that makes it so (`err-code`, `message-timestamp`, …), where `sms.receipts` has a `redis.store` of this name. What is ambiguous has no id by which a receipt could be known as its own.

--- How much there is to do.
---@return sms.outbox_status? status
---@return sms.error? err
function outbox:status() end

---@class sms.outbox_status
---@field queued integer Items that wait and may be sent.
---@field delayed integer Items that wait for their time.
---@field taken integer Items that a worker has and has not begun to send.
---@field begun integer Items that are being sent.
---@field ambiguous integer Items that nobody has settled.
---@field oldest? number Seconds since the oldest was added that has not ended, but for what waits for its `not_before`.
---@field paused? string The reason, while nothing is begun.

--- The items of which nobody knows whether they were sent, the oldest first. What the provider knows
--- of them is told with `settle`; `resend` sends one again.
---@return sms.outbox_ambiguous[]? list
---@return sms.error? err
function outbox:ambiguous() end

---@class sms.outbox_ambiguous
---@field id string
---@field key? string
---@field item? table The params as added; absent where they were erased, or cannot be read here.
---@field priority "high"|"bulk"
---@field added number When, in seconds since 1970 by Redis' clock.
---@field ended number Since when it is ambiguous.
---@field worker? string The label of the worker that had it.
---@field err? sms.error With what it ended; `internal` where something of it cannot be read here, such as what is sealed.

--- Has an ambiguous item sent again, which may be the second time.
---@param id string|integer An id or a key.
---@return true? done
---@return sms.error? err `invalid` where it is not ambiguous, or was erased.
function outbox:resend(id) end

--- Says how an ambiguous item has ended.
---@param id string|integer An id or a key.
---@param outcome "accepted"|"rejected"|"not_sent"
---@return true? done
---@return sms.error? err `invalid` where it is not ambiguous.
function outbox:settle(id, outcome) end

--- Nobody begins to send anything from when this has returned until `resume`; what is begun by then
--- goes on.
---@param reason? string For people.
---@return true? done
---@return sms.error? err
function outbox:pause(reason) end

--- Ends a pause.
---@return true? done
---@return sms.error? err
function outbox:resume() end

--- Takes an item back that nobody has begun to send. No loop is told of it.
---@param id string|integer An id or a key.
---@return { cancelled: boolean, state: string }? done
---@return sms.error? err
function outbox:cancel(id) end

--- Forgets the params, the key and the result of an item; that its key was there is still known. What
--- waits is cancelled; what is being sent is forgotten when it has ended, and `erased` is false till then.
---@param id string|integer An id or a key.
---@return { erased: boolean, state: string }? done
---@return sms.error? err
function outbox:erase(id) end

--- How a sandbox is started.
---@class sms.box_options
---@field settings? table<string, any> Its settings from the start, and after each reset: the table of sandbox/README.md. Its webhooks are signed (`webhook_signature = "md5hash"`) if left out.
---@field application? boolean With an application: `send_voice` speaks the Voice API then.
---@field port? integer The first of its consecutive ports; free ones are looked for if left out.

--- What a client goes by instead of the machine's clock.
---@class sms.clock

--- A sandbox of its own. What it refuses, such as a fault that is not known, is raised.
---@class sms.box
---@field nexmo sms.nexmo.options|fun(more?: sms.nexmo.options): sms.nexmo.options Options of clients of it; called with more of them, a copy that has these, too.
---@field retarus sms.retarus.options|fun(more?: sms.retarus.options): sms.retarus.options Options of clients of it; called with more of them, a copy that has these, too.
---@field dir string The folder that `SMS_SANDBOX` names for programs that are to use it; it goes when the sandbox ends.
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

--- What client:request is asked.

---@class sms.request
---@field method "GET"|"POST"|"PUT"|"PATCH"|"DELETE" HTTP method.
---@field path string Path at the host, from `/` on, percent-encoded, without a query.
---@field host? string Host by its short name; may be left out where the path tells (nexmo: api, rest; retarus: de1, de2, send).
---@field query? table Names and values behind the path.
---@field body? table What is sent: JSON or a form, as the path takes it.
---@field json? table In place of body: JSON.
---@field form? table In place of body: a form.

---@class sms.nexmo.options
---@field api_key? string Key of the account, which is no secret. From NEXMO_API_KEY if left out.
---@field api_secret? string Its secret. From NEXMO_API_SECRET if left out.
---@field signature_secret? string Signs texts with `auth`, and checks webhooks. From NEXMO_SIGNATURE_SECRET if left out.
---@field signature_method? "md5hash"|"md5"|"sha1"|"sha256"|"sha512" From NEXMO_SIGNATURE_METHOD if left out.
---@field auth? "basic"|"params"|"signature" How SMS and Numbers are authenticated: `params` puts key and secret among the parameters, `signature` signs texts, and Numbers have Basic then.
---@field auto_unicode? boolean Sends a text that does not fit GSM-7 as unicode, where `type` is left out.
---@field application_id? string Application whose calls `send_voice` makes, with its `private_key`. From NEXMO_APPLICATION_ID if left out.
---@field private_key? string Its RSA key in PEM form, or the path of a file with it. From NEXMO_PRIVATE_KEY if left out.
---@field api_version? 1|2 Version of the Application API.
---@field timeout? number Seconds for one attempt, name look-up to last byte; some operations have more.
---@field connect_timeout? number Seconds for connecting alone.
---@field deadline? number Seconds for the whole call, with its waits and repeats; some operations have more.
---@field max_wait? number Seconds a call may wait for the rate limit, the deadline if left out; 0: an error at once.
---@field rate_limit? sms.rate_limit|sms.rate_limit[]|false Calls in any period; the provider's limits if left out, or where only `share` is given.
---@field slots_path? string Folder, which exists, of the limits with `share = "machine"`; one of the user's own in `/dev/shm` if left out.
---@field slots_mode? integer Mode of their files, 0600 if left out.
---@field cold_start? "spread"|"hold" In a new container their slots come one by one over the first period, or all after it: docs/design.md 3.3.
---@field retry? sms.retry|false When a call may be repeated; up to twice if left out, and never with false.
---@field base_url? string Replaces scheme and host of all the provider's hosts. From the provider's variable (NEXMO_BASE_URL, RETARUS_BASE_URL) if left out.
---@field hosts? table<string, string> Replaces single hosts by the provider's names for them.
---@field allow_http? boolean Plain HTTP to other hosts than loopback; otherwise refused.
---@field proxy? string Proxy; `""`: none. If left out that of the environment, which is never used for this machine itself.
---@field no_proxy? string Hosts that are reached without it; `""`: none; those of the environment if left out.
---@field ca_file? string File of trusted certificates, also for a proxy over TLS.
---@field ca_path? string Folder of trusted certificates.
---@field client_cert? string File of the client's certificate.
---@field client_key? string File of that certificate's key.
---@field pinned_public_key? string Public key the server must have, as libcurl takes it.
---@field min_tls? "1.0"|"1.1"|"1.2"|"1.3" Lowest version of TLS; 1.2 if left out, 1.3 where OpenSSL is configured for that.
---@field keep_free_memory? boolean Has glibc keep up to 4 MiB of free memory for the whole process, unless the host has set its limits itself: texts over TLS then take less CPU time.
---@field insecure? boolean Switches the check of certificates off, also that of a proxy.
---@field http_version? "1.1"|"2" Version of HTTP; with 2 more calls end `ambiguous` where a connection is lost.
---@field max_connections? integer Connections to one host; more calls wait in turn, within `timeout`.
---@field keep_alive? integer Seconds a connection may idle before it is not used again.
---@field max_response_bytes? integer Longest answer that is read. lua-cjson takes so much memory at once, and ends the process where there is none.
---@field on_event? fun(event: sms.event) Is told what happens in a call, and can neither delay nor break it: what it raises is dropped. In nginx it runs in a timer.
---@field clock? sms.clock That of a sandbox, as the option tables of `sms.testing` have it; such a client does not ask the environment.
---@field runtime? sms.runtime How to wait, where that is not found out by itself.

---@class sms.nexmo.bulk_options: sms.call_options
---@field in_flight? integer Calls side by side; at most the share `use` of `max_connections`. As many of `high` items of an outbox go beside those that wait.
---@field use? number Share of the rate limit's slots that it may hold, so that single calls do not wait behind it. `high` items of an outbox go before and may take all.
---@field total? integer Number of items, where a function gives them.
---@field journal? string File that remembers what was begun and how it ended: the next run goes on there. With `SMS_SANDBOX` it is another, with `.sandbox` at its end. An outbox has none.
---@field sync? boolean With a journal: what is begun is on the disk before it is sent, so that it survives a power cut.
---@field resend_ambiguous? boolean With a journal: sends again what may have been sent. A risk of a second message.
---@field resend_refused? boolean With a journal: tells and sends again what was refused.
---@field on_progress? fun(progress: sms.bulk_progress) Is told how far it is, at most ten times a second.
---@field stop? fun(item: table): boolean? Is asked before an item is sent; true ends the run before it: it and the rest stay new.
---@field not_after? number Seconds since 1970 from which nothing leaves: the run ends, the rest stays new.

---@class sms.nexmo.client
local nexmo_client = {}

---@class sms.nexmo.send_sms.params
---@field from string Sender: a number, or up to 11 characters.
---@field to string Phone number of the recipient.
---@field text? string Text; required for type text and unicode.
---@field type? "text"|"unicode"|"binary"|"wappush"|"vcal"|"vcard" Kind of message; text or unicode, whichever fits, if left out.
---@field ["status-report-req"]? 0|1|boolean 1 asks for a delivery receipt.
---@field ["client-ref"]? string|integer Own reference, returned in the answer and the receipt.
---@field vcard? string vCard text.
---@field vcal? string vCalendar text.
---@field ttl? integer Milliseconds in which delivery is tried.
---@field callback? string Where the delivery receipt is sent.
---@field ["message-class"]? integer 0 is flash.
---@field udh? string User data header in hex.
---@field ["protocol-id"]? string|integer 0 to 255.
---@field body? string Binary data in hex.
---@field title? string Title of a WAP push.
---@field url? string URL of a WAP push.
---@field validity? string|integer Milliseconds in which a WAP push is valid.
---@field ["account-ref"]? string|integer Billing reference.
---@field ["entity-id"]? string|integer Regulatory id of the sender.
---@field ["content-id"]? string|integer Regulatory id of the text.
---@field ["trusted-number"]? boolean Skips fraud protection.
---@field ["pool-id"]? string Pool of numbers used as sender.
---@field ["network-code"]? string|integer MCCMNC of the recipient.

---@class sms.nexmo.send_sms.result
---@field ["message-count"]? string How many parts it was split into.
---@field messages sms.nexmo.send_sms.result.messages[] The parts.

---@class sms.nexmo.send_sms.result.messages
---@field status string 0 where the part was taken; else why not.
---@field ["message-id"]? string Id of the part, by which receipts name it.
---@field to? string The number.
---@field ["client-ref"]? string That of the call.
---@field ["remaining-balance"]? string What the account has left.
---@field ["message-price"]? string What the part costs.
---@field network? string MCCMNC of the recipient.
---@field ["error-text"]? string Why the part was not taken.
---@field ["account-ref"]? string That of the call.

--- Send an SMS.
---@param params sms.nexmo.send_sms.params
---@param options? sms.call_options
---@return sms.nexmo.send_sms.result? result
---@return sms.error? err
function nexmo_client:send_sms(params, options) end

---@class sms.nexmo.send_voice.params
---@field to string Phone number to call.
---@field from? string A voice-enabled number of the account.
---@field text string Text to speak.
---@field lg? string Language, en-us if left out.
---@field voice? "female"|"male" Voice.
---@field repeat? integer How often it is spoken.
---@field machine_detection? "false"|"hangup"|"true"|false|true What happens where an answering machine is found.
---@field machine_timeout? integer Milliseconds in which a machine is looked for.
---@field callback? string Where the result of the call is sent.
---@field callback_method? "GET"|"POST" How it is sent.
---@field style? integer Voice API: the voice, by its number.
---@field advanced_machine_detection? sms.nexmo.send_voice.params.advanced_machine_detection Voice API: in place of the plain.
---@field length_timer? integer Voice API: seconds until the call is ended, 7200 if left out.
---@field ringing_timer? integer Voice API: seconds it may ring, 60 if left out.

---@class sms.nexmo.send_voice.params.advanced_machine_detection
---@field behavior? "continue"|"hangup" What happens where a machine is found.
---@field mode? "default"|"detect"|"detect_beep" Whether the call waits for the result, and for the beep.
---@field beep_timeout? integer Seconds in which a beep is waited for.

---@class sms.nexmo.send_voice.result
---@field call_id? string Id of the call.
---@field to? string The number.
---@field status string 0 where the call was taken; else why not.
---@field error_text? string The same in words; Success where it was taken.

--- Send a voice file: text to speech.
---@param params sms.nexmo.send_voice.params
---@param options? sms.call_options
---@return sms.nexmo.send_voice.result? result
---@return sms.error? err
function nexmo_client:send_voice(params, options) end

---@class sms.nexmo.list_inbound_numbers.params
---@field country string Country, such as GB.
---@field search_pattern? "0"|"1"|"2"|"contains"|"ends"|"starts"|0|1|2 Where `pattern` is looked for.
---@field pattern? string|integer Digits to look for.
---@field features? "SMS"|"VOICE"|"MMS"|"SMS,VOICE"|"SMS,MMS"|"VOICE,MMS"|"SMS,MMS,VOICE"|string[] What the number must be able to do.
---@field size? integer Numbers a page, 10 if left out.
---@field index? integer Page, from 1.
---@field type? "landline"|"mobile-lvn"|"landline-toll-free" Kind of number.

---@class sms.nexmo.list_inbound_numbers.result
---@field count integer How many there are on all pages.
---@field numbers sms.nexmo.list_inbound_numbers.result.numbers[] Those of this page.

---@class sms.nexmo.list_inbound_numbers.result.numbers
---@field country? string Two letters.
---@field msisdn? string The number.
---@field type? string Kind of number.
---@field cost? string Price of a month.
---@field initialPrice? string Price of setting it up.
---@field features string[] What it can do.
---@field moHttpUrl? string Webhook of its inbound texts.
---@field voiceCallbackType? string Where calls to it go.
---@field voiceCallbackValue? string The address, number or application of that.
---@field voiceStatusCallback? string Webhook of its calls.
---@field messagesCallbackType? string Such as app.
---@field messagesCallbackValue? string The application of that.
---@field app_id? string The application it is linked to.

--- List inbound numbers that are available in a country.
---@param params sms.nexmo.list_inbound_numbers.params
---@param options? sms.call_options
---@return sms.nexmo.list_inbound_numbers.result? result
---@return sms.error? err
function nexmo_client:list_inbound_numbers(params, options) end

---@class sms.nexmo.list_owned_numbers.params
---@field search_pattern? "0"|"1"|"2"|"contains"|"ends"|"starts"|0|1|2 Where `pattern` is looked for.
---@field index? integer Page, from 1.
---@field size? integer Numbers a page, 10 if left out.
---@field pattern? string|integer Digits to look for.
---@field country? string Country, such as GB.
---@field application_id? string Numbers linked to it.
---@field has_application? boolean Numbers linked to any, or to none.

---@class sms.nexmo.list_owned_numbers.result
---@field count integer How many there are on all pages.
---@field numbers sms.nexmo.list_owned_numbers.result.numbers[] Those of this page.

---@class sms.nexmo.list_owned_numbers.result.numbers
---@field country? string Two letters.
---@field msisdn? string The number.
---@field type? string Kind of number.
---@field cost? string Price of a month.
---@field initialPrice? string Price of setting it up.
---@field features string[] What it can do.
---@field moHttpUrl? string Webhook of its inbound texts.
---@field voiceCallbackType? string Where calls to it go.
---@field voiceCallbackValue? string The address, number or application of that.
---@field voiceStatusCallback? string Webhook of its calls.
---@field messagesCallbackType? string Such as app.
---@field messagesCallbackValue? string The application of that.
---@field app_id? string The application it is linked to.

--- List the account's own numbers.
---@param params? sms.nexmo.list_owned_numbers.params
---@param options? sms.call_options
---@return sms.nexmo.list_owned_numbers.result? result
---@return sms.error? err
function nexmo_client:list_owned_numbers(params, options) end

---@class sms.nexmo.buy_number.params
---@field country string Country of the number, such as GB.
---@field msisdn string The number.
---@field target_api_key? string Key of the subaccount that has it, or is to have it.

---@class sms.nexmo.buy_number.result
---@field ["error-code"] string 200, where it was done.
---@field ["error-code-label"]? string The same in words.

--- Buy a number. It costs its price at once, and each month until it is cancelled.
---@param params sms.nexmo.buy_number.params
---@param options? sms.call_options
---@return sms.nexmo.buy_number.result? result
---@return sms.error? err
function nexmo_client:buy_number(params, options) end

---@class sms.nexmo.cancel_number.params
---@field country string Country of the number, such as GB.
---@field msisdn string The number.
---@field target_api_key? string Key of the subaccount that has it, or is to have it.

---@class sms.nexmo.cancel_number.result
---@field ["error-code"] string 200, where it was done.
---@field ["error-code-label"]? string The same in words.

--- Give up a number. It may be somebody else's then: this cannot be undone.
---@param params sms.nexmo.cancel_number.params
---@param options? sms.call_options
---@return sms.nexmo.cancel_number.result? result
---@return sms.error? err
function nexmo_client:cancel_number(params, options) end

---@class sms.nexmo.update_number.params
---@field country string Country of the number, such as GB.
---@field msisdn string The number.
---@field app_id? string Application that has its traffic.
---@field moHttpUrl? string Webhook of inbound texts: Nexmo asks it with GET, and wants 200. An empty text removes it.
---@field moSmppSysType? string System type for SMPP, such as inbound.
---@field voiceCallbackType? "sip"|"tel"|"app" Where calls go; app is deprecated for app_id.
---@field voiceCallbackValue? string SIP URI, number, or id of an application.
---@field voiceStatusCallback? string Webhook of the ends of calls.
---@field messagesCallbackType? "app" Deprecated for app_id.
---@field messagesCallbackValue? string Id of an application; deprecated for app_id.

---@class sms.nexmo.update_number.result
---@field ["error-code"] string 200, where it was done.
---@field ["error-code-label"]? string The same in words.

--- Change what happens with texts and calls to an own number.
---@param params sms.nexmo.update_number.params
---@param options? sms.call_options
---@return sms.nexmo.update_number.result? result
---@return sms.error? err
function nexmo_client:update_number(params, options) end

---@class sms.nexmo.get_balance.params

---@class sms.nexmo.get_balance.result
---@field value number What is left, in EUR.
---@field autoReload? boolean Whether it is topped up by itself.

--- Get the account's balance, in EUR.
---@param params? sms.nexmo.get_balance.params
---@param options? sms.call_options
---@return sms.nexmo.get_balance.result? result
---@return sms.error? err
function nexmo_client:get_balance(params, options) end

---@class sms.nexmo.create_application.params
---@field name string Name.
---@field type? "voice" Kind of application.
---@field answer_url? string Supplies the call control object.
---@field answer_method? "GET"|"POST" GET if left out.
---@field event_url? string Receives the events of calls.
---@field event_method? "GET"|"POST" POST if left out.
---@field capabilities? sms.nexmo.create_application.params.capabilities Capabilities as version 2 has them, in place of type and the URLs.
---@field keys? sms.nexmo.create_application.params.keys A public key of one's own.
---@field privacy? sms.nexmo.create_application.params.privacy Use of data for AI; the provider's default is true.

---@class sms.nexmo.create_application.params.capabilities
---@field voice? sms.nexmo.create_application.params.capabilities.voice Calls.
---@field messages? sms.nexmo.create_application.params.capabilities.messages Messages.
---@field rtc? sms.nexmo.create_application.params.capabilities.rtc In-app voice and messages.
---@field vbc? sms.nexmo.create_application.params.capabilities.vbc Vonage Business Communications: an empty table.
---@field verify? sms.nexmo.create_application.params.capabilities.verify Verification.

---@class sms.nexmo.create_application.params.capabilities.voice
---@field webhooks? sms.nexmo.create_application.params.capabilities.voice.webhooks
---@field signed_callbacks? boolean Whether webhooks are signed, true if left out.
---@field conversations_ttl? integer Hours, 48 if left out.
---@field leg_persistence_time? integer Days, 2 if left out.
---@field region? "na-east"|"na-west"|"eu-east"|"eu-west"|"apac-sng"|"apac-australia" Where calls are processed.

---@class sms.nexmo.create_application.params.capabilities.voice.webhooks
---@field answer_url? sms.nexmo.create_application.params.capabilities.voice.webhooks.answer_url Supplies the call control object.
---@field fallback_answer_url? sms.nexmo.create_application.params.capabilities.voice.webhooks.fallback_answer_url The same, where that fails.
---@field event_url? sms.nexmo.create_application.params.capabilities.voice.webhooks.event_url Receives the events of calls.

---@class sms.nexmo.create_application.params.capabilities.voice.webhooks.answer_url
---@field address string Where it is.
---@field http_method? "GET"|"POST" How it is called.
---@field connect_timeout? integer Milliseconds, 1000 if left out.
---@field socket_timeout? integer Milliseconds until it must have answered; the most if left out.

---@class sms.nexmo.create_application.params.capabilities.voice.webhooks.fallback_answer_url
---@field address string Where it is.
---@field http_method? "GET"|"POST" How it is called.
---@field connect_timeout? integer Milliseconds, 1000 if left out.
---@field socket_timeout? integer Milliseconds until it must have answered; the most if left out.

---@class sms.nexmo.create_application.params.capabilities.voice.webhooks.event_url
---@field address string Where it is.
---@field http_method? "GET"|"POST" How it is called.
---@field connect_timeout? integer Milliseconds, 1000 if left out.
---@field socket_timeout? integer Milliseconds until it must have answered; the most if left out.

---@class sms.nexmo.create_application.params.capabilities.messages
---@field version? string Of the webhooks, such as v1.
---@field webhooks? sms.nexmo.create_application.params.capabilities.messages.webhooks

---@class sms.nexmo.create_application.params.capabilities.messages.webhooks
---@field inbound_url? sms.nexmo.create_application.params.capabilities.messages.webhooks.inbound_url Receives messages.
---@field status_url? sms.nexmo.create_application.params.capabilities.messages.webhooks.status_url Receives the states of messages.

---@class sms.nexmo.create_application.params.capabilities.messages.webhooks.inbound_url
---@field address string Where it is.
---@field http_method? "POST" How it is called.
---@field connect_timeout? integer Milliseconds, 1000 if left out.
---@field socket_timeout? integer Milliseconds until it must have answered; the most if left out.

---@class sms.nexmo.create_application.params.capabilities.messages.webhooks.status_url
---@field address string Where it is.
---@field http_method? "POST" How it is called.
---@field connect_timeout? integer Milliseconds, 1000 if left out.
---@field socket_timeout? integer Milliseconds until it must have answered; the most if left out.

---@class sms.nexmo.create_application.params.capabilities.rtc
---@field webhooks? sms.nexmo.create_application.params.capabilities.rtc.webhooks
---@field signed_callbacks? boolean Whether webhooks are signed, true if left out.

---@class sms.nexmo.create_application.params.capabilities.rtc.webhooks
---@field event_url? sms.nexmo.create_application.params.capabilities.rtc.webhooks.event_url Receives events.

---@class sms.nexmo.create_application.params.capabilities.rtc.webhooks.event_url
---@field address string Where it is.
---@field http_method? "GET"|"POST" How it is called.
---@field connect_timeout? integer Milliseconds, 1000 if left out.
---@field socket_timeout? integer Milliseconds until it must have answered; the most if left out.

---@class sms.nexmo.create_application.params.capabilities.vbc

---@class sms.nexmo.create_application.params.capabilities.verify
---@field webhooks? sms.nexmo.create_application.params.capabilities.verify.webhooks

---@class sms.nexmo.create_application.params.capabilities.verify.webhooks
---@field status_url? sms.nexmo.create_application.params.capabilities.verify.webhooks.status_url Receives the states of verifications.

---@class sms.nexmo.create_application.params.capabilities.verify.webhooks.status_url
---@field address string Where it is.
---@field http_method? "POST" How it is called.
---@field connect_timeout? integer Milliseconds, 1000 if left out.
---@field socket_timeout? integer Milliseconds until it must have answered; the most if left out.

---@class sms.nexmo.create_application.params.keys
---@field public_key? string In PEM form; without it the provider makes a pair of keys.

---@class sms.nexmo.create_application.params.privacy
---@field improve_ai? boolean Whether the provider may use the data for AI.

---@class sms.nexmo.create_application.result
---@field id string Id of the application.
---@field name? string Its name.
---@field keys? sms.nexmo.create_application.result.keys What signs and checks its tokens.

---@class sms.nexmo.create_application.result.keys
---@field public_key? string PEM.
---@field private_key? string PEM, in the answer of create_application alone.

--- Create a new application. The answer has its private key, once.
---@param params sms.nexmo.create_application.params
---@param options? sms.call_options
---@return sms.nexmo.create_application.result? result
---@return sms.error? err
function nexmo_client:create_application(params, options) end

---@class sms.nexmo.get_application.params
---@field application_id string Id of the application.

---@class sms.nexmo.get_application.result
---@field id string Id of the application.
---@field name? string Its name.
---@field keys? sms.nexmo.get_application.result.keys What signs and checks its tokens.

---@class sms.nexmo.get_application.result.keys
---@field public_key? string PEM.
---@field private_key? string PEM, in the answer of create_application alone.

--- Get an application by its id.
---@param params sms.nexmo.get_application.params
---@param options? sms.call_options
---@return sms.nexmo.get_application.result? result
---@return sms.error? err
function nexmo_client:get_application(params, options) end

---@class sms.nexmo.list_applications.params
---@field page_size? integer Entries a page, 10 if left out.
---@field page? integer Page, from 1.
---@field page_index? integer Offset from the first page, from 0; in place of page.

---@class sms.nexmo.list_applications.result
---@field count integer How many there are on all pages.
---@field page_size? integer Entries a page.
---@field page_index? integer Which page it is, from 0.
---@field _embedded sms.nexmo.list_applications.result._embedded What the page has.

---@class sms.nexmo.list_applications.result._embedded
---@field applications sms.nexmo.list_applications.result._embedded.applications[] The entries.

---@class sms.nexmo.list_applications.result._embedded.applications
---@field id string Id of the application.
---@field name? string Its name.
---@field keys? sms.nexmo.list_applications.result._embedded.applications.keys What signs and checks its tokens.

---@class sms.nexmo.list_applications.result._embedded.applications.keys
---@field public_key? string PEM.
---@field private_key? string PEM, in the answer of create_application alone.

--- List the account's applications.
---@param params? sms.nexmo.list_applications.params
---@param options? sms.call_options
---@return sms.nexmo.list_applications.result? result
---@return sms.error? err
function nexmo_client:list_applications(params, options) end

---@class sms.nexmo.update_application.params
---@field application_id string Id of the application.
---@field name string Name.
---@field type? "voice" Kind of application.
---@field answer_url? string Supplies the call control object.
---@field answer_method? "GET"|"POST" GET if left out.
---@field event_url? string Receives the events of calls.
---@field event_method? "GET"|"POST" POST if left out.
---@field capabilities? sms.nexmo.update_application.params.capabilities Capabilities as version 2 has them, in place of type and the URLs.
---@field keys? sms.nexmo.update_application.params.keys A public key of one's own.
---@field privacy? sms.nexmo.update_application.params.privacy Use of data for AI; the provider's default is true.

---@class sms.nexmo.update_application.params.capabilities
---@field voice? sms.nexmo.update_application.params.capabilities.voice Calls.
---@field messages? sms.nexmo.update_application.params.capabilities.messages Messages.
---@field rtc? sms.nexmo.update_application.params.capabilities.rtc In-app voice and messages.
---@field vbc? sms.nexmo.update_application.params.capabilities.vbc Vonage Business Communications: an empty table.
---@field verify? sms.nexmo.update_application.params.capabilities.verify Verification.

---@class sms.nexmo.update_application.params.capabilities.voice
---@field webhooks? sms.nexmo.update_application.params.capabilities.voice.webhooks
---@field signed_callbacks? boolean Whether webhooks are signed, true if left out.
---@field conversations_ttl? integer Hours, 48 if left out.
---@field leg_persistence_time? integer Days, 2 if left out.
---@field region? "na-east"|"na-west"|"eu-east"|"eu-west"|"apac-sng"|"apac-australia" Where calls are processed.

---@class sms.nexmo.update_application.params.capabilities.voice.webhooks
---@field answer_url? sms.nexmo.update_application.params.capabilities.voice.webhooks.answer_url Supplies the call control object.
---@field fallback_answer_url? sms.nexmo.update_application.params.capabilities.voice.webhooks.fallback_answer_url The same, where that fails.
---@field event_url? sms.nexmo.update_application.params.capabilities.voice.webhooks.event_url Receives the events of calls.

---@class sms.nexmo.update_application.params.capabilities.voice.webhooks.answer_url
---@field address string Where it is.
---@field http_method? "GET"|"POST" How it is called.
---@field connect_timeout? integer Milliseconds, 1000 if left out.
---@field socket_timeout? integer Milliseconds until it must have answered; the most if left out.

---@class sms.nexmo.update_application.params.capabilities.voice.webhooks.fallback_answer_url
---@field address string Where it is.
---@field http_method? "GET"|"POST" How it is called.
---@field connect_timeout? integer Milliseconds, 1000 if left out.
---@field socket_timeout? integer Milliseconds until it must have answered; the most if left out.

---@class sms.nexmo.update_application.params.capabilities.voice.webhooks.event_url
---@field address string Where it is.
---@field http_method? "GET"|"POST" How it is called.
---@field connect_timeout? integer Milliseconds, 1000 if left out.
---@field socket_timeout? integer Milliseconds until it must have answered; the most if left out.

---@class sms.nexmo.update_application.params.capabilities.messages
---@field version? string Of the webhooks, such as v1.
---@field webhooks? sms.nexmo.update_application.params.capabilities.messages.webhooks

---@class sms.nexmo.update_application.params.capabilities.messages.webhooks
---@field inbound_url? sms.nexmo.update_application.params.capabilities.messages.webhooks.inbound_url Receives messages.
---@field status_url? sms.nexmo.update_application.params.capabilities.messages.webhooks.status_url Receives the states of messages.

---@class sms.nexmo.update_application.params.capabilities.messages.webhooks.inbound_url
---@field address string Where it is.
---@field http_method? "POST" How it is called.
---@field connect_timeout? integer Milliseconds, 1000 if left out.
---@field socket_timeout? integer Milliseconds until it must have answered; the most if left out.

---@class sms.nexmo.update_application.params.capabilities.messages.webhooks.status_url
---@field address string Where it is.
---@field http_method? "POST" How it is called.
---@field connect_timeout? integer Milliseconds, 1000 if left out.
---@field socket_timeout? integer Milliseconds until it must have answered; the most if left out.

---@class sms.nexmo.update_application.params.capabilities.rtc
---@field webhooks? sms.nexmo.update_application.params.capabilities.rtc.webhooks
---@field signed_callbacks? boolean Whether webhooks are signed, true if left out.

---@class sms.nexmo.update_application.params.capabilities.rtc.webhooks
---@field event_url? sms.nexmo.update_application.params.capabilities.rtc.webhooks.event_url Receives events.

---@class sms.nexmo.update_application.params.capabilities.rtc.webhooks.event_url
---@field address string Where it is.
---@field http_method? "GET"|"POST" How it is called.
---@field connect_timeout? integer Milliseconds, 1000 if left out.
---@field socket_timeout? integer Milliseconds until it must have answered; the most if left out.

---@class sms.nexmo.update_application.params.capabilities.vbc

---@class sms.nexmo.update_application.params.capabilities.verify
---@field webhooks? sms.nexmo.update_application.params.capabilities.verify.webhooks

---@class sms.nexmo.update_application.params.capabilities.verify.webhooks
---@field status_url? sms.nexmo.update_application.params.capabilities.verify.webhooks.status_url Receives the states of verifications.

---@class sms.nexmo.update_application.params.capabilities.verify.webhooks.status_url
---@field address string Where it is.
---@field http_method? "POST" How it is called.
---@field connect_timeout? integer Milliseconds, 1000 if left out.
---@field socket_timeout? integer Milliseconds until it must have answered; the most if left out.

---@class sms.nexmo.update_application.params.keys
---@field public_key? string In PEM form; without it the provider makes a pair of keys.

---@class sms.nexmo.update_application.params.privacy
---@field improve_ai? boolean Whether the provider may use the data for AI.

---@class sms.nexmo.update_application.result
---@field id string Id of the application.
---@field name? string Its name.
---@field keys? sms.nexmo.update_application.result.keys What signs and checks its tokens.

---@class sms.nexmo.update_application.result.keys
---@field public_key? string PEM.
---@field private_key? string PEM, in the answer of create_application alone.

--- Update an application. What the parameters do not name is kept.
---@param params sms.nexmo.update_application.params
---@param options? sms.call_options
---@return sms.nexmo.update_application.result? result
---@return sms.error? err
function nexmo_client:update_application(params, options) end

---@class sms.nexmo.delete_application.params
---@field application_id string Id of the application.

--- Delete an application; this cannot be undone.
---@param params sms.nexmo.delete_application.params
---@param options? sms.call_options
---@return table? result
---@return sms.error? err
function nexmo_client:delete_application(params, options) end

--- Whether the credentials work. It makes a read that costs nothing, with its slot.
---@return true? ok
---@return sms.error? err What the read said.
function nexmo_client:check() end

--- A dry run: the request that a call would send, secrets masked. Nothing is sent; only for
--- `update_application` with the documented parameters the application is read, with a slot.
---@param operation string Its name.
---@param params? table Those of the call.
---@return { method: string, url: string, headers: table<string, string>, body: string? }? request
---@return sms.error? err
function nexmo_client:prepare(operation, params) end

--- A call that no operation stands for, unchecked but for its place. Credentials, limits, errors and
--- retries are those of the declared operations of the same host and path. Only a GET is repeated
--- after any transient failure, and not where a GET sends (Nexmo's paths that end in `/json` or
--- `/xml`); all else is repeated only where it is certain that the provider did not take it. At a path
--- that is declared, answers are read as that operation's.
---@param params sms.request What is asked, and where.
---@param options? sms.call_options Those of this call.
---@return table|string? result The decoded JSON where that is an object or a list, else the text; an empty table for HTTP status 204.
---@return sms.error? err
function nexmo_client:request(params, options) end

--- The items of all pages of a list: `for item, err in client:each(…)`. After an error the loop runs
--- once more, with `false, err`: a list never ends in silence.
---@param operation string The name of one that gives a list.
---@param params? table Those of the call; which page it begins with, too.
---@param options? sms.call_options
---@return fun(): any, sms.error? next The iterator of the loop.
function nexmo_client:each(operation, params, options) end

--- What became of calls whose event loop was closed or dropped while they were under way. Ask in
--- another loop, or outside of all; what is told here no coroutine is told.
---@return { operation: string, params: table, result: any, err: sms.error? }[] ended Those that have ended since it was asked before.
---@return integer under_way How many have not.
function nexmo_client:abandoned() end

--- The last warnings, the oldest first, at most 20: what an event `warning` told, whether or not the
--- client has an `on_event`.
---@return { time: integer, message: string }[] warnings `time`: seconds since 1970.
function nexmo_client:warnings() end

--- Lets go of connections and secrets; so do the garbage collector and `<close>`. Calls that wait or
--- are under way end at once with an error of kind `cancelled`. It may be called again.
function nexmo_client:close() end

--- Reads a delivery receipt, an inbound text or the event of a call, once its signature is checked.
--- What is wrong is `nil, err` with `outcome` `rejected`: kind `auth` for a signature, `protocol` for
--- what cannot be read, `invalid` for a `request` that is none, `internal` where a store fails.
---@param request sms.webhook_request
---@param options? sms.webhook_options
---@return sms.webhook? webhook
---@return sms.error? err
function nexmo_client:read_webhook(request, options) end

--- Looks at the signature of decoded parameters, and at nothing else: neither age nor replay.
---@param params table<string, any>
---@return boolean is_signed
function nexmo_client:verify_signature(params) end

--- Sends all items of a source, so many calls side by side: `for item, result, err in …`, in the
--- order in which they end. With a journal it goes on where it was stopped or killed.
---@param source sms.nexmo.send_sms.params[]|(fun(): sms.nexmo.send_sms.params?)|sms.outbox_source Items, or what gives the next one, nil at the end; or those of an outbox.
---@param options? sms.nexmo.bulk_options
---@return sms.bulk_run run
function nexmo_client:send_all(source, options) end

---@class sms.nexmo
---@overload fun(options?: sms.nexmo.options): sms.nexmo.client
---@field send_sms fun(params: sms.nexmo.send_sms.params, options?: sms.call_options): sms.nexmo.send_sms.result?, sms.error?
---@field send_voice fun(params: sms.nexmo.send_voice.params, options?: sms.call_options): sms.nexmo.send_voice.result?, sms.error?
---@field list_inbound_numbers fun(params: sms.nexmo.list_inbound_numbers.params, options?: sms.call_options): sms.nexmo.list_inbound_numbers.result?, sms.error?
---@field list_owned_numbers fun(params?: sms.nexmo.list_owned_numbers.params, options?: sms.call_options): sms.nexmo.list_owned_numbers.result?, sms.error?
---@field buy_number fun(params: sms.nexmo.buy_number.params, options?: sms.call_options): sms.nexmo.buy_number.result?, sms.error?
---@field cancel_number fun(params: sms.nexmo.cancel_number.params, options?: sms.call_options): sms.nexmo.cancel_number.result?, sms.error?
---@field update_number fun(params: sms.nexmo.update_number.params, options?: sms.call_options): sms.nexmo.update_number.result?, sms.error?
---@field get_balance fun(params?: sms.nexmo.get_balance.params, options?: sms.call_options): sms.nexmo.get_balance.result?, sms.error?
---@field create_application fun(params: sms.nexmo.create_application.params, options?: sms.call_options): sms.nexmo.create_application.result?, sms.error?
---@field get_application fun(params: sms.nexmo.get_application.params, options?: sms.call_options): sms.nexmo.get_application.result?, sms.error?
---@field list_applications fun(params?: sms.nexmo.list_applications.params, options?: sms.call_options): sms.nexmo.list_applications.result?, sms.error?
---@field update_application fun(params: sms.nexmo.update_application.params, options?: sms.call_options): sms.nexmo.update_application.result?, sms.error?
---@field delete_application fun(params: sms.nexmo.delete_application.params, options?: sms.call_options): table?, sms.error?
---@field request fun(params: sms.request, options?: sms.call_options): table|string?, sms.error?

---@class sms.retarus.options
---@field username? string User name, which is a secret, too. From RETARUS_USERNAME if left out.
---@field password? string Its password. From RETARUS_PASSWORD if left out.
---@field strict_parts? boolean A text that `maxParts` would cut is an error, not a `warning` event. One that may be sent as UTF-16, by `encoding` or for its characters, is counted so.
---@field timeout? number Seconds for one attempt, name look-up to last byte; some operations have more.
---@field connect_timeout? number Seconds for connecting alone.
---@field deadline? number Seconds for the whole call, with its waits and repeats; some operations have more.
---@field max_wait? number Seconds a call may wait for the rate limit, the deadline if left out; 0: an error at once.
---@field rate_limit? sms.rate_limit|sms.rate_limit[]|false Calls in any period; the provider's limits if left out, or where only `share` is given.
---@field slots_path? string Folder, which exists, of the limits with `share = "machine"`; one of the user's own in `/dev/shm` if left out.
---@field slots_mode? integer Mode of their files, 0600 if left out.
---@field cold_start? "spread"|"hold" In a new container their slots come one by one over the first period, or all after it: docs/design.md 3.3.
---@field retry? sms.retry|false When a call may be repeated; up to twice if left out, and never with false.
---@field base_url? string Replaces scheme and host of all the provider's hosts. From the provider's variable (NEXMO_BASE_URL, RETARUS_BASE_URL) if left out.
---@field hosts? table<string, string> Replaces single hosts by the provider's names for them.
---@field allow_http? boolean Plain HTTP to other hosts than loopback; otherwise refused.
---@field proxy? string Proxy; `""`: none. If left out that of the environment, which is never used for this machine itself.
---@field no_proxy? string Hosts that are reached without it; `""`: none; those of the environment if left out.
---@field ca_file? string File of trusted certificates, also for a proxy over TLS.
---@field ca_path? string Folder of trusted certificates.
---@field client_cert? string File of the client's certificate.
---@field client_key? string File of that certificate's key.
---@field pinned_public_key? string Public key the server must have, as libcurl takes it.
---@field min_tls? "1.0"|"1.1"|"1.2"|"1.3" Lowest version of TLS; 1.2 if left out, 1.3 where OpenSSL is configured for that.
---@field keep_free_memory? boolean Has glibc keep up to 4 MiB of free memory for the whole process, unless the host has set its limits itself: texts over TLS then take less CPU time.
---@field insecure? boolean Switches the check of certificates off, also that of a proxy.
---@field http_version? "1.1"|"2" Version of HTTP; with 2 more calls end `ambiguous` where a connection is lost.
---@field max_connections? integer Connections to one host; more calls wait in turn, within `timeout`.
---@field keep_alive? integer Seconds a connection may idle before it is not used again.
---@field max_response_bytes? integer Longest answer that is read. lua-cjson takes so much memory at once, and ends the process where there is none.
---@field on_event? fun(event: sms.event) Is told what happens in a call, and can neither delay nor break it: what it raises is dropped. In nginx it runs in a timer.
---@field clock? sms.clock That of a sandbox, as the option tables of `sms.testing` have it; such a client does not ask the environment.
---@field runtime? sms.runtime How to wait, where that is not found out by itself.

---@class sms.retarus.bulk_options: sms.call_options
---@field options? sms.retarus.send_job.params.options Options of the jobs.
---@field strict_parts? boolean The client's own if left out.
---@field in_flight? integer Calls side by side; at most the share `use` of `max_connections`. As many of `high` items of an outbox go beside those that wait.
---@field use? number Share of the rate limit's slots that it may hold, so that single calls do not wait behind it. `high` items of an outbox go before and may take all.
---@field total? integer Number of items, where a function gives them.
---@field journal? string File that remembers what was begun and how it ended: the next run goes on there. With `SMS_SANDBOX` it is another, with `.sandbox` at its end. An outbox has none.
---@field sync? boolean With a journal: what is begun is on the disk before it is sent, so that it survives a power cut.
---@field resend_ambiguous? boolean With a journal: sends again what may have been sent. A risk of a second message.
---@field resend_refused? boolean With a journal: tells and sends again what was refused.
---@field on_progress? fun(progress: sms.bulk_progress) Is told how far it is, at most ten times a second.
---@field stop? fun(item: table): boolean? Is asked before an item is sent; true ends the run before it: it and the rest stay new.
---@field not_after? number Seconds since 1970 from which nothing leaves: the run ends, the rest stays new.

---@class sms.retarus.client
local retarus_client = {}

---@class sms.retarus.send_job.params
---@field options? sms.retarus.send_job.params.options Options for the whole job.
---@field messages sms.retarus.send_job.params.messages[] Texts and their recipients.

---@class sms.retarus.send_job.params.options
---@field src? string Sender shown to the recipient.
---@field encoding? "STANDARD"|"UTF-16" Preferred encoding: GSM 7-bit or UTF-16.
---@field billcode? string|integer Billing reference.
---@field statusRequested? boolean Ask for a delivery notification; without it the best status is SUC_ACC.
---@field flash? boolean Shown at once, not stored.
---@field customerRef? string|integer Reference of the job, returned in its report.
---@field validityMin? integer Minutes in which delivery is tried; 0 is the provider's default.
---@field maxParts? integer Most parts of a long text; what is longer is cut.
---@field invalidCharacters? "REFUSE"|"REPLACE"|"TO_UTF16"|"TRANSLITERATE" What happens to characters outside GSM 7-bit.
---@field qos? "EXPRESS"|"NORMAL" Priority.
---@field jobPeriod? string When the job starts.
---@field duplicateDetection? boolean Refuse a job equal to one of the last 10 minutes.
---@field blackoutPeriods? string[] Times in which nothing is sent.

---@class sms.retarus.send_job.params.messages
---@field text string Text of the SMS.
---@field recipients (string|sms.retarus.send_job.params.messages.recipients)[] Who receives it: tables, or plain numbers.

---@class sms.retarus.send_job.params.messages.recipients
---@field dst string Phone number.
---@field customerRef? string|integer Reference of this SMS; the number where it is left out.
---@field blackoutPeriods? string[] Times in which nothing is sent.

---@class sms.retarus.send_job.result
---@field jobId string Id of the job, for get_job, list_recipients and follow.

--- Send one or more texts as one job.
---@param params sms.retarus.send_job.params
---@param options? sms.call_options
---@return sms.retarus.send_job.result? result
---@return sms.error? err
function retarus_client:send_job(params, options) end

---@class sms.retarus.get_version.params

---@class sms.retarus.get_version.result
---@field buildNumber? integer Number of the build.
---@field buildTimestamp? string When it was built.
---@field majorVersion? integer Major version.
---@field minorVersion? integer Minor version.
---@field versionInfo? string The version in words.
---@field message? string Anything else.

--- Get version information.
---@param params? sms.retarus.get_version.params
---@param options? sms.call_options
---@return sms.retarus.get_version.result? result
---@return sms.error? err
function retarus_client:get_version(params, options) end

---@class sms.retarus.get_job.params
---@field jobId string Id of the job, of send_job.

---@class sms.retarus.get_job.result
---@field jobId string Id of the job.
---@field src? string Sender.
---@field encoding? string As it was sent, in small letters.
---@field billcode? string Billing reference.
---@field statusRequested? boolean Whether delivery is notified.
---@field flash? boolean Shown at once, not stored.
---@field validityMin? integer Minutes in which delivery is tried.
---@field customerRef? string Reference of the job.
---@field qos? string Priority.
---@field receiptTs? string When the provider received it.
---@field finishedTs? string When its last SMS reached its end; missing until then.
---@field recipientIds string[] The smsId of each.

--- Get the status of a job; that of its single messages is list_recipients.
---@param params sms.retarus.get_job.params
---@param options? sms.call_options
---@return sms.retarus.get_job.result? result
---@return sms.error? err
function retarus_client:get_job(params, options) end

---@class sms.retarus.list_recipients.params
---@field jobId string Id of the job, of send_job.

---@class sms.retarus.list_recipients.result
---@field smsId string Id of the SMS.
---@field dst string The number.
---@field processStatus? string How far it is, such as OPEN, RUNNING, DONE.
---@field status? string How it ended.
---@field customerRef? string Reference of this SMS; the number where none was given.
---@field reason? string The carrier's words.
---@field sentTs? string When it was sent.
---@field finishedTs? string When it reached its end.
---@field final boolean Its state will not change any more.
---@field success? boolean The text went; nil: not known, or not yet.

--- Get the status of all recipients of a job.
---@param params sms.retarus.list_recipients.params
---@param options? sms.call_options
---@return sms.retarus.list_recipients.result[]? result
---@return sms.error? err
function retarus_client:list_recipients(params, options) end

---@class sms.retarus.list_jobs.params
---@field jobIdsOnly? boolean Only true is supported.
---@field fromTs? string Jobs from this time on.
---@field toTs? string Jobs up to this time.
---@field open? boolean Only open jobs, or only finished ones.
---@field offset? integer Index of the first record, from 0; 0 where two data centres are asked.
---@field limit? integer Most records of each data centre, 100 if left out.

---@class sms.retarus.list_jobs.result
---@field jobId string Id of the job.
---@field src? string Sender.
---@field encoding? string As it was sent, in small letters.
---@field billcode? string Billing reference.
---@field statusRequested? boolean Whether delivery is notified.
---@field flash? boolean Shown at once, not stored.
---@field validityMin? integer Minutes in which delivery is tried.
---@field customerRef? string Reference of the job.
---@field qos? string Priority.
---@field receiptTs? string When the provider received it.
---@field finishedTs? string When its last SMS reached its end; missing until then.
---@field recipientIds? string[] The smsId of each.

--- Get all jobs for given criteria.
---@param params? sms.retarus.list_jobs.params
---@param options? sms.call_options
---@return sms.retarus.list_jobs.result[]? result
---@return sms.error? err
function retarus_client:list_jobs(params, options) end

--- Whether the credentials work. It makes a read that costs nothing, with its slot.
---@return true? ok
---@return sms.error? err What the read said.
function retarus_client:check() end

--- A dry run: the request that a call would send, secrets masked. Nothing is sent; only for
--- `update_application` with the documented parameters the application is read, with a slot.
---@param operation string Its name.
---@param params? table Those of the call.
---@return { method: string, url: string, headers: table<string, string>, body: string? }? request
---@return sms.error? err
function retarus_client:prepare(operation, params) end

--- A call that no operation stands for, unchecked but for its place. Credentials, limits, errors and
--- retries are those of the declared operations of the same host and path. Only a GET is repeated
--- after any transient failure, and not where a GET sends (Nexmo's paths that end in `/json` or
--- `/xml`); all else is repeated only where it is certain that the provider did not take it. At a path
--- that is declared, answers are read as that operation's.
---@param params sms.request What is asked, and where.
---@param options? sms.call_options Those of this call.
---@return table|string? result The decoded JSON where that is an object or a list, else the text; an empty table for HTTP status 204.
---@return sms.error? err
function retarus_client:request(params, options) end

--- The items of all pages of a list: `for item, err in client:each(…)`. After an error the loop runs
--- once more, with `false, err`: a list never ends in silence.
---@param operation string The name of one that gives a list.
---@param params? table Those of the call; which page it begins with, too.
---@param options? sms.call_options
---@return fun(): any, sms.error? next The iterator of the loop.
function retarus_client:each(operation, params, options) end

--- What became of calls whose event loop was closed or dropped while they were under way. Ask in
--- another loop, or outside of all; what is told here no coroutine is told.
---@return { operation: string, params: table, result: any, err: sms.error? }[] ended Those that have ended since it was asked before.
---@return integer under_way How many have not.
function retarus_client:abandoned() end

--- The last warnings, the oldest first, at most 20: what an event `warning` told, whether or not the
--- client has an `on_event`.
---@return { time: integer, message: string }[] warnings `time`: seconds since 1970.
function retarus_client:warnings() end

--- Lets go of connections and secrets; so do the garbage collector and `<close>`. Calls that wait or
--- are under way end at once with an error of kind `cancelled`. It may be called again.
function retarus_client:close() end

--- Polls a job until all its recipients are final, and yields a recipient each time its status
--- changes: `for recipient, err in retarus:follow(job)`. After an error the loop runs once more, with
--- `false, err`. Every poll is a call with its slot.
---@param id string|table The id of a job, or what `send_job` returned.
---@param options? sms.follow_options
---@return fun(): sms.followed|false, sms.error? next The iterator of the loop.
function retarus_client:follow(id, options) end

---@class sms.retarus.bulk_item
---@field text string Text of the SMS.
---@field dst string Phone number.
---@field customerRef? string|integer Reference of this SMS; the number where it is left out.
---@field blackoutPeriods? string[] Times in which nothing is sent.

--- Sends all items of a source, so many calls side by side: `for item, result, err in …`, in the
--- order in which they end. With a journal it goes on where it was stopped or killed.
---@param source sms.retarus.bulk_item[]|(fun(): sms.retarus.bulk_item?)|sms.outbox_source Items, or what gives the next one, nil at the end; or those of an outbox.
---@param options? sms.retarus.bulk_options
---@return sms.bulk_run run
function retarus_client:send_all(source, options) end

---@class sms.retarus
---@overload fun(options?: sms.retarus.options): sms.retarus.client
---@field send_job fun(params: sms.retarus.send_job.params, options?: sms.call_options): sms.retarus.send_job.result?, sms.error?
---@field get_version fun(params?: sms.retarus.get_version.params, options?: sms.call_options): sms.retarus.get_version.result?, sms.error?
---@field get_job fun(params: sms.retarus.get_job.params, options?: sms.call_options): sms.retarus.get_job.result?, sms.error?
---@field list_recipients fun(params: sms.retarus.list_recipients.params, options?: sms.call_options): sms.retarus.list_recipients.result[]?, sms.error?
---@field list_jobs fun(params?: sms.retarus.list_jobs.params, options?: sms.call_options): sms.retarus.list_jobs.result[]?, sms.error?
---@field request fun(params: sms.request, options?: sms.call_options): table|string?, sms.error?

return sms
