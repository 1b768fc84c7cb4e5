-- sms numbers: search, owned, buy, cancel, update.

local cjson = require "cjson"
local run = require "spec.support.runs.command"
local sandbox = require "spec.support.servers.sandbox"

local NUMBER = "447700900101"

describe("sms numbers", function()
  local home = run.home()
  local box = sandbox.for_specs()

  local function numbers(...)
    return run.sms({ "numbers", ... }, run.with(box, { HOME = home }))
  end

  local function lines(text)
    return select(2, text:gsub("\n", ""))
  end

  it("searches all pages, up to a limit", function()
    local ended = numbers("search", "GB", "--limit", "all")
    assert.same({ 0, "" }, { ended.status, ended.err })
    assert.equal(160, lines(ended.out))
    assert.matches("^GB  447700900100     %S+ +%S.- 1.25 a month\n", ended.out)
    assert.equal(2, #box:arrivals "list_inbound_numbers")
    ended = numbers("search", "gb")
    assert.same({ 0, 100 }, { ended.status, lines(ended.out) })
    assert.matches("the first 100; there are more: --limit N, or --limit all", ended.err, 1, true)
  end)

  it("searches by what operations declare", function()
    local ended = numbers("search", "GB", "--features", "SMS,VOICE", "--pattern", "15",
      "--search-pattern", "ends", "--json")
    assert.same({ 0, "" }, { ended.status, ended.err })
    for line in ended.out:gmatch "[^\n]+" do
      assert.matches("15$", cjson.decode(line).msisdn)
    end
    local query = box:arrivals("list_inbound_numbers")[1].query
    assert.matches("search_pattern=2", query, 1, true)
    assert.same({ status = 0, out = "", err = "sms: there are none\n" },
      numbers("search", "GB", "--pattern", "999999"))
  end)

  it("lists what is owned, with the application it is linked to", function()
    local ended = numbers("owned", "--country", "DE")
    assert.same({ 0, "", 20 }, { ended.status, ended.err, lines(ended.out) })
    assert.matches("DE  4917600000500 .* aaaaaaaa%-bbbb%-", ended.out)
    assert.equal(60, lines(numbers("owned", "--json").out))
    assert.equal(5, lines(numbers("owned", "--limit", "5").out))
  end)

  it("fails as a read does", function()
    box:fault { operation = "list_owned_numbers", kind = "status", status = 401 }
    local ended = numbers "owned"
    assert.same({ 1, "" }, { ended.status, ended.out })
    assert.matches("auth", ended.err, 1, true)
    assert.equal(1, numbers("search", "Britain").status)
  end)

  it("buys only where it is told to, and says what that costs", function()
    local ended = numbers("buy", "GB", NUMBER)
    assert.same({ 2, "" }, { ended.status, ended.out })
    assert.matches("needs --yes", ended.err, 1, true)
    assert.matches("Buy 447700900101 in GB, which costs 1.25 EUR a month and 0.00 EUR once?",
      ended.err, 1, true)
    ended = numbers("buy", "--dry-run", "GB", NUMBER)
    assert.same({ 0, "" }, { ended.status, ended.err })
    assert.matches("^POST http.*/number/buy\n.*country=GB&msisdn=447700900101", ended.out)
    ended = numbers("--dry-run", "buy", "GB", NUMBER, "--yes")
    assert.same({ 0, "" }, { ended.status, ended.err })
    assert.equal(0, #box:arrivals "buy_number")
    assert.matches("Buy 44770090010 in GB?", numbers("buy", "GB", "44770090010").err, 1, true)
    assert.same({ status = 0, out = "bought  447700900101\n", err = "" },
      numbers("buy", "GB", NUMBER, "--yes"))
    assert.matches(NUMBER, numbers("owned", "--pattern", NUMBER).out, 1, true)
  end)

  it("cancels only where it is told to", function()
    local ended = numbers("cancel", "GB", "447700900500")
    assert.same({ 2, "" }, { ended.status, ended.out })
    assert.matches("Cancel 447700900500 in GB? It may be lost for good.", ended.err, 1, true)
    assert.equal(0, #box:arrivals "cancel_number")
    ended = numbers("cancel", "GB", "447700900500", "--yes", "--json")
    assert.same({ 0, "" }, { ended.status, ended.err })
    assert.equal("200", cjson.decode(ended.out)["error-code"])
    assert.equal(59, lines(numbers("owned").out))
  end)

  it("updates, an empty text among what can be said", function()
    local ended = numbers("update", "GB", "447700900500", "--mo-http-url", "", "--app_id", "a-b")
    assert.same({ status = 0, out = "updated  447700900500\n", err = "" }, ended)
    assert.matches("moHttpUrl=&", box:arrivals("update_number")[1].body .. "&", 1, true)
  end)

  it("takes the key of a subaccount, which is no secret", function()
    assert.equal(0, numbers("buy", "GB", NUMBER, "--target-api-key", "efgh5678", "--yes").status)
    assert.matches("target_api_key=efgh5678", box:arrivals("buy_number")[1].body, 1, true)
  end)

  it("ends as the outcome says, and says how to find out", function()
    assert.equal(4, numbers("buy", "GB", "447700999999", "--yes").status)
    assert.equal(3, numbers("buy", "GB", "12", "--yes").status)
    box:fault { operation = "buy_number", kind = "lost_answer" }
    local ended = numbers("buy", "GB", "447700900102", "--yes")
    assert.same({ 5, "" }, { ended.status, ended.out })
    assert.matches("`sms numbers owned --country GB --pattern 447700900102` shows whether",
      ended.err, 1, true)
    assert.equal(2, #box:arrivals "buy_number")
  end)
end)
