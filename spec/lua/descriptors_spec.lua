-- Where a program's standard descriptors were closed before it started, nothing of the library
-- takes their place; and programs that it starts get none of its connections.

local child = require "spec.support.child"
local raw_server = require "spec.support.servers.raw_server"
local usual = require "spec.support.usual"

-- Sends two texts in bulk, says something meanwhile, and leaves with what it found.
local BULK = [[
local url, journal = ...
local client = require "sms".nexmo { api_key = "abcd1234", api_secret = "12345678901234567890",
  base_url = url }
local texts = {}
for i = 1, 2 do texts[i] = { from = "Acme", to = "44770090000" .. i, text = "Hello" } end
local count = 0
for item, result, err in client:send_all(texts, { journal = journal, in_flight = 1 }) do
  assert(item and result, tostring(err))
  count = count + 1
  print(("what is printed "):rep(100))
  io.stdout:flush()
  io.stderr:write "and what is said of errors\n"
end
os.execute("ls /proc/$PPID/fd >" .. journal .. ".open")
local taken = 0
for number in io.lines(journal .. ".open") do
  if tonumber(number) < 3 then taken = taken + 1 end
end
os.exit(10 * count + taken)
]]

local POPEN = [[
local client = require "sms".nexmo { api_key = "abcd1234", api_secret = "12345678901234567890",
  base_url = ... }
assert(client:send_sms { from = "Acme", to = "447700900000", text = "Hello" })
io.write(io.popen("ls -l /proc/self/fd; cat /proc/self/net/tcp"):read "*a")
]]

local function run(program, arguments, closing)
  local name = os.tmpname()
  local file = assert(io.open(name, "w"))
  file:write(program)
  file:close()
  local words = { child.interpreter, name }
  for i, argument in ipairs(arguments) do words[i + 2] = child.quoted(argument) end
  local ended = child.shell(table.concat(words, " ") .. " " .. (closing or ""))
  os.remove(name)
  return ended
end

describe("A descriptor", function()
  local server

  setup(function() server = raw_server.start() end)
  teardown(function() server:stop() end)

  local CLOSED = { [">&-"] = 2, ["<&-"] = 2, ["2>&-"] = 2, ["<&- >&- 2>&-"] = 0 }
  for closing, open in pairs(CLOSED) do
    it("takes no place of those that were closed: " .. closing, function()
      local journal = os.tmpname()
      os.remove(journal)
      finally(function()
        os.remove(journal)
        os.remove(journal .. ".open")
      end)
      server:replies { usual.taken(), usual.taken() }
      server:forget()
      local ended = run(BULK, { server.url, journal }, closing)
      assert.equal(20 + open, ended.status, ended.err)
      assert.equal(2, #server:requests())
      ended = run(BULK, { server.url, journal })
      assert.equal(3, ended.status, ended.err) -- the journal knows both
      assert.equal(2, #server:requests())
    end)
  end

  it("of a connection is not handed on to a program", function()
    server:replies { usual.taken() }
    local ended = run(POPEN, { server.url })
    assert.equal(0, ended.status, ended.err)
    local sockets, listing, connections = 0, ended.out:match "^(.-)(\n *sl .*)$"
    for inode in listing:gmatch "socket:%[(%d+)%]" do
      if connections:find(" " .. inode .. " ", 1, true) then sockets = sockets + 1 end
    end
    assert.equal(0, sockets)
  end)
end)
