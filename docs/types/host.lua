--- Types for LuaLS of what nginx, event loops and Redis are given and give; their functions say the
--- rest in their own files.

local host = {}

host.classes = [[

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
]]

return host
