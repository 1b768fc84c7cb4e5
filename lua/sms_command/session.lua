--- What one run of the command has: its outputs, its clients, and how it ends.
---
---   session.provider(arguments)           which is meant; misuse where that is not clear
---   session.client("nexmo", options)      its client, with credentials of environment or file
---   session.call(client, "buy_number", params)      a call that changes something
---   session.preview(client, operation, params)      for --dry-run; the exit code
---   session.value "SMS_REDIS"             of the environment or the file with credentials
---   session.text(arguments.text)          `-` is the standard input
---   session.confirm "Buy it?"             whether; misuse where nobody can be asked
---   session.out, session.err              see output.lua
---   session.json, session.dry_run, session.yes      flags
---   session.tally:add(err)                what became of a message: see outcome.lua
---   return session.tally:code()           the exit code of all
---   return session.failed(err)            the exit code of a read that failed, which it tells
---   session.misuse("--to: %s", why)       ends it all with a sentence and exit code 2

local credentials = require "sms_command.credentials"
local outcome = require "sms_command.outcome"
local outbox_place = require "sms_command.outbox.place"
local output = require "sms_command.output"
local places = require "sms_command.places"
local sms = require "sms"

local session = {}

local LONG_WAIT = 0.5 -- seconds for which nothing is said

--- Ends the command with a sentence and exit code 2.
---@param text string
function session.misuse(text, ...)
  error({ misuse = select("#", ...) > 0 and text:format(...) or text }, 0)
end

--- A text of the command line; `-` stands for the standard input, whose last line end is no part
--- of it.
---@param given string?
---@return string?
function session.text(given)
  if given ~= "-" then
    return given
  end
  local text, why = io.read "*a"
  if not text then
    session.misuse("the standard input cannot be read: %s", tostring(why))
  end
  return (text:gsub("\r?\n$", ""))
end

--- What the clients tell while they work.
local function teller(made)
  local err = made.err
  return function(event)
    if event.name == "request" then
      made.has_begun = true
    elseif event.name == "warning" then
      err:line(("sms: %s"):format(event.message))
    elseif event.name == "wait" and event.seconds >= LONG_WAIT then
      err:progress(("%s: waiting %.0f s%s"):format(event.provider, event.seconds,
        event.message and ": " .. event.message or ", to stay within the rate limit"))
    elseif event.name == "retry" then
      err:progress(("%s: %s; next attempt in %.0f s"):format(event.provider,
        event.message or "it failed", event.seconds or 0))
    end
  end
end

local function file_values(made)
  if not made.values then
    local values, why = {}, nil
    if not credentials.sandbox() then
      values, why = credentials.read()
    end
    made.values = values or session.misuse(why)
  end
  return made.values
end

--- A sentence of the library for whoever sits at a terminal: without the line of Lua it names.
local function in_words(message)
  return (tostring(message):gsub("^[^\n]-:%d+: ", "")
    :gsub(" is missing: give it, or set ([%w_]+) in the environment.*$",
      " is missing: set %1 in the environment or in ~/.config/sms/credentials"))
end

--- Where slots of rate limits live: each run is a process of its own, and on another machine may be
--- a worker of the same account.
local function share_of(made)
  if credentials.value(file_values(made), "SMS_REDIS") then
    return outbox_place.share(outbox_place.server({}, made))
  end
  return "machine"
end

--- The client of a provider, made at the first call; misuse where its credentials are missing.
local function client_of(made, provider, given)
  local options = credentials.options(file_values(made), provider)
  options.on_event = teller(made)
  if not credentials.sandbox() and not (given and given.rate_limit) then
    options.rate_limit = { share = share_of(made) } -- a sandbox's limits are nobody's
  end
  for name, value in pairs(given or {}) do
    options[name] = value
  end
  local ok, client = pcall(sms[provider], options)
  if outcome.is_interrupt(client) then
    error(client, 0)
  elseif not ok then
    session.misuse(in_words(client))
  end
  made.clients[#made.clients + 1] = client
  return client
end

--- Which provider is meant.
local function provider_of(made, arguments)
  local values = file_values(made)
  local named = arguments and arguments.provider or credentials.value(values, "SMS_PROVIDER")
  if named and not credentials.NAMES[named] then
    session.misuse("there is no provider '%s': nexmo or retarus", named)
  elseif named then
    return named
  end
  local there = credentials.providers(values)
  if there[2] then
    session.misuse "nexmo or retarus? There are credentials for both: say --provider"
  elseif there[1] then
    return there[1]
  end
  session.misuse("there are no credentials: set NEXMO_API_KEY and NEXMO_API_SECRET, or "
    .. "RETARUS_USERNAME and RETARUS_PASSWORD, in the environment or in ~/.config/sms/credentials")
end

--- Makes a call that changes something; where Ctrl-C ends it, it says whether it may have done so.
local function call(made, client, operation, params)
  made.has_begun = false
  local ok, result, err = pcall(client[operation], client, params)
  if ok then
    return result, err
  elseif outcome.is_interrupt(result) then
    made.err:line(("sms: %s: %s"):format(operation, made.has_begun
      and "it was under way: it may have been done or not" or "nothing was sent"))
  end
  error(result, 0)
end

--- Asks on a terminal whether to do something that costs or destroys.
local function confirm(made, question)
  if made.yes then
    return true
  elseif not (output.is_terminal(0) and made.err:is_terminal()) then
    session.misuse("this needs --yes, since there is no terminal to ask on: %s", question)
  end
  made.err:clear()
  io.stderr:write(question, " [y/N] ")
  io.stderr:flush()
  local answer = (places.read_line() or ""):lower()
  return answer == "y" or answer == "yes"
end

--- An error as programs read it; what it has of texts and numbers is the provider's own answer.
---@param err table of the library
---@return table
function session.error_fields(err)
  return {
    kind = err.kind, outcome = err.outcome, message = err.message, code = err.code,
    status = err.status, problems = err.problems, retry_after = err.retry_after,
    retryable = err.retryable, account = err.account,
  }
end

-- What a session does; each is called without it: session.client("nexmo").
local methods = { client = client_of, provider = provider_of, call = call, confirm = confirm }

--- The providers that there are credentials for, or the one that was named.
function methods.providers(made, arguments)
  local values = file_values(made)
  local there = credentials.providers(values)
  local named = arguments and arguments.provider or credentials.value(values, "SMS_PROVIDER")
  return not named and there[2] and there or { provider_of(made, arguments) }
end

--- A value of the environment, or else of the file with credentials.
function methods.value(made, name)
  return credentials.value(file_values(made), name)
end

--- Tells an error in a sentence, its own or another, and gives the exit code of a read that failed.
function methods.failed(made, err, words)
  if made.json then
    made.out:json { error = session.error_fields(err) }
  end
  made.err:problem(words or err)
  for i = 2, #(err.problems or {}) do -- the first is in the sentence
    made.err:line(("  also %s: %s"):format(err.problems[i].path, err.problems[i].message))
  end
  return outcome.FAILED
end

--- Shows a request as it would be sent, secrets masked.
local function show(out, request)
  local names = {}
  for name in pairs(request.headers) do
    names[#names + 1] = name
  end
  table.sort(names)
  out:line(request.method .. " " .. request.url)
  for _, name in ipairs(names) do
    out:line(name .. ": " .. request.headers[name])
  end
  out:line("\n" .. (request.body or ""))
end

--- Shows the request that a call would send; the exit code.
function methods.preview(made, client, operation, params)
  local request, err = client:prepare(operation, params)
  if not request then
    made.failed(err)
    made.tally:add(err)
    return made.tally:code()
  elseif made.json then
    made.out:json(request)
  else
    show(made.out, request)
  end
  return outcome.OK
end

--- Lets go of all clients: what is in flight ends.
function methods.close(made)
  for _, client in ipairs(made.clients) do
    client:close()
  end
end

--- Makes one.
---@return table
function session.new()
  local made = { clients = {}, tally = outcome.tally(), misuse = session.misuse,
    text = session.text, error_fields = session.error_fields }
  made.out, made.err = output.new()
  for name, method in pairs(methods) do
    made[name] = function(...)
      return method(made, ...)
    end
  end
  return made
end

return session
