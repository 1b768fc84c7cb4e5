-- How many calls a provider saw in any window of time, by a sandbox's arrivals in order.
--
--     windows.most(box:arrivals(), 0.5)        the most in any window of 0.5 s
--     windows.closest(box:arrivals(), 100)     the least time in which 101 of them lie
--     windows.used(box:arrivals(), 100, 0.5)   the share of the limit, after its first burst

local windows = {}

function windows.most(arrivals, period)
  local most, first = 0, 1
  for last = 1, #arrivals do
    while arrivals[last].time - arrivals[first].time >= period * 1e6 do first = first + 1 end
    most = math.max(most, last - first + 1)
  end
  return most
end

function windows.closest(arrivals, calls)
  local least = math.huge
  for i = 1, #arrivals - calls do
    least = math.min(least, (arrivals[i + calls].time - arrivals[i].time) / 1e6)
  end
  return least
end

function windows.used(arrivals, calls, period)
  local lasted = (arrivals[#arrivals].time - arrivals[1].time) / 1e6
  return (#arrivals - calls) / calls / (lasted / period)
end

return windows
