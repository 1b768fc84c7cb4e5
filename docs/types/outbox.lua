--- Types for LuaLS of an outbox.

local outbox = {}

outbox.classes = [[

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
]]

return outbox
