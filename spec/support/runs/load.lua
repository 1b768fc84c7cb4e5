-- Keeps a number of requests to an nginx of spec.support.nginx in flight.
--
--     local answers = load.run(server, 20, function(i) return "/one?ref=" .. i end,
--       function(seconds, answered) return seconds < 3 end)   -- false: no new ones
--     answers["/one?ref=1"].status, .body

local nginx = require "spec.support.servers.nginx"
local socket = require "socket"

local load = {}

--- Runs until the function that is asked before each new request says no, and until what
--- is in flight has been answered. Answers by path; without a status, none came.
function load.run(server, in_flight, path_of, go_on)
  local began, answers, count, answered = socket.gettime(), {}, 0, 0
  local open, path_by = {}, {}
  local function begin()
    while go_on(socket.gettime() - began, answered) do
      count = count + 1
      local path = path_of(count)
      local begun, connection = pcall(server.begin, server, path)
      if begun then
        open[#open + 1] = connection
        path_by[connection] = path
        return
      end
      answers[path], answered = {}, answered + 1 -- its worker has just ended
    end
  end
  for _ = 1, in_flight do begin() end
  while open[1] do
    local readable = socket.select(open, nil, 30)
    assert(readable[1], "no answer")
    for _, connection in ipairs(readable) do
      local status, body = nginx.answer(connection)
      answers[path_by[connection]] = { status = status, body = body }
      answered = answered + 1
      for i, other in ipairs(open) do
        if other == connection then table.remove(open, i) break end
      end
      begin()
    end
  end
  return answers, count
end

return load
