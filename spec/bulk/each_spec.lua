-- All pages of a list, in each provider's own way of counting them; each page is a call.

local cjson = require "cjson"
local each = require "sms.bulk.each"
local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"
local wire = require "spec.support.wire"

local URL = "https://example.com/a"

--- What a loop over all items sees: fields of the items, how often each, and the error at the end.
local function collect(client, operation, params, field, options)
  local list, seen, failure = {}, {}, nil
  for item, err in client:each(operation, params, options) do
    assert.is_nil(failure) -- an error is the last round
    if item then
      list[#list + 1] = item[field]
      seen[item[field]] = (seen[item[field]] or 0) + 1
    else
      assert.is_false(item)
      failure = err
    end
  end
  for _, times in pairs(seen) do assert.equal(1, times) end
  return list, failure
end

local function queries(box, name)
  local list = {}
  for i, arrival in ipairs(box:arrivals()) do
    list[i] = (arrival.query or ""):match("%f[%w]" .. name .. "=(%d+)")
  end
  return table.concat(list, " ")
end

describe("The items of all pages", function()
  local box = sandbox.for_specs()

  describe("of Retarus' jobs", function()
    local client, jobs

    before_each(function()
      client, jobs = retarus.client(box), {}
      for i = 1, 11 do
        jobs[i] = assert(client:send_job(retarus.job(("+4917600001%02d"):format(i)))).jobId
      end
      box:clear_arrivals()
    end)

    it("come from both centres, each with an offset of its own", function()
      local found = collect(client, "list_jobs", { limit = 2 }, "jobId")
      table.sort(found)
      table.sort(jobs)
      assert.same(jobs, found)
      -- de2 has six jobs, de1 five: a page that is not full is the last.
      assert.equal("0 2 4 6 0 2 4", queries(box, "offset"))
      assert.equal("de2 de2 de2 de2 de1 de1 de1", retarus.asked(box))
    end)

    it("come from one centre alone where both have one URL", function()
      local one = retarus.client(box, { base_url = box.urls.retarus })
      assert.equal(11, #collect(one, "list_jobs", { limit = 4 }, "jobId"))
      assert.equal("0 4 8", queries(box, "offset"))
    end)

    it("begin where the caller says, with the largest pages if he does not say", function()
      assert.equal(5 + 4, #collect(client, "list_jobs", { offset = 1 }, "jobId"))
      assert.equal("1 1", queries(box, "offset"))
      assert.equal("1000 1000", queries(box, "limit"))
      assert.same({}, (collect(client, "list_jobs", { limit = 0 }, "jobId")))
    end)

    it("end with an error, never silently", function()
      box:fault { kind = "status", status = 500, host = "de1", skip = 1 }
      local found, err = collect(client, "list_jobs", { limit = 2 }, "jobId", { retry = false })
      assert.equal(6 + 2, #found)
      assert.same({ "server", "ambiguous", 500, "list_jobs" },
        { err.kind, err.outcome, err.status, err.operation })
    end)

    it("go on where a page is repeated", function()
      box:fault { kind = "close", host = "de1", skip = 1, count = 1 }
      assert.equal(11, #collect(client, "list_jobs", { limit = 2 }, "jobId"))
    end)

    it("are each under the rate limit", function()
      local given = retarus.options { hosts = retarus.hosts(box), max_wait = 0 }
      given.rate_limit = { calls = 3, period = 30 }
      box:settings { retarus_username = given.username }
      local found, err = collect(require "sms".retarus(given), "list_jobs", { limit = 2 }, "jobId")
      assert.equal(6, #found)
      assert.same({ "rate_limited", "not_sent" }, { err.kind, err.outcome })
      assert.equal(3, box:count())
    end)

    it("are asked for only as far as the loop goes", function()
      local next_item = client:each("list_jobs", { limit = 2 })
      assert.equal(0, box:count())
      for pages = 1, 3 do
        for _ = 1, 2 do assert.is_table(next_item()) end
        assert.equal(pages, box:count())
      end
    end)

    it("show each job once where jobs arrive meanwhile", function()
      box:settings { list_order = "newest" }
      local seen, times = {}, 0
      for item in client:each("list_jobs", { limit = 2 }) do
        assert.is_nil(seen[item.jobId])
        seen[item.jobId], times = true, times + 1
        if times == 1 then
          for i = 20, 21 do assert(client:send_job(retarus.job("+4917600001" .. i))) end
        end
      end
      for _, id in ipairs(jobs) do assert.is_true(seen[id]) end
    end)
  end)

  it("of a job's recipients are its one page", function()
    local client = retarus.client(box)
    local job = retarus.job("+491760000001", "+491760000002", "+491760000003")
    local sent = assert(client:send_job(job))
    box:clear_arrivals()
    assert.equal(3, #collect(client, "list_recipients", sent, "dst"))
    local found, err = collect(client, "list_recipients", { jobId = "J.none" }, "dst")
    assert.same({ {}, "not_found" }, { found, err.kind })
  end)

  it("of numbers are counted in pages from 1, up to their count", function()
    local nexmo = wire.nexmo(box)
    for operation, total in pairs { list_owned_numbers = 20, list_inbound_numbers = 160 } do
      box:clear_arrivals()
      assert.equal(total, #collect(nexmo, operation, { country = "GB" }, "msisdn"))
      assert.equal(total > 100 and "1 2" or "1", queries(box, "index"))
      assert.equal(total > 100 and "100 100" or "100", queries(box, "size"))
    end
    box:clear_arrivals()
    assert.equal(20 - 10, #collect(nexmo, "list_owned_numbers",
      { country = "GB", size = 5, index = 3 }, "msisdn"))
    assert.equal("3 4", queries(box, "index"))
    box:clear_arrivals()
    assert.same({}, (collect(nexmo, "list_owned_numbers", { country = "FR" }, "msisdn")))
    assert.equal(1, box:count())
  end)

  for version = 1, 2 do
    it("of applications are counted in pages from 0, in version " .. version, function()
      box:settings { key_bits = 512 }
      local nexmo, names = wire.nexmo(box, { api_version = version }), {}
      for i = 1, 7 do
        names[i] = "A" .. i
        assert(nexmo:create_application { name = names[i], type = "voice", answer_url = URL,
          event_url = URL })
      end
      box:clear_arrivals()
      local found = collect(nexmo, "list_applications", { page_size = 3 }, "name")
      table.sort(found)
      assert.same(names, found)
      assert.equal(version == 1 and "0 1 2" or "1 2 3",
        queries(box, version == 1 and "page_index" or "page"))
      box:clear_arrivals()
      assert.equal(1, #collect(nexmo, "list_applications", { page_size = 3, page_index = 2 },
        "name"))
      assert.equal(1, box:count())
    end)
  end

  it("of applications may be counted from 1, in version 2", function()
    box:settings { key_bits = 512 }
    local nexmo = wire.nexmo(box)
    for i = 1, 7 do
      assert(nexmo:create_application { name = "A" .. i, capabilities = {} })
    end
    box:clear_arrivals()
    assert.equal(4, #collect(nexmo, "list_applications", { page_size = 3, page = 2 }, "name"))
    assert.equal("2 3", queries(box, "page"))
    local old = wire.nexmo(box, { api_version = 1 })
    for client, params in pairs { [nexmo] = { page = "two" }, [old] = { page = 2 } } do
      local found, err = collect(client, "list_applications", params, "name")
      assert.same({ 0, "invalid", "page" }, { #found, err.kind, err.problems[1].path })
    end
    local _, err = collect(nexmo, "list_applications", { page = 2, page_index = 1 }, "name")
    assert.equal("page", err.problems[1].path)
    assert.equal(2, box:count())
  end)

  it("end with the error of a wrong parameter, and nothing is sent", function()
    local found, err = collect(wire.nexmo(box), "list_owned_numbers", { size = 101 }, "msisdn")
    assert.same({ {}, "invalid" }, { found, err.kind })
    assert.equal(0, box:count())
  end)
end)

describe("Pages of numbers", function()
  local server

  setup(function() server = raw_server.start() end)
  teardown(function() server:stop() end)

  local function pages(...)
    local replies = {}
    for i, page in ipairs { ... } do
      local numbers = {}
      for n, msisdn in ipairs(page) do numbers[n] = { msisdn = msisdn } end
      replies[i] = raw_server.http(200, cjson.encode { count = page.count,
        numbers = #numbers > 0 and numbers or nil })
    end
    server:replies(replies)
    server:forget()
    local nexmo = wire.nexmo({ urls = { nexmo = server.url } })
    local found = collect(nexmo, "list_owned_numbers", { size = 2 }, "msisdn")
    return table.concat(found, " "), #server:requests()
  end

  it("end at an empty one where the count is missing or too high", function()
    assert.same({ "1 2 3", 3 }, { pages({ "1", "2" }, { "3" }, {}) })
    assert.same({ "1 2 3", 3 }, { pages({ "1", "2", count = 9 }, { "3", count = 9 },
      { count = 9 }) })
  end)

  it("may be shorter than asked for", function()
    assert.same({ "1 2 3", 3 }, { pages({ "1", count = 3 }, { "2", count = 3 },
      { "3", count = 3 }) })
  end)

  it("may overlap, and the count may change", function()
    assert.same({ "1 2 3", 2 }, { pages({ "1", "2", count = 4 }, { "2", "3", count = 4 }) })
    assert.same({ "1 2", 1 }, { pages({ "1", "2", count = 0 }) })
  end)
end)

describe("Going through pages", function()
  it("does not change the caller's parameters", function()
    local params = { size = 2 }
    local paging = { by = "page", from = 1, size = "size", most = 9 }
    local asked = {}
    for _ in each.walk(paging, params, { false }, function(page)
      asked[#asked + 1] = page.page
      return page.page < 3 and { 7, 7 } or {}
    end) do assert.same({ size = 2 }, params) end
    assert.same({ 1, 2, 3 }, asked)
  end)
end)
