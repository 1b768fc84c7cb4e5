--- The queue of a run that has ended before its calls have, since waiting for them was broken off.
--- Nothing more begins. Its journal may be another run's by now, which tells as ambiguous what was
--- begun here: ends are not noted.

local abandoned = {}

function abandoned.begin()
  return nil, "send_all ended before it was sent", "cancelled"
end

function abandoned.next() end
function abandoned.finish() end
function abandoned.refuse() end
function abandoned.renew() end
function abandoned.refused() end
function abandoned.before_told() end
function abandoned.told() end
function abandoned.beat() end
function abandoned.nap() end
function abandoned.public() end
function abandoned.close() end

return abandoned
