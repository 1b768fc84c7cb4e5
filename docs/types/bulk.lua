--- Types for LuaLS of send_all.

local bulk = {}

bulk.classes = [[

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
]]

bulk.method = [[

--- Sends all items of a source, so many calls side by side: `for item, result, err in …`, in the
--- order in which they end. With a journal it goes on where it was stopped or killed.
---@param source %s[]|(fun(): %s?)|sms.outbox_source Items, or what gives the next one, nil at the end; or those of an outbox.
---@param options? sms.%s.bulk_options
---@return sms.bulk_run run
function %s:send_all(source, options) end
]]

return bulk
