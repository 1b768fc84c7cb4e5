--- sms measure: what a text costs.

local sms = require "sms"

local measure = {
  name = "measure",
  flags = { json = true },
  summary = "Tell alphabet and parts of a text.",
  description = "Tells in which alphabet a text is sent and how many parts it has, each of which "
    .. "is paid for. Nothing is sent.",
}

function measure.declare(parser)
  parser:argument "text":description "The text; - reads it from the standard input."
end

function measure.run(given, session)
  local measured, err = sms.measure(session.text(given.text))
  if not measured then
    session.misuse("the text is %s", err.message)
  elseif session.json then
    session.out:json(measured)
    return 0
  end
  session.out:line(("%s, %d %s, %d %s"):format(measured.encoding, measured.units,
    measured.encoding == "GSM-7" and "septets" or "UTF-16 units", measured.parts,
    measured.parts == 1 and "part" or "parts"))
  if measured.misfit then
    session.out:line(("'%s' at byte %d is not in GSM-7"):format(measured.misfit.character,
      measured.misfit.position))
  end
  return 0
end

return measure
