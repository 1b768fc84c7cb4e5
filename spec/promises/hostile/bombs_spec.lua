-- Answers that never end, or become large where they are read: each stops at the ceiling, a send
-- whose answer was one is ambiguous, and the next call works.

local core = require "sms.core"
local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"

local http = raw_server.http
local CEILING = 100000 -- bytes of a body
local PATIENCE = 20 -- seconds: a time that is over is no ceiling
local LONG = os.getenv "SMS_TEST_LONG"
local HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
local CHUNKED = HEAD .. "Transfer-Encoding: chunked\r\n\r\n"
local JOB = '{"jobId":"J"}'
local DEPTH = 100000
local SIZES = LONG and { 1, 1000, 65536 } or { 1000 }

local function zipped(text)
  local path = os.tmpname()
  local pipe = assert(io.popen("gzip -9c >" .. path, "w"))
  pipe:write(text)
  pipe:close()
  local file = assert(io.open(path, "rb"))
  local bytes = file:read "*a"
  file:close()
  os.remove(path)
  return bytes
end

local BOMB = zipped('{"jobId":"J","x":"' .. (" "):rep(20000000) .. '"}')

-- What stops at the ceiling, without an end of its own.
local ENDLESS = {
  ["status line"] = { "HTTP/1.1 200 ", { endless = "O" } },
  ["header line"] = { HEAD .. "X-Header: ", { endless = "y" } },
  ["header name"] = { HEAD, { endless = "y" } },
  ["head"] = { HEAD, { endless = "X-Header: y\r\n" } },
  ["row of interim answers"] = { { endless = "HTTP/1.1 100 Continue\r\n\r\n" } },
  ["body"] = { HEAD .. "\r\n", { endless = " " } },
  ["body of an announced length"] = { HEAD .. "Content-Length: 9000000000000000000\r\n\r\n",
    { endless = "[" } },
  ["row of chunks"] = { CHUNKED, { endless = "1\r\n \r\n" } },
  ["chunk"] = { CHUNKED .. "7fffffffffff\r\n", { endless = " " } },
  ["trailer line"] = { CHUNKED .. "d\r\n" .. JOB .. "\r\n0\r\nX-Trailer: ", { endless = "y" } },
  ["row of trailers"] = { CHUNKED .. "d\r\n" .. JOB .. "\r\n0\r\n", { endless = "X: y\r\n" } },
}

-- What is refused as soon as it is seen.
local BROKEN = {
  ["an endless line that is no HTTP"] = { { endless = "H" } },
  ["a chunk of a size beyond 64 bits"] = { CHUNKED .. ("f"):rep(17) .. "\r\n" .. JOB },
  ["a chunk of a negative size"] = { CHUNKED .. "-1\r\n" .. JOB },
  ["a chunk without its line end"] = { CHUNKED .. "d\r\n" .. JOB .. "xx0\r\n\r\n" },
  ["a negative length"] = { HEAD .. "Content-Length: -13\r\n\r\n" .. JOB, { close = true } },
  ["a length that is no number"] = { HEAD .. "Content-Length: x\r\n\r\n" .. JOB:sub(1, 5),
    { close = true } },
  ["a length that is too long"] = { HEAD .. "Content-Length: 14\r\n\r\n" .. JOB, { close = true } },
  ["a length that is too short"] = { HEAD .. "Content-Length: 5\r\n\r\n" .. JOB, { close = true } },
}

local JSON = {
  ["lists in each other"] = ("["):rep(DEPTH) .. ("]"):rep(DEPTH),
  ["objects in each other"] = ('{"a":'):rep(DEPTH) .. "1" .. ("}"):rep(DEPTH),
  ["lists in an undeclared field"] = '{"jobId":"J","x":' .. ("["):rep(DEPTH) .. ("]"):rep(DEPTH)
    .. "}",
  ["lists that are never closed"] = '{"jobId":"J","x":' .. ("["):rep(DEPTH),
  ["an id that stands twice"] = '{"jobId":"J","jobId":"K"}',
  ["a string that never ends"] = '{"jobId":"' .. ("x"):rep(DEPTH),
  ["an escape that never ends"] = '{"jobId":"' .. ("\\"):rep(DEPTH + 1),
}

describe("A bomb", function()
  local server, client

  setup(function() server = raw_server.start() end)
  teardown(function() server:stop() end)

  local function new_client(ceiling)
    server:forget()
    client = retarus.client_of(server.url, { max_response_bytes = ceiling or CEILING,
      retry = false, timeout = PATIENCE })
  end

  local function assert_works()
    server:reply(http(200, JOB))
    assert.equal("J", assert(client:send_job(retarus.job "+491760000001")).jobId)
  end

  --- The error of a send that is answered so; it was asked once, and the next one works.
  local function told(reply, ceiling)
    new_client(ceiling)
    server:reply(reply)
    local began = core.now()
    local result, err = client:send_job(retarus.job "+491760000001")
    assert.is_nil(result)
    assert.equal(1, #server:requests())
    assert.equal("ambiguous", err.outcome)
    assert.is_true(err.kind ~= "timeout" and core.now() - began < PATIENCE, tostring(err))
    assert_works()
    client:close()
    return err
  end

  for what, reply in pairs(ENDLESS) do
    it("is an endless " .. what, function()
      local err = told(reply)
      assert.equal("protocol", err.kind, tostring(err))
      assert.matches("larger than allowed", err.message)
    end)
  end

  for what, reply in pairs(BROKEN) do
    it("is not " .. what .. ", and that is no answer either", function()
      local err = told(reply)
      assert.is_true(err.kind == "connection" or err.kind == "protocol", tostring(err))
    end)
  end

  for what, json in pairs(JSON) do
    it("is JSON of " .. what, function()
      assert.equal("protocol", told(http(200, json), 2000000).kind)
    end)
  end

  it("is gzip that nobody asked for: it is not unpacked", function()
    assert.equal("protocol",
      told(http(200, BOMB, "Content-Encoding: gzip\r\n")).kind)
    local err = told { HEAD .. "Transfer-Encoding: gzip\r\nConnection: close\r\n\r\n" .. BOMB,
      { close = true } }
    assert.is_true(err.kind == "connection" or err.kind == "protocol", tostring(err))
  end)

  it("is not a number of 400 digits: its digits are kept", function()
    new_client()
    for _, digits in ipairs { ("7"):rep(400), "-" .. ("7"):rep(400), ("7"):rep(400) .. ".5" } do
      server:reply(http(200, ('{"jobId":%s,"x":%s}'):format(digits, digits)))
      local result = assert(client:send_job(retarus.job "+491760000001"))
      assert.equal(digits, result.jobId)
    end
    client:close()
  end)

  -- Libcurl tells nobody of it, and has no limit for it.
  it("of a chunk's extension ends with its time", function()
    new_client()
    server:reply { CHUNKED .. "d;x=", { endless = "y" } }
    local result, err = client:send_job(retarus.job "+491760000001", { timeout = 0.5 })
    assert.is_nil(result)
    assert.same({ "timeout", "ambiguous" }, { err.kind, err.outcome })
    assert_works()
    client:close()
  end)

  it("may come in pieces of any size", function()
    for _, size in ipairs(SIZES) do
      local piece = ('{"jobId":"%s'):format(("x"):rep(size))
      assert.matches("larger than allowed",
        told({ CHUNKED, { endless = ("%x\r\n%s\r\n"):format(#piece, piece) } }).message)
    end
  end)
end)
