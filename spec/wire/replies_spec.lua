-- Hostile replies over real sockets: what each makes of a send and of a read, and that the next
-- call works.

local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"

local http = raw_server.http
local TIMEOUT = 0.3 -- seconds, where it is to be over
local CEILING = 20000 -- bytes of a reply
local HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
local CHUNKED = HEAD .. "Transfer-Encoding: chunked\r\n\r\n"
local JOB = '{"jobId":"J"}'
local closed = { close = true }

local function filled(bytes)
  return '{"jobId":"J","x":"' .. ("x"):rep(bytes - 20) .. '"}'
end

-- what comes, the kind and the status of the error (a send is always ambiguous; so is a read,
-- since its answer did not tell)
local HOSTILE = {
  { "nothing, and the end", { closed }, "connection" },
  { "nothing, and a reset", { { reset = true } }, "connection" },
  { "nothing at all", { { sleep = 30 } }, "timeout" },
  { "a cut status line", { "HTTP/1.1 20", closed }, "connection" },
  { "something else than HTTP", { "SSH-2.0-OpenSSH_9.2\r\n", closed }, "connection" },
  { "HTTP/0.9", { JOB, closed }, "connection" },
  { "a head that is cut after its status line", { "HTTP/1.1 200 OK\r\n", closed },
    "connection", 200 },
  { "a head that is cut in a header", { HEAD .. "Content-Le", closed }, "connection", 200 },
  { "a head without its empty line", { HEAD .. "Content-Length: 13\r\n", closed },
    "connection", 200 },
  { "a head that is cut after 201", { "HTTP/1.1 201 Created\r\nX: y\r\n", closed },
    "connection", 201 },
  { "a head and no body", { HEAD .. "Content-Length: 13\r\n\r\n", closed }, "connection", 200 },
  { "half of a body", { HEAD .. "Content-Length: 13\r\n\r\n" .. JOB:sub(1, 7), closed },
    "connection", 200 },
  { "a body without its last byte",
    { HEAD .. "Content-Length: 14\r\n\r\n" .. JOB, { reset = true } }, "connection", 200 },
  { "a chunk that is cut", { CHUNKED .. "d\r\n" .. JOB:sub(1, 5), closed }, "connection", 200 },
  { "chunks without the last one", { CHUNKED .. "d\r\n" .. JOB .. "\r\n", closed },
    "connection", 200 },
  { "a wrong chunk size", { CHUNKED .. "zz\r\n" .. JOB .. "\r\n0\r\n\r\n" }, "connection", 200 },
  { "no length, and half of a body", { HEAD .. "Connection: close\r\n\r\n{\"jobId\":", closed },
    "protocol", 200 },
  { "an empty body", http(200, ""), "protocol", 200 },
  { "HTML", http(200, "<html>It works</html>", "Content-Type: text/html\r\n"), "protocol", 200 },
  { "JSON of another shape", http(200, '["J"]'), "protocol", 200 },
  { "a list of lists", http(200, "[[[]]]"), "protocol", 200 },
  { "null", http(200, "null"), "protocol", 200 },
  { "JSON that is nested too deep", http(200, ("["):rep(5000)), "protocol", 200 },
  { "a body above the ceiling", http(200, filled(CEILING + 1)), "protocol", 200 },
  { "a chunked body above the ceiling",
    { CHUNKED .. ("%x\r\n"):format(CEILING + 1) .. filled(CEILING + 1) .. "\r\n0\r\n\r\n" },
    "protocol", 200 },
  { "an endless head", { HEAD .. ("X-Header: " .. ("y"):rep(1000) .. "\r\n"):rep(200), closed },
    "protocol", 200 },
  { "no content", "HTTP/1.1 204 No Content\r\n\r\n", "protocol", 204 },
  { "202", http(202, JOB), "protocol", 202 },
  { "a redirect to another host", http(302, "", "Location: http://127.0.0.1:1/\r\n"),
    "protocol", 302 },
  { "a redirect that keeps the method", http(307, "", "Location: /elsewhere\r\n"),
    "protocol", 307 },
  { "an interim answer and no more", { "HTTP/1.1 100 Continue\r\n\r\n", closed }, "connection" },
  { "a head byte by byte, too slow", { { drip = HEAD, every = 0.05 } }, "timeout" },
  { "a body byte by byte, too slow",
    { HEAD .. "Content-Length: 13\r\n\r\n", { drip = JOB, every = 0.05 } }, "timeout", 200 },
  { "500 that is cut", { "HTTP/1.1 500 Oh\r\nContent-Length: 9\r\n\r\n{", closed },
    "connection", 500 },
}

-- Odd replies that are whole.
local WHOLE = {
  { "a body up to the ceiling", http(200, filled(CEILING)) },
  { "chunks", { CHUNKED .. "5\r\n" .. JOB:sub(1, 5) .. "\r\n",
    "8\r\n" .. JOB:sub(6) .. "\r\n0\r\n\r\n" } },
  { "no length, but the end", { HEAD .. "Connection: close\r\n\r\n" .. JOB, closed } },
  { "an interim answer first", { "HTTP/1.1 100 Continue\r\n\r\n" .. http(201, JOB) } },
  { "lower-case headers and HTTP/1.0",
    { "HTTP/1.0 200 OK\r\ncontent-length: 13\r\n\r\n" .. JOB } },
  { "a slow answer within the time", { { drip = http(200, JOB), every = 0.001 } } },
  { "another content type", http(200, JOB, "Content-Type: text/plain\r\n") },
  { "more than was announced, then the end", { http(200, JOB) .. "garbage", closed } },
}

describe("A hostile reply", function()
  local server, client

  setup(function() server = raw_server.start() end)
  teardown(function() server:stop() end)
  before_each(function()
    server:forget()
    client = retarus.client_of(server.url, { max_response_bytes = CEILING, retry = false })
  end)

  local function assert_works()
    server:reply(http(200, JOB))
    assert.equal("J", assert(client:send_job(retarus.job "+491760000001")).jobId)
  end

  for _, case in ipairs(HOSTILE) do
    local what, reply, kind, status = case[1], case[2], case[3], case[4]
    for _, operation in ipairs { "send_job", "get_version" } do
      -- Most of it could be a version: there, only what is broken counts.
      if operation == "send_job" or kind ~= "protocol" then
        it(("to %s: %s"):format(operation, what), function()
          server:reply(reply)
          local params = operation == "send_job" and retarus.job "+491760000001" or nil
          local result, err = client[operation](client, params,
            { timeout = kind == "timeout" and TIMEOUT or nil })
          assert.is_nil(result)
          assert.same({ kind = kind, outcome = "ambiguous", status = status,
            retryable = operation ~= "send_job" }, retarus.brief(err))
          assert.equal(1, #server:requests())
          assert_works()
        end)
      end
    end
  end

  for _, case in ipairs(WHOLE) do
    it("is not one that has " .. case[1], function()
      server:reply(case[2])
      assert.equal("J", assert(client:send_job(retarus.job "+491760000001")).jobId)
      assert_works()
    end)
  end

  it("on a kept connection does not make the request go out again", function()
    assert_works()
    server:forget()
    server:reply { closed }
    local result, err = client:send_job(retarus.job "+491760000001")
    assert.is_nil(result)
    assert.same({ "connection", "ambiguous" }, { err.kind, err.outcome })
    assert.equal(1, #server:requests())
    assert_works()
  end)

  it("says which time was over", function()
    server:reply { { sleep = 30 } }
    for _, case in ipairs {
      { { timeout = 0.1 }, "the timeout of 0.1 s is over, while waiting for the answer" },
      { { deadline = 0.1 }, "the deadline of 0.1 s is over, while waiting for the answer" },
    } do
      local _, err = client:send_job(retarus.job "+491760000001", case[1])
      assert.same({ "timeout", "ambiguous", case[2] }, { err.kind, err.outcome, err.message })
    end
  end)

  it("before the whole request was read does not count as nothing sent", function()
    local job = retarus.job "+491760000001"
    job.messages[1].text = ("x"):rep(4000000)
    server:replies { { closed } }
    local early = raw_server.start { http(413, '{"message":"too large"}'), closed }
    finally(function() early:stop() end)
    local result, err = retarus.client_of(early.url, { retry = false }):send_job(job)
    assert.is_nil(result)
    assert.equal("rejected", err.kind)
  end)
end)

describe("What never reached the provider", function()
  local function failure(url, more)
    local options = { retry = false }
    for name, value in pairs(more or {}) do options[name] = value end
    local client = retarus.client_of(url, options)
    local result, err = client:send_job(retarus.job "+491760000001")
    assert.is_nil(result)
    assert.equal("not_sent", err.outcome)
    assert.is_true(err.retryable)
    return err
  end

  it("is not_sent where the connection is refused", function()
    local err = failure("http://127.0.0.1:" .. raw_server.closed_port())
    assert.equal("connection", err.kind)
    assert.matches(", while connecting$", err.message)
  end)

  it("is not_sent where TLS does not come about", function()
    local server = raw_server.start()
    finally(function() server:stop() end)
    local err = failure(server.url:gsub("^http", "https"), { connect_timeout = 0.2 })
    assert.equal("timeout", err.kind)
    assert.matches("^the connect_timeout of 0.2 s is over, while [%a ]+$", err.message)
    assert.same({}, server:requests())
  end)
end)
