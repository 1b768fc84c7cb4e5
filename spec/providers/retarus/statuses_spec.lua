-- What every HTTP status of Retarus' table means, with every form of error body.

local cjson = require "cjson"
local errors = require "sms.base.errors"
local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"

-- status -> kind, outcome of a send, whether a send and whether a read may be repeated
local STATUSES = {
  { 400, "rejected", "rejected", false, false },
  { 401, "auth", "rejected", false, false },
  { 403, "auth", "rejected", false, false },
  { 404, "not_found", "rejected", false, false },
  { 405, "rejected", "rejected", false, false },
  { 408, "timeout", "ambiguous", false, true },
  { 409, "duplicate", "rejected", false, false },
  { 410, "rejected", "rejected", false, false },
  { 413, "rejected", "rejected", false, false },
  { 422, "rejected", "rejected", false, false },
  { 429, "rate_limited", "not_sent", true, true },
  { 500, "server", "ambiguous", false, true },
  { 501, "server", "ambiguous", false, true },
  { 502, "server", "ambiguous", false, true },
  { 503, "server", "ambiguous", false, true },
  { 504, "server", "ambiguous", false, true },
  { 302, "protocol", "ambiguous", false, true },
  { 307, "protocol", "ambiguous", false, true },
  { 202, "protocol", "ambiguous", false, true },
  { 206, "protocol", "ambiguous", false, true },
}

local HTML = "<html><body><h1>Bad Gateway</h1></body></html>"

-- body -> code, message (%d stands for the status), whether err.result is there
local BODIES = {
  { "a message and a code", '{"message":"Something is wrong","code":4711}', "4711",
    "Something is wrong", true },
  { "a code of text", '{"message":"Oh","code":"E-17"}', "E-17", "Oh", true },
  { "a message alone", '{"message":"Oh"}', nil, "Oh", true },
  { "a code alone", '{"code":12}', "12", "HTTP status %d", true },
  { "nulls", '{"message":null,"code":null}', nil, "HTTP status %d", true },
  { "a code and a message of other types", '{"message":{"a":1},"code":{"b":2}}', nil,
    "HTTP status %d", true },
  { "a list", '["Oh"]', nil, "HTTP status %d", true },
  { "plain text", "Service is not available\r\n", nil, "Service is not available  ?" },
  { "HTML", HTML, nil, HTML },
  { "nothing", "", nil, "HTTP status %d" },
  { "blanks", " \r\n", nil, "HTTP status %d" },
}

describe("Retarus' answers", function()
  local box, client

  setup(function()
    box = sandbox.start()
    client = retarus.client(box, { retry = false })
  end)
  teardown(function() box:stop() end)
  before_each(function() box:clear_faults() end)

  local function pattern(text, status)
    return "^" .. text:format(status):gsub("[%-%.]", "%%%0") .. "$"
  end

  local function failure(operation, params, fault)
    fault.kind = "status"
    box:fault(fault)
    local result, err = client[operation](client, params)
    assert.is_nil(result)
    assert.is_true(errors.is(err))
    box:clear_faults()
    return err
  end

  for _, row in ipairs(STATUSES) do
    local status, kind, outcome = row[1], row[2], row[3]
    local send_again, read_again = row[4], row[5]
    it(("mean %s where the status is %d"):format(kind, status), function()
      local err = failure("send_job", retarus.job "+491760000001", { status = status })
      assert.same({ kind = kind, outcome = outcome, status = status, retryable = send_again },
        retarus.brief(err))
      assert.same({ "retarus", "send_job" }, { err.provider, err.operation })
      err = failure("get_version", {}, { status = status })
      assert.same({ kind = kind, outcome = outcome, status = status, retryable = read_again },
        retarus.brief(err))
    end)
  end

  for _, row in ipairs(BODIES) do
    local body, code, message, has_result = row[2], row[3], row[4], row[5]
    it("are read where the body is " .. row[1], function()
      for _, status in ipairs { 400, 401, 404, 409, 422, 429, 500, 503 } do
        local err = failure("send_job", retarus.job "+491760000001",
          { status = status, body = body })
        assert.equal(code, err.code)
        assert.matches(pattern(message, status), err.message)
        assert.equal(has_result or false, err.result ~= nil)
        assert.equal(status, err.status)
      end
    end)
  end

  it("are given whole as the error's result", function()
    local err = failure("send_job", retarus.job "+491760000001",
      { status = 400, body = '{"message":"m","code":1,"details":[null,{"field":"src"}]}' })
    assert.same({ message = "m", code = 1, details = { { field = "src" } } }, err.result)
  end)

  it("show neither texts nor numbers nor more than one short line", function()
    local job = retarus.job "+491760000001"
    job.messages[1].text = "Your code is 4711, do not tell"
    local err = failure("send_job", job, { status = 400, body = cjson.encode {
      message = "bad text 'Your code is 4711, do not tell'\r\nfor +491760000001 and 00491760000002 "
        .. ("ä"):rep(400) } })
    assert.matches("^bad text '%*%*%*' +for …0001 and …0002 ä", err.message)
    assert.is_nil(err.message:find "[%z\1-\31\127]")
    assert.is_true(#err.message < 310)
    assert.is_truthy(require "sms".measure(err.message))
  end)

  it("leave the client working", function()
    assert(client:send_job(retarus.job "+491760000001"))
  end)
end)
