--- What sms.all keeps of the functions that it runs: what they return, and what they raise.
--- How they run side by side is the runtime's affair.

local together = {}

--- What is raised where one of the functions raised: `cause`, what it raised first, and
--- `results`, with what the others returned.
local Raised = { __name = "sms.raised" }

Raised.__tostring = function(raised)
  return tostring(raised.cause)
end

local function keep(self, place, ok, ...)
  if ok then
    self.results[place] = { ... }
    return
  end
  local cause = ...
  self.results[place] = { raised = cause }
  self.first = self.first or { cause }
end

--- Functions to run side by side, which take the given ones in turn and raise nothing.
---@param functions function[]
---@param in_flight integer? how many of them run at a time; nil: all
---@return table group bodies, results
function together.new(functions, in_flight)
  local self, taken, count = { bodies = {}, results = {} }, 0, #functions
  local function run()
    while taken < count do
      taken = taken + 1
      local place = taken
      keep(self, place, pcall(functions[place]))
    end
  end
  for i = 1, math.min(in_flight or count, count) do
    self.bodies[i] = run
  end
  return self
end

--- What came of all, once all have ended; raises where one of them did.
---@param group table
---@return table[] results
function together.finish(group)
  if group.first then
    error(setmetatable({ cause = group.first[1], results = group.results }, Raised), 0)
  end
  return group.results
end

return together
