--- `sms call`: speaks a text to whoever takes the call.

local arguments = require "sms_command.arguments"
local change = require "sms_command.calls.change"

local PROVIDER, OPERATION = "nexmo", "send_voice"

local call = { name = "call" }

call.summary = "Call a number and speak a text."
call.description = "Calls a number and speaks a text: through the Voice API where "
  .. "NEXMO_APPLICATION_ID and NEXMO_PRIVATE_KEY are set, else through text to speech as it was "
  .. "before."

function call.declare(parser)
  parser:argument "text" :description "The text; - reads it from the standard input."
  arguments.add_params(parser, arguments.operation(PROVIDER, OPERATION), { text = true })
end

function call.run(given, session)
  local params = arguments.params(given, arguments.operation(PROVIDER, OPERATION))
  params.text = session.text(given.text)
  return change.run(session, session.client(PROVIDER), {
    operation = OPERATION, params = params,
    told = function(result)
      if session.json then
        session.out:json(result)
      else
        session.out:row { "accepted", result.to or params.to, result.call_id }
      end
    end,
    in_doubt = "the number may have been called",
  })
end

return call
