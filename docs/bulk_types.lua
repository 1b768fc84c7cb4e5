--- Types for LuaLS of send_all.

local bulk_types = {}

bulk_types.classes = [[

---@class sms.bulk_progress
---@field done integer
---@field total? integer
---@field accepted integer
---@field refused integer
---@field not_sent integer
---@field ambiguous integer
---@field rate number
---@field time_left? number

--- Is called for each round of a loop: item, result, err.
---@class sms.bulk_run
---@overload fun(): (table|false)?, table?, sms.error?
local bulk_run = {}

function bulk_run:close() end
]]

bulk_types.method = [[

---@param source %s[]|fun(): %s?
---@param options? sms.%s.bulk_options
---@return sms.bulk_run run
function %s:send_all(source, options) end
]]

return bulk_types
