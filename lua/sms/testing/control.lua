--- Asks the sandbox's controls, by plain HTTP.

local core = require "sms.core"
local json = require "sms.base.json"
local runtime = require "sms.runtime"

local control = {}

local TIMEOUT, CONNECT = 30, 5 -- seconds
local NO_END = 0 -- a first byte may leave whenever it can

local OPTIONS = { user_agent = "lua-sms/" .. core.version, no_proxy = "*", max_connections = 1,
  keep_alive = 1, max_response = 256 * 1024 * 1024 } -- as much as arrivals may be

--- What asks those of one sandbox.
---@param url string of its controls
---@return fun(method: string, name: string, value: table?): string?, string? ask the text of the
--- answer; or nil, why
---@return table client which holds its connection
function control.new(url)
  local client = assert(core.http_client(OPTIONS))
  return function(method, name, value)
    local status, answer, why = runtime.here().perform(client, { method = method,
      url = url .. "/_sandbox/" .. name, body = value and json.encode_any(value),
      content = value and "json" }, TIMEOUT, CONNECT, NO_END)
    if status == 200 then
      return answer
    elseif status then
      local told = json.decode(answer)
      return nil, type(told) == "table" and told.message or "HTTP status " .. status
    end
    return nil, type(answer) == "table" and answer.message or why or "it does not answer"
  end, client
end

return control
