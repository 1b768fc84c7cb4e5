--- A request by the library's engine behind as little Lua as will do.

local core = require "sms.core"
local runtime = require "sms.runtime"
local work = require "bench.work"

local TIMEOUT, CONNECT_TIMEOUT, ANY_TIME = 30, 5, 0 -- seconds; no first byte after that time
local CONTENTS = { ["application/x-www-form-urlencoded"] = "form", ["application/json"] = "json" }

local credentials = core.credentials { identity = work.user, password = work.password }
local transport = core.http_client({
  user_agent = "lua-sms/" .. core.version,
  ca_file = work.ca_file,
  http2 = work.http_version == "2",
  max_connections = 64,
  keep_alive = 20,
  max_response = 4 * 1024 * 1024,
}, credentials)

local heads = {} -- by path: method, URL and what else is always the same

local function head_of(path, content)
  heads[path] = heads[path] or core.request_head {
    method = content and "POST" or "GET",
    url = work.url .. path,
    content = CONTENTS[content],
    auth = "basic",
  }
  return heads[path]
end

--- Posts, or gets where there is no body.
---@param path string
---@param body string?
---@param content string? its type
---@return integer status
---@return string body
return function(path, body, content)
  local status, answer, why = runtime.here().perform(transport, head_of(path, content), TIMEOUT,
    CONNECT_TIMEOUT, ANY_TIME, body)
  work.check(status, why or answer and answer.message)
  return status, answer
end
