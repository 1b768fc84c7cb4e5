--- Lua-cURL as Debian packages it: one handle that is used again and again. It can neither
--- make calls side by side nor ask for HTTP/2 or for the status of an answer, which is read
--- from its head.

local curl = require "curl"
local unchecked = require "bench.peers.unchecked"
local work = require "bench.work"

local easy = curl.easy_init()
local chunks, status

easy:setopt(curl.OPT_NOSIGNAL, 1)
easy:setopt(curl.OPT_HTTP_VERSION, curl.HTTP_VERSION_1_1)
easy:setopt(curl.OPT_CAINFO, work.ca_file)
easy:setopt(curl.OPT_TIMEOUT_MS, 30000)
easy:setopt(curl.OPT_USERAGENT, "lua-curl/0.3")
easy:setopt(curl.OPT_HEADERFUNCTION, function(line)
  status = tonumber(line:match "^HTTP/%S+ (%d+)") or status
  return #line
end)
easy:setopt(curl.OPT_WRITEFUNCTION, function(chunk)
  chunks[#chunks + 1] = chunk
  return #chunk
end)

local content

--- Headers and method are set again only where they change.
local function set_content(kind)
  if content == kind then
    return
  end
  content = kind
  easy:setopt(curl.OPT_HTTPHEADER, { "Accept: application/json", "Expect:",
    "Content-Type:" .. kind, "Authorization: " .. work.basic })
end

unchecked(curl.escape, function(path, body, kind)
  chunks, status = {}, nil
  set_content(kind and " " .. kind or "")
  easy:setopt(curl.OPT_URL, work.url .. path)
  if body then
    easy:setopt(curl.OPT_POSTFIELDS, body)
  end
  local ok, message = easy:perform()
  work.check(ok, message)
  return status, table.concat(chunks)
end)
