-- The README's programs run as they stand, against the sandbox; what it links to is there.

local child = require "spec.support.child"
local sandbox = require "spec.support.servers.sandbox"

-- How a fenced block of each language is treated.
local LANGUAGES = { lua = "run", ["lua fragment"] = "compile", sh = "parse" }

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

local function blocks_of(text)
  local blocks, current, line = {}, nil, 0
  for content in (text .. "\n"):gmatch "(.-)\n" do
    line = line + 1
    local language = content:match "^```(.*)$"
    if language and current then
      current = nil
    elseif language then
      current = { language = language, line = line, "" }
      blocks[#blocks + 1] = current
    elseif current then
      current[1] = current[1] .. content .. "\n"
    end
  end
  assert(not current, "a block does not end")
  return blocks
end

-- What a block promises to print, after each `-->`, blanks made one.
local function promises_of(code)
  local list = {}
  for text in code:gmatch "%-%->%s*([^\n]+)" do
    list[#list + 1] = (text:gsub("%s+", " "))
  end
  return list
end

describe("The README", function()
  local text = read "README.md"
  local blocks = blocks_of(text)
  local box = sandbox.for_specs()

  -- Puts the sandbox in the place of the providers, and nothing else.
  local function run(code)
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    file:write(([[
require("sms.providers.nexmo").hosts = { rest = %q, api = %q }
require("sms.providers.retarus").hosts = { send = %q, de2 = %q, de1 = %q }
]]):format(box.urls.nexmo_rest, box.urls.nexmo_api, box.urls.retarus_send, box.urls.retarus_de2,
      box.urls.retarus_de1), code)
    file:close()
    local ended = child.run(path, {}, {
      NEXMO_API_KEY = "abcd1234", NEXMO_API_SECRET = "Secret0123456789",
      RETARUS_USERNAME = "user", RETARUS_PASSWORD = "pass",
      http_proxy = false, all_proxy = false, ALL_PROXY = false,
    })
    os.remove(path)
    return ended
  end

  local treat = {}

  function treat.run(code)
    local ended = run(code)
    assert.equal("", ended.err)
    assert.equal(0, ended.status)
    assert.is_nil(ended.out:find "not sent: " or ended.out:find "perhaps", ended.out)
    local said, at = ended.out:gsub("[ \t]+", " "), 1
    for _, promise in ipairs(promises_of(code)) do
      local first, last = said:find(promise, at, true)
      assert.is_truthy(first, ("'%s' is not in\n%s"):format(promise, said))
      at = last + 1
    end
  end

  function treat.compile(code)
    assert((loadstring or load)(code)) -- luacheck: ignore
  end

  function treat.parse(code)
    assert.equal(0, child.shell("sh -n -c " .. child.quoted(code)).status)
  end

  for _, block in ipairs(blocks) do
    it(("has a block of %s in line %d that works"):format(block.language, block.line), function()
      assert.is_string(LANGUAGES[block.language], "an unknown mark")
      treat[LANGUAGES[block.language]](block[1])
    end)
  end

  it("has programs", function()
    local count = 0
    for _, block in ipairs(blocks) do
      count = count + (block.language == "lua" and 1 or 0)
    end
    assert.is_true(count >= 8)
  end)

  it("links to what there is", function()
    for name in text:gmatch "%]%(([^)#]+)%)" do
      assert.is_not_nil(io.open(name), name)
    end
  end)

  it("names every operation", function()
    for _, provider in ipairs { "nexmo", "retarus" } do
      for _, operation in ipairs(require("sms.providers." .. provider).operations) do
        assert.is_truthy(text:find("`" .. operation[1] .. "`", 1, true), operation[1])
      end
    end
  end)

  it("names every option of a client", function()
    local described = require "docs.client_options"
    for _, option in ipairs(described.common) do
      if option[1] ~= "runtime" then
        assert.is_truthy(text:find("`" .. option[1] .. "`", 1, true), option[1])
      end
    end
  end)
end)
