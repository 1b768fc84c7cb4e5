-- All that a Redis holds, as one text, for specs that search it.
--
--     contents.of(server):find("447700900000", 1, true)

local contents = {}

local unpack = table.unpack or unpack

local READS = {
  string = { "GET" }, hash = { "HGETALL" }, list = { "LRANGE", 0, -1 }, set = { "SMEMBERS" },
  zset = { "ZRANGE", 0, -1 }, stream = { "XRANGE", "-", "+" },
}

local function text_of(value)
  if type(value) ~= "table" then
    return tostring(value)
  end
  local parts = {}
  for i, part in ipairs(value) do parts[i] = text_of(part) end
  return table.concat(parts, "\n")
end

--- Names and values of all keys.
function contents.of(server)
  local texts = {}
  for _, key in ipairs(assert(server:command("KEYS", "*"))) do
    local read = assert(READS[server:command("TYPE", key)], key)
    texts[#texts + 1] = key .. "\n"
      .. text_of(server:command(read[1], key, unpack(read, 2)) or "gone")
  end
  return table.concat(texts, "\n")
end

return contents
