-- sms call: text to speech, and the Voice API.

local cjson = require "cjson"
local run = require "spec.support.runs.command"
local sandbox = require "spec.support.servers.sandbox"

local NUMBER = "447700900000"

describe("sms call", function()
  local home = run.home()
  local box = sandbox.for_specs()

  local function call(words, more, input)
    local all = { "call" }
    for _, word in ipairs(words) do all[#all + 1] = word end
    return run.sms(all, more or run.with(box, { HOME = home }), input)
  end

  it("calls by text to speech", function()
    local ended = call { "--to", NUMBER, "--repeat", "2", "--lg", "en-gb", "Your code is 1 2 3" }
    assert.same({ 0, "" }, { ended.status, ended.err })
    assert.matches("^accepted  447700900000  %x+\n$", ended.out)
    local arrival = box:arrivals("send_voice")[1]
    assert.same("/tts/json", arrival.path)
    assert.matches("repeat=2", arrival.body, 1, true)
  end)

  it("calls by the Voice API where there is an application", function()
    local id, key = box:application()
    local ended = call({ "--to", NUMBER, "--json", "--length-timer", "60", "-" },
      run.with_account(box, { HOME = home, NEXMO_APPLICATION_ID = id, NEXMO_PRIVATE_KEY = key }),
      "Hello\n")
    assert.same({ 0, "" }, { ended.status, ended.err })
    local said = cjson.decode(ended.out)
    assert.same({ NUMBER, "0" }, { said.to, said.status })
    local body = cjson.decode(box:arrivals("send_voice")[1].body)
    assert.same({ "Hello", 60 }, { body.ncco[1].text, body.length_timer })
  end)

  it("ends as its outcome says", function()
    for _, case in ipairs {
      { "447700900915", 4, "rejected" }, { "447700900999", 5, "may have been called" },
      { "12", 3, "to: " },
    } do
      local ended = call { "--to", case[1], "Hello" }
      assert.same({ case[2], "" }, { ended.status, ended.out }, case[1])
      assert.matches(case[3], ended.err, 1, true)
    end
  end)

  it("shows with --dry-run what it would do", function()
    local ended = call { "--dry-run", "--to", NUMBER, "Hello" }
    assert.same({ 0, "" }, { ended.status, ended.err })
    assert.matches("^POST http.*/tts/json\n.*api_secret=%*%*%*", ended.out)
    assert.same(0, box:count())
  end)

  it("says what is wrong with its words", function()
    for _, case in ipairs {
      { {}, "missing argument 'text'" }, { { "--repat", "2", "Hi" }, "did you mean '--repeat'?" },
      { { "--to", NUMBER, "two", "texts" }, "there is a word too many" },
    } do
      local ended = call(case[1])
      assert.same({ 2, "" }, { ended.status, ended.out })
      assert.matches(case[2], ended.err, 1, true)
    end
  end)
end)
