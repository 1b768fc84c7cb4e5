--- Types for LuaLS of what all providers have in common.

local common_types = {}

local CLASSES = [[
---@meta sms
-- Made by docs/generate.lua; not edited.
-- luacheck: ignore

---@class sms
---@field version string
%PROVIDERS
---@field gateway fun(given: sms.gateway_options): sms.gateway
---@field receipts sms.receipts
---@field inbound sms.inbound
---@field stores sms.stores
local sms = {}

---@param functions function[]
---@param options? { in_flight: integer? }
---@return { [1]: any, [2]: any }[] results
function sms.all(functions, options) end

---@param body function
---@return boolean? ok
---@return sms.error? err
function sms.later(body) end

---@param value any
---@return boolean
function sms.is_error(value) end

---@class sms.param
---@field name? string
---@field type string
---@field help? string
---@field required? boolean
---@field default? any
---@field words? string[]
---@field says? string
---@field format? string
---@field min? number
---@field max? number
---@field or_value? number
---@field min_length? integer
---@field max_length? integer
---@field min_items? integer
---@field only? any
---@field alias? string
---@field multiline? boolean
---@field shorthand? string
---@field fields? sms.param[]
---@field items? sms.param

---@class sms.operation
---@field name string
---@field summary string
---@field kind "reads"|"changes"
---@field method string
---@field path string
---@field params sms.param[]

---@param provider string
---@return sms.operation[]
function sms.operations(provider) end

---@param text string
---@return { encoding: string, units: integer, parts: integer, misfit: table? }? measured
---@return sms.error? err
function sms.measure(text) end

---@alias sms.error_kind "invalid"|"auth"|"rejected"|"rate_limited"|"not_found"|"duplicate"
---| "partial"|"server"|"timeout"|"connection"|"protocol"|"cancelled"|"internal"

---@class sms.error
---@field kind sms.error_kind
---@field outcome "not_sent"|"rejected"|"accepted"|"ambiguous"
---@field message string
---@field provider string
---@field operation string
---@field status? integer
---@field code? string
---@field problems? { path: string, message: string }[]
---@field result? any
---@field retryable boolean
---@field retry_after? number
---@field account? boolean

---@class sms.event
---@field name "request"|"response"|"retry"|"wait"|"warning"
---@field provider string
---@field operation? string
---@field attempt? integer
---@field status? integer
---@field seconds? number
---@field message? string

---@class sms.runtime
---@field perform function
---@field sleep fun(seconds: number)

---@class sms.rate_limit
---@field calls integer
---@field period number
---@field share? "process"|"machine"|table
---@field per? "from"

---@class sms.retry
---@field attempts? integer
---@field base? number
---@field cap? number
---@field trust_duplicate_detection? boolean

---@class sms.call_options
---@field timeout? number
---@field deadline? number
---@field max_wait? number
---@field retry? sms.retry|false
---@field extra? table<string, any>

---@class sms.follow_options
---@field interval? number[]|{ first?: number, longest?: number }
---@field timeout? number
---@field visible_within? number
---@field tolerate? number

---@class sms.followed%FOLLOWED
---@field final boolean
---@field success? boolean
]]

--- The classes that are there whichever providers there are.
---@param providers table[]
---@return string
function common_types.classes(providers)
  local fields, followed = {}, {}
  for i, provider in ipairs(providers) do
    fields[i] = ("---@field %s sms.%s"):format(provider.name, provider.name)
    if provider.follow then
      followed[#followed + 1] = ("sms.%s.%s.result"):format(provider.name,
        provider.follow.operation)
    end
  end
  return (CLASSES:gsub("%%(%u+)", { PROVIDERS = table.concat(fields, "\n"),
    FOLLOWED = followed[1] and ": " .. table.concat(followed, ", ") or "" }))
end

return common_types
