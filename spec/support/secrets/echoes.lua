-- Answers of a provider that says all it was sent: credentials in each spelling in which they go
-- over the wire, the text and the number, wherever words may stand.

local cjson = require "cjson"
local forms = require "spec.support.secrets.forms"
local mime = require "mime"
local raw_server = require "spec.support.servers.raw_server"

local echoes = {}

local http = raw_server.http
local NUMBER = "447700900000"
local OF_ACCOUNTS = { 401, 403, 420 }
local OTHERS = { 400, 404, 409, 422, 500, 503 }

--- Everything at once: of whose credentials these are, and what else was sent.
---@param user string
---@param secrets string[] the first is the password of that user
---@param more string[] numbers and texts
---@return string
function echoes.words(user, secrets, more)
  local list = {}
  for i, word in ipairs(more) do list[i] = word end
  for _, secret in ipairs(secrets) do
    local all = forms.of(secret)
    for _, form in ipairs { "raw", "url", "small url" } do list[#list + 1] = all[form] end
  end
  list[#list + 1] = "Basic " .. mime.b64(user .. ":" .. secrets[1])
  return table.concat(list, " ")
end

local function refusal(status, words)
  return http(status, cjson.encode { ["error-code"] = words, ["error-code-label"] = words,
    type = words, title = words, detail = words, instance = words, message = words, code = words,
    error = words, error_title = words, errors = { { message = words, code = words } },
    invalid_parameters = { { name = words, reason = words } } })
end

local function broken(text)
  return { text, { close = true } }
end

--- Errors in JSON, one of each status, but for those that refuse an account.
---@param words string
---@return string[]
function echoes.refusals(words)
  local list = {}
  for i, status in ipairs(OTHERS) do list[i] = refusal(status, words) end
  return list
end

--- All of them, with some words.
---@param words string
---@return (string|table)[] as spec.support.servers.raw_server takes them
function echoes.replies(words)
  local list = { http(200, "<html>" .. words), http(200, cjson.encode { words }),
    http(200, cjson.encode { ["message-count"] = "1", messages = { { to = NUMBER,
      status = "4", ["error-text"] = words } } }),
    http(200, cjson.encode { call_id = "", to = NUMBER, status = "4", error_text = words }),
    http(200, cjson.encode { ["message-count"] = words, messages = { words } }),
    http(302, "", "Location: http://127.0.0.1/" .. words:gsub(" ", "") .. "\r\n"),
    http(429, words, "Retry-After: 0\r\nX: " .. words .. "\r\n"),
    http(503, "", "Retry-After: " .. words .. "\r\nDate: " .. words .. "\r\n"),
    http(500, "<html>" .. words, "Content-Type: " .. words .. "\r\n"),
    broken("HTTP/1.1 " .. words .. "\r\n\r\n"), broken(words .. "\r\n\r\n"),
    broken("HTTP/1.1 200 OK\r\nContent-Length: " .. words .. "\r\n\r\n{}"),
    broken("HTTP/1.1 200 OK\r\nTransfer-Encoding: " .. words .. "\r\n\r\n{}"),
    broken("HTTP/1.1 200 OK\r\nContent-Encoding: " .. words .. "\r\n\r\n{}"),
    broken("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" .. words .. "\r\n\r\n") }
  for _, reply in ipairs(echoes.refusals(words)) do list[#list + 1] = reply end
  for _, status in ipairs(OF_ACCOUNTS) do list[#list + 1] = refusal(status, words) end
  return list
end

return echoes
