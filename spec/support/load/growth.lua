-- How much memory grows in the course of a run, apart from what its idle connections are: how many
-- of them are kept is another number after each round, and each is some kilobytes of libcurl's.
--
--     local growth, blur, each = growth.of(bytes, connections)     lists, an entry for each round
--
-- gives bytes in a round, the standard error of that, and the bytes of a connection: the plane of
-- least squares through rounds, connections and bytes.

local growth = {}

local function mean(list)
  local sum = 0
  for i = 1, #list do sum = sum + list[i] end
  return sum / #list
end

--- The slope of the line of least squares, and what it leaves of each value.
local function line(x, y)
  local mean_x, mean_y, xx, xy = mean(x), mean(y), 0, 0
  for i = 1, #x do
    xx, xy = xx + (x[i] - mean_x) ^ 2, xy + (x[i] - mean_x) * (y[i] - mean_y)
  end
  local slope, rest = xx > 0 and xy / xx or 0, {}
  for i = 1, #x do rest[i] = y[i] - mean_y - slope * (x[i] - mean_x) end
  return slope, rest
end

local function squares(list)
  local sum = 0
  for i = 1, #list do sum = sum + list[i] ^ 2 end
  return sum
end

---@param bytes number[]
---@param connections number[]
---@return number in_a_round
---@return number blur standard error
---@return number each of a connection
function growth.of(bytes, connections)
  local rounds = {}
  for i = 1, #bytes do rounds[i] = i end
  local _, rounds_apart = line(connections, rounds)
  local _, bytes_apart = line(connections, bytes)
  local in_a_round, rest = line(rounds_apart, bytes_apart)
  local blur = (squares(rest) / (#bytes - 3) / squares(rounds_apart)) ^ 0.5
  local _, connections_apart = line(rounds, connections)
  local _, bytes_of_them = line(rounds, bytes)
  return in_a_round, blur, (line(connections_apart, bytes_of_them))
end

return growth
