-- Reading from Retarus' two data centres.

local cases = require "spec.cases.retarus_centres"
local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"

local http = raw_server.http
local TIMEOUT = 0.3 -- seconds, where one is to be over

local REPLIES = {
  timeout = { { sleep = 20 } },
  close = { { close = true } },
  reset = { { reset = true } },
  cut = { "HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"jobId\":", { close = true } },
  html = http(200, "<html></html>"),
  empty = http(200, "[]"),
  redirect = http(302, "", "Location: /\r\n"),
}

local function reply_of(operation, host, answer)
  if REPLIES[answer] or answer == "refused" then
    return REPLIES[answer]
  elseif answer:find "^%d+$" then
    return http(tonumber(answer), '{"message":"no"}')
  elseif operation == "get_job" then
    return http(200, ('{"jobId":"J1","src":"%s"}'):format(host))
  elseif operation == "list_recipients" then
    return http(200, ('[{"smsId":"%s","dst":"1"}]'):format(host))
  end
  local entries = {}
  for id in answer:gmatch "%S+" do entries[#entries + 1] = ('{"jobId":"%s"}'):format(id) end
  return http(200, "[" .. table.concat(entries, ",") .. "]")
end

local function ids_of(list)
  local ids = {}
  for i, entry in ipairs(list) do ids[i] = entry.jobId end
  return table.concat(ids, " ")
end

describe("Two data centres", function()
  local servers, closed

  setup(function()
    servers = { de2 = raw_server.start(), de1 = raw_server.start() }
    closed = "http://127.0.0.1:" .. raw_server.closed_port()
  end)
  teardown(function()
    for _, server in pairs(servers) do server:stop() end
  end)

  local function asked()
    local hosts = {}
    for _, host in ipairs { "de2", "de1" } do
      for _ = 1, #servers[host]:requests() do hosts[#hosts + 1] = host end
    end
    return table.concat(hosts, " ")
  end

  local function call(operation, case)
    local hosts = { send = closed }
    for i, host in ipairs { "de2", "de1" } do
      local reply = reply_of(operation, host, case[i])
      hosts[host] = reply and servers[host].url or closed .. "/" .. host
      if reply then servers[host]:reply(reply) end
      servers[host]:forget()
    end
    local waits = case[1] == "timeout" or case[2] == "timeout"
    local client = retarus.client_of(nil,
      { hosts = hosts, timeout = waits and TIMEOUT or nil, retry = false })
    local params = operation ~= "list_jobs" and { jobId = "J1" } or nil
    local result, err = client[operation](client, params)
    assert.equal(case.asked, asked())
    if case.kind then
      assert.is_nil(result)
      assert.same({ case.kind, case.outcome, case.status },
        { err.kind, err.outcome, err.kind ~= "not_found" and err.status or nil })
    else
      assert.is_nil(err)
    end
    return result, err
  end

  local function title(operation, case)
    return ("%s: %s and %s"):format(operation, case[1], case[2])
  end

  local function add(operation, list)
    for _, case in ipairs(list) do
      it(title(operation, case), function()
        local result, err = call(operation, case)
        if case.result then
          assert.equal(case.result, result.src or result[1].smsId)
        elseif case.kind == "not_found" then
          assert.equal("no data centre has this job, or it is too new to be seen", err.message)
          assert.is_false(err.retryable)
        end
      end)
    end
  end

  add("get_job", cases.first)
  add("list_recipients", cases.first)
  add("list_recipients", cases.empty)

  for _, case in ipairs(cases.all) do
    it(title("list_jobs", case), function()
      local result, err = call("list_jobs", case)
      if case.ids then assert.equal(case.ids, ids_of(result or err.result)) end
    end)
  end
end)

describe("Two data centres with their own jobs", function()
  local box = sandbox.for_specs()
  local client

  before_each(function()
    client = retarus.client(box, { retry = false })
  end)

  local function asked_for(...)
    box:clear_arrivals()
    local call = { ... }
    local result, err = client[call[1]](client, call[2])
    return retarus.asked(box), result, err
  end

  it("are asked in the order in which they had the job", function()
    box:settings { send_store = "de1" }
    local job = assert(client:send_job(retarus.job "+491760000001"))
    assert.equal("de2 de1", (asked_for("get_job", job)))
    assert.equal("de1", (asked_for("get_job", job)))
    assert.equal("de1", (asked_for("list_recipients", job)))
    box:settings { send_store = "de2" }
    job = assert(client:send_job(retarus.job "+491760000001"))
    assert.equal("de2", (asked_for("list_recipients", job)))
    assert.equal("de2", (asked_for("get_job", job)))
  end)

  it("are both asked where the remembered one does not have it any more", function()
    box:settings { send_store = "de1" }
    local job = assert(client:send_job(retarus.job "+491760000001"))
    assert.equal("de2 de1", (asked_for("get_job", job)))
    box:fault { kind = "status", status = 404, host = "de1", count = 1 }
    local asked, result, err = asked_for("get_job", job)
    assert.equal("de1 de2", asked)
    assert.is_nil(result)
    assert.equal("not_found", err.kind)
    assert.equal("de1", (asked_for("get_job", job)))
  end)

  it("show a new job when it can be seen", function()
    box:settings { visible_after = 10 }
    local job = assert(client:send_job(retarus.job "+491760000001"))
    local asked, result, err = asked_for("get_job", job)
    assert.equal("de2 de1", asked)
    assert.is_nil(result)
    assert.same({ "not_found", false }, { err.kind, err.retryable })
    box:settings { clock_offset = 11 }
    assert.equal(job.jobId, assert(client:get_job(job)).jobId)
  end)

  it("are one where both names have one URL", function()
    client = retarus.client(box, { base_url = box.urls.retarus, retry = false })
    for _, operation in ipairs { "get_job", "list_recipients" } do
      local asked, _, err = asked_for(operation, { jobId = "J" })
      assert.equal("retarus", asked)
      assert.equal("not_found", err.kind)
    end
    assert.equal("retarus", (asked_for "list_jobs"))
    client = retarus.client(box, { base_url = box.urls.retarus_de1 .. "/",
      hosts = { de2 = box.urls.retarus_de1 } })
    assert.equal("de1", (asked_for "list_jobs"))
  end)

  it("treat an empty list of recipients like 404", function()
    box:settings { missing_recipients = "empty", send_store = "de1" }
    local job = assert(client:send_job(retarus.job "+491760000001"))
    local asked, recipients = asked_for("list_recipients", job)
    assert.equal("de2 de1", asked)
    assert.equal(1, #recipients)
    local _, result, err = asked_for("list_recipients", { jobId = "J" })
    assert.is_nil(result)
    assert.same({ "not_found", "rejected" }, { err.kind, err.outcome })
  end)
end)
