-- A message goes where it was meant: to a number whose digits would be somebody else's nothing is
-- sent, whichever way it comes in.

local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"
local sms = require "sms"
local usual = require "spec.support.usual"

local FRACTION, TRUNK, LETTERS = "leave out the fraction", "leave out the %(0%)",
  "leave out the letters"
local TAIL = "leave out what stands at its end behind / or in brackets"

-- What is given, and what the message says to do about it.
local OTHERS = {
  ["447700900000.0"] = FRACTION, ["447700900000.00"] = FRACTION, ["+44 7700 900000.0"] = FRACTION,
  ["447700900000.0\n"] = FRACTION, ["447700900000.0\194\160"] = FRACTION,
  ["+44 (0)7700 900000"] = TRUNK, ["44(0)7700900000"] = TRUNK, ["0044 (0) 7700/900000"] = TRUNK,
  ["447700900000/1"] = TAIL, ["447700900000 / 12"] = TAIL, ["447700900000 (1)"] = TAIL,
  ["+44 7700 900000 (12)"] = TAIL, ["447700900000x"] = LETTERS, ["447700900000 ext. 5"] = LETTERS,
  ["4477OO900000"] = LETTERS,
}

-- What is given, and its digits.
local MEANT = {
  ["+33.1.23.45.67.00"] = "33123456700", ["202.555.0190"] = "2025550190",
  ["\194\16044\194\1607700\194\160900000\194\160"] = "447700900000",
  ["447700900000\r\n"] = "447700900000", ["\n+44 7700 900000"] = "447700900000",
  ["+44 (7700) 900-000"] = "447700900000", ["44/7700/900000"] = "447700900000",
}

describe("A number", function()
  local server, nexmo, second, ways

  setup(function() server = raw_server.start() end)
  teardown(function() server:stop() end)
  before_each(function()
    server:forget()
    server:reply(usual.taken())
    nexmo = sms.nexmo { api_key = "abcd1234", api_secret = "Secret0123456789",
      base_url = server.url, retry = false, rate_limit = false }
    second = retarus.client_of(server.url)
  end)

  local function first_of(client, item)
    local result, err
    for _, sent, why in client:send_all { item } do
      result, err = sent, why
    end
    return result, err
  end

  ways = {
    send_sms = function(to)
      return nexmo:send_sms { from = "Acme", to = to, text = "Hello" }
    end,
    send_voice = function(to)
      return nexmo:send_voice { to = to, text = "Hello" }
    end,
    ["send_voice, its caller"] = function(from)
      return nexmo:send_voice { to = "447700900001", from = from, text = "Hello" }
    end,
    send_job = function(dst)
      return second:send_job { messages = { { text = "Hello", recipients = { dst } } } }
    end,
    ["send_job, in a table"] = function(dst)
      return second:send_job { messages = { { text = "Hello", recipients = { { dst = dst } } } } }
    end,
    ["a gateway to Nexmo"] = function(to)
      return sms.gateway { nexmo }:send { from = "Acme", to = to, text = "Hello" }
    end,
    ["a gateway to Retarus"] = function(to)
      return sms.gateway { second }:send { from = "Acme", to = to, text = "Hello" }
    end,
    ["send_all of Nexmo"] = function(to)
      return first_of(nexmo, { from = "Acme", to = to, text = "Hello" })
    end,
    ["send_all of Retarus"] = function(dst)
      return first_of(second, { dst = dst, text = "Hello" })
    end,
  }

  for name in pairs(ways) do
    it("that would be somebody else's is invalid by " .. name, function()
      for given, words in pairs(OTHERS) do
        local result, err = ways[name](given)
        assert.is_nil(result)
        assert.same({ "invalid", "not_sent" }, { err.kind, err.outcome }, given)
        assert.matches("must be a phone number.*; " .. words, err.message)
      end
      local _, err = ways[name](447700900000)
      assert.equal("invalid", err.kind)
      assert.same({}, server:requests())
    end)

    it("that is meant is sent by " .. name, function()
      for given, digits in pairs(MEANT) do
        server:forget()
        ways[name](given)
        assert.matches("[^%d]" .. digits .. "[^%d]", server:requests()[1].text .. "\n")
      end
    end)
  end

  it("as a sender is not another one", function()
    for from, sent in pairs { ["00123"] = "00123", ["007"] = "007", ["12345"] = "12345",
      ["00447700900001"] = "447700900001", ["447700900001\n"] = "447700900001" } do
      server:forget()
      assert(nexmo:send_sms { from = from, to = "447700900000", text = "Hello" })
      assert.matches("from=" .. sent .. "&", server:requests()[1].text)
    end
    for from in pairs(OTHERS) do
      server:forget()
      if not from:find "%a" then -- letters make it a name, or too long
        local _, err = nexmo:send_sms { from = from, to = "447700900000", text = "Hello" }
        assert.equal("invalid", err.kind, from)
        _, err = second:send_job { options = { src = from }, messages = {
          { text = "Hello", recipients = { "+447700900000" } } } }
        assert.equal("invalid", err.kind, from)
        _, err = sms.gateway { nexmo, second }:send { from = from, to = "447700900000",
          text = "Hello" }
        assert.equal("invalid", err.kind, from)
        assert.same({}, server:requests())
      end
    end
  end)
end)
