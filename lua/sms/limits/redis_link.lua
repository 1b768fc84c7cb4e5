--- The one way to ask a Redis: a script, its keys and its arguments, and an answer that is known
--- to be the one to this question.
---
---   local link = redis_link.new(connect, release)
---   local answer, why, is_certain = link:ask(script, { "sms:{…}:state" }, "argument", …)
---
--- ARGV[1] of every script is what its answer has to begin with: a late answer to an earlier
--- question is none. A client is given back as usable only where it gave an answer; any other is
--- to be closed.

local core = require "sms.core"
local errors = require "sms.base.errors"
local unpack = require "sms.base.unpack"

local redis_link = {}

local Link = { __name = "sms.redis_link" }
local methods = {}
Link.__index = methods

redis_link.NONSENSE = "Redis gave no answer to what was asked"

-- Errors by which Redis says that it has not run a script at all.
local REFUSALS = { "OOM", "MISCONF", "NOREPLICAS", "READONLY", "LOADING", "BUSY", "MASTERDOWN",
  "NOAUTH", "NOPERM", "CLUSTERDOWN", "MOVED" }

local function eval_of(client)
  return client.eval
end

--- Why connect has not given a client; nil: it has.
local function failure_of(ok, client, why)
  if not ok or not client then
    return errors.safe_text(tostring(ok and why or client))
  end
  local is_indexed, eval = pcall(eval_of, client)
  return not (is_indexed and eval) and "connect gave no client: an object with eval was expected"
    or nil
end

--- Runs a script at a client, which raises its errors or returns them.
local function evaluate(client, words)
  local answer, err = client:eval(unpack(words))
  return answer, err
end

--- What eval is given: the script, the keys, the question and the other arguments.
local function words_of(script, keys, question, ...)
  local words = { script, #keys }
  for _, list in ipairs { keys, { question, ... } } do
    for _, word in ipairs(list) do
      words[#words + 1] = word
    end
  end
  return words
end

--- Whether Redis has said that it ran nothing.
local function is_refusal(message)
  for _, code in ipairs(REFUSALS) do
    if message:find("%f[A-Za-z0-9]" .. code .. "%f[^A-Za-z0-9]") then
      return true
    end
  end
  return false
end

--- Ctrl-C in lua and luajit is not Redis' fault.
local function raise_interrupt(ok, message)
  if not ok and tostring(message):find "interrupted!$" then
    error(message, 0)
  end
end

--- One round trip.
---@param script string
---@param keys string[]
---@param ... string further arguments of the script
---@return table? answer its first element is the question
---@return string? why
---@return boolean? is_certain that Redis has done nothing of it
function methods:ask(script, keys, ...)
  self.asked = self.asked + 1
  local question = ("%d.%.0f"):format(self.asked, core.random() * 2 ^ 32)
  local words = words_of(script, keys, question, ...) -- before: no client is lost where it raises
  local ok, client, why = pcall(self.connect)
  raise_interrupt(ok, client)
  local failure = failure_of(ok, client, why)
  if failure then
    if ok and client then
      pcall(self.release, client, false)
    end
    return nil, "Redis cannot be reached: " .. failure, true
  end
  local answered, answer, err = pcall(evaluate, client, words)
  local good = answered and type(answer) == "table" and answer[1] == question
  pcall(self.release, client, good)
  raise_interrupt(answered, answer)
  if good then
    return answer
  elseif answered and not answer and err then
    answer = err
  elseif answered then
    return nil, redis_link.NONSENSE
  end
  local message = errors.safe_text(tostring(answer))
  return nil, "Redis gave no answer: " .. message, is_refusal(message)
end

--- A name as it may stand in a key: within the one hash tag, and without braces of its own.
---@param name string
---@return string
function redis_link.escape(name)
  return (name:gsub("[^A-Za-z0-9._:=-]", function(byte)
    return ("%%%02X"):format(byte:byte())
  end))
end

--- What is wrong with what a user gave to reach Redis, or nil.
---@param given table
---@return string? message
function redis_link.problem(given)
  for _, name in ipairs { "connect", "release" } do
    if type(given[name]) ~= "function" then
      return name .. ": a function was expected"
    end
  end
end

--- Makes a link.
---@param connect fun(): table?, string?
---@param release fun(client: table, ok: boolean)
---@return table
function redis_link.new(connect, release)
  return setmetatable({ connect = connect, release = release, asked = 0 }, Link)
end

return redis_link
