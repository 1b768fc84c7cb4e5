--- The time that a client goes by: this machine's, or that of a sandbox, which specs move. It is
--- data: seconds that whoever asks for the time adds. Pure.

local clock = {}

local Clock = { __name = "sms.clock" }

--- That of clients in life.
---   `ahead`: seconds by which its time is ahead of the machine's
---   `latest`: the same by the time that it is being moved to: who moves it sets this first, and
---     `ahead` once the sandbox has been moved. What ends meanwhile may have arrived at that time
---   `nap`: seconds after which whoever waits looks again
---   `mark`: what tells the slots of its clients from those of others
---   `moves`: whether `ahead` may change
clock.OF_MACHINE = setmetatable({ ahead = 0, latest = 0, nap = 1, mark = "", moves = false },
  Clock)

--- A clock that may be moved.
---@param mark string no other clock's, in any process
---@return table clock
function clock.new(mark)
  return setmetatable({ ahead = 0, latest = 0, nap = 0.05, mark = mark, moves = true }, Clock)
end

--- Whether a value is a clock.
---@param value any
---@return boolean
function clock.is(value)
  return type(value) == "table" and getmetatable(value) == Clock
end

return clock
