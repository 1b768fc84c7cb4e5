--- Through Nexmo: a call for every text.

local terminal = require "terminal"

local by_nexmo = {}

local STATES = { accepted = "sent in part", rejected = "refused", not_sent = "not sent",
  ambiguous = "unknown" }

--- Whether every further call would fail in the same way.
local function is_hopeless(err)
  return err.kind == "auth" or err.outcome == "not_sent" and err.kind ~= "invalid"
end

local function note_error(sent, err)
  local problem = err.problems and err.problems[1]
  sent.state = STATES[err.outcome]
  sent.reason = problem and problem.message or err.message
  if err.outcome == "ambiguous" then
    sent.reason = sent.reason .. "; it may have been sent"
  end
end

--- Sends one text and notes at the person how that ended.
local function send(nexmo, sender, person)
  local sent = { state = "interrupted", parts = 0, price = 0 }
  person.nexmo = sent
  local result, err = nexmo:send_sms { from = sender, to = person.number, text = person.text,
    ["client-ref"] = person.ref }
  if result then
    sent.state = "sent"
  else
    note_error(sent, err)
  end
  for _, part in ipairs((result or err.result or {}).messages or {}) do
    if part.status == "0" then
      sent.parts = sent.parts + 1
      sent.id = sent.id or part["message-id"]
      sent.price = sent.price + (tonumber(part["message-price"]) or 0)
    end
  end
  return err
end

--- Sends everybody's text.
function by_nexmo.send(nexmo, sender, people)
  for i, person in ipairs(people) do
    terminal.progress("Nexmo: %d of %d", i, #people)
    local err = send(nexmo, sender, person)
    if err and is_hopeless(err) then
      terminal.give_up("Nexmo: %s (%s)", err.message, STATES[err.outcome])
    end
  end
end

return by_nexmo
