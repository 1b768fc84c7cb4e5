-- Nothing under lua/sms names a provider, but for what is the provider's own and what makes it one
-- of the library's.

local tokens = require "spec.support.rooms.tokens"

local NAMES = { "nexmo", "retarus", "vonage" }

-- What may: the providers themselves, what users require, and what is generated.
local MAY = { "^lua/sms/providers/", "^lua/sms/init%.lua$", "^lua/sms/testing%.lua$",
  "^lua/sms/meta%.lua$" }

--- The lines of a program that name a provider, in a name or a string; comments may.
local function naming(text)
  local lines = {}
  for _, token in ipairs(tokens.of(text)) do
    for _, name in ipairs(NAMES) do
      if token.text:lower():find(name, 1, true) and lines[#lines] ~= token.line then
        lines[#lines + 1] = token.line
      end
    end
  end
  return lines
end

local function may_name(path)
  for _, pattern in ipairs(MAY) do
    if path:find(pattern) then return true end
  end
  return false
end

describe("The rule that nobody names a provider", function()
  for text, lines in pairs {
    ["-- Nexmo\n--[[ retarus\n]] return 1"] = {},
    ["return core.next_mo, 're' .. 'tarus'"] = {},
    ["return 1\nlocal nexmo = 1"] = { 2 },
    ["return { Nexmo_id = 1 }, sms.retarus"] = { 1 },
    ['return\n"a client of sms.nexmo" -- nexmo'] = { 2 },
    ["local a = [[\n\nVonage]]\nreturn 'https://x.RETARUS.com'"] = { 1, 4 },
    ['require "sms.providers.nexmo.codes"'] = { 1 },
  } do
    it("judges " .. text:gsub("%s+", " "), function()
      assert.same(lines, naming(text))
    end)
  end

  it("is kept by every module", function()
    local pipe = assert(io.popen "find lua/sms -name '*.lua' | LC_ALL=C sort")
    local named, count = {}, 0
    for path in pipe:lines() do
      local file = assert(io.open(path, "rb"))
      for _, line in ipairs(may_name(path) and {} or naming(file:read "*a")) do
        named[#named + 1] = path .. ":" .. line
      end
      file:close()
      count = count + 1
    end
    pipe:close()
    assert.same({}, named)
    assert.is_true(count > 50)
  end)
end)
