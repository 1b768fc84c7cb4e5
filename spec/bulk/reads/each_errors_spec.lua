-- Going through pages never raises from inside: what is wrong ends it with one last round. What of
-- paging a single list_jobs takes.

local each = require "sms.bulk.each"
local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"
local wire = require "spec.support.wire"

--- What a loop sees: how many items, and the error of the last round.
local function rounds(client, operation, params, at_item)
  local next_item = client:each(operation, params)
  local count = 0
  while true do
    local ok, item, err = pcall(next_item)
    assert.is_true(ok, item)
    if not item then
      assert.is_nil((next_item()))
      return count, err, item
    end
    count = count + 1
    if at_item then at_item(count) end
  end
end

describe("Going through pages with something wrong", function()
  local box = sandbox.for_specs()
  local nexmo, client

  before_each(function()
    nexmo, client = wire.nexmo(box), retarus.client(box)
  end)

  local WRONG = { {}, "x", true, false, -1, 0.5, 0 / 0, 1 / 0, print }

  for _, given in ipairs { 7, "text", true, false, print } do
    it("as params ends with an error: " .. tostring(given):gsub(":.*", ""), function()
      for _, list in ipairs { { nexmo, "list_owned_numbers" }, { nexmo, "list_applications" },
        { client, "list_jobs" }, { client, "list_recipients" } } do
        local count, err, last = rounds(list[1], list[2], given)
        assert.same({ 0, "invalid", "not_sent", false }, { count, err.kind, err.outcome, last })
      end
      assert.equal(0, box:count())
    end)
  end

  local PAGES = { list_owned_numbers = { "index", "size" }, list_jobs = { "offset", "limit" },
    list_applications = { "page", "page_index", "page_size" } }
  for operation, names in pairs(PAGES) do
    for _, name in ipairs(names) do
      it(("as %s of %s ends with an error"):format(name, operation), function()
        for i = 1, #WRONG do
          local of = operation == "list_jobs" and client or nexmo
          local count, err = rounds(of, operation, { [name] = WRONG[i] })
          assert.same({ 0, "invalid" }, { count, err and err.kind }, tostring(WRONG[i]))
          assert.equal(name, err.problems[1].path)
        end
        assert.equal(0, box:count())
      end)
    end
  end

  it("ends where all pages are the same", function()
    local server = raw_server.start()
    finally(function() server:stop() end)
    server:reply(raw_server.http(200, '{"numbers":[{"msisdn":"1"},{"msisdn":"2"}]}'))
    local own = wire.nexmo { urls = { nexmo = server.url } }
    local count, err, last = rounds(own, "list_owned_numbers", { size = 2 })
    assert.same({ 2, "protocol", false }, { count, err.kind, last })
    assert.same({ "nexmo", "list_owned_numbers" }, { err.provider, err.operation })
    assert.matches("nothing that was not on earlier ones", err.message)
    server:reply(raw_server.http(200, '[{"jobId":"J.1"}]'))
    count, err = rounds(retarus.client(box, { base_url = server.url }), "list_jobs", { limit = 1 })
    assert.same({ 1, "protocol", "retarus" }, { count, err.kind, err.provider })
  end)

  it("in an answer ends with an error", function()
    local server = raw_server.start()
    local own = wire.nexmo { urls = { nexmo = server.url } }
    for _, body in ipairs { "[]", "{}", "null", "7", '"x"', '{"numbers":7}', '{"numbers":{"a":1}}',
      '{"count":"many","numbers":[{"msisdn":"1"}]}', '{"numbers":[7]}',
      '{"_embedded":7}', '{"_embedded":{"applications":[7]}}',
      '{"total_items":{},"_embedded":[]}' } do
      server:reply(raw_server.http(200, body))
      for _, operation in ipairs { "list_owned_numbers", "list_applications" } do
        local count = rounds(own, operation, { country = operation:find "numbers" and "GB" or nil })
        assert.equal(0, count)
      end
    end
    server:stop()
  end)

  it("with its client ends with an error", function()
    for i = 1, 3 do assert(client:send_job(retarus.job("+49176000010" .. i))) end
    local count, err = rounds(client, "list_jobs", { limit = 1 }, function(at)
      if at == 2 then client:close() end
    end)
    assert.same({ 2, "cancelled", "not_sent" }, { count, err.kind, err.outcome })
  end)
end)

describe("A list of jobs", function()
  local box = sandbox.for_specs()

  it("has no offset of two data centres, and says what to use", function()
    local client = retarus.client(box)
    for _, offset in ipairs { 1, 7, 4294967296 } do
      for _, made in ipairs { "list_jobs", "prepare" } do
        local params = { offset = offset, limit = 5 }
        local result, err
        if made == "prepare" then
          result, err = client:prepare("list_jobs", params)
        else
          result, err = client:list_jobs(params)
        end
        assert.is_nil(result)
        assert.same({ "invalid", "not_sent", "offset" },
          { err.kind, err.outcome, err.problems[1].path })
        assert.matches('client:each("list_jobs"', err.message, 1, true)
      end
    end
    assert.equal(0, box:count())
    assert.same({}, (client:list_jobs { offset = 0, limit = 5 }))
    assert.equal("de2 de1", retarus.asked(box))
  end)

  it("has one where both centres have one URL", function()
    local one = retarus.client(box, { base_url = box.urls.retarus })
    for i = 1, 3 do assert(one:send_job(retarus.job("+49176000010" .. i))) end
    assert.equal(1, #assert(one:list_jobs { offset = 2 }))
  end)

  it("has as many as limit of each centre", function()
    local client = retarus.client(box)
    for i = 1, 6 do assert(client:send_job(retarus.job("+49176000010" .. i))) end
    assert.equal(4, #assert(client:list_jobs { limit = 2 }))
  end)

  it("is gone through where numbers are given as texts", function()
    local asked = {}
    local paging = { by = "offset", from = 0, unit = "records", size = "limit", most = 9 }
    for _ in each.walk(paging, { offset = "1", limit = "2" }, { false }, function(page)
      asked[#asked + 1] = page.offset
      return tonumber(page.offset) < 4 and { 7, 7 } or { 7 }
    end) do end -- luacheck: ignore
    assert.equal("1 3 5", table.concat(asked, " "))
  end)
end)
