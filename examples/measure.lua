--- Says what texts cost: their alphabet, their parts, and what makes them dear.
---
---   lua5.4 examples/measure.lua "Hello" "It’s 5 € – really"

local sms = require "sms"

if not arg[1] then
  io.stderr:write "usage: lua5.4 examples/measure.lua TEXT…\n"
  os.exit(2)
end

for _, text in ipairs(arg) do
  local measured, err = sms.measure(text)
  if not measured then
    io.stderr:write(err.message, "\n")
    os.exit(1)
  end
  print(("%s, units: %d, parts: %d"):format(measured.encoding, measured.units, measured.parts))
  if measured.misfit then
    print(("  '%s' at byte %d is not in GSM-7"):format(measured.misfit.character,
      measured.misfit.position))
  end
end
