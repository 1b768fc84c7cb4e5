-- Every block of Lua in every page: programs run as they stand against the sandbox, and say what
-- they promise; what is a file compiles.

local blocks = require "spec.support.pages.blocks"
local child = require "spec.support.child"
local sandbox = require "spec.support.servers.sandbox"
local tree = require "spec.support.rooms.tree"

local UNSET = { http_proxy = false, all_proxy = false, ALL_PROXY = false }

local ACCOUNT = ("p%x%04x"):format(os.time(), math.random(0, 65535))

local function is_lua(block)
  return block.kind:find "^lua" ~= nil
end

describe("The Lua of the pages", function()
  -- Those with one key share a limit on this machine.
  local box = sandbox.for_specs({ application = true },
    { nexmo_key = ACCOUNT, retarus_username = ACCOUNT })

  setup(function()
    assert.equal(0, child.shell(("sed -i 's/^\\(NEXMO_API_KEY\\|RETARUS_USERNAME\\)=.*/\\1=%s/' %s")
      :format(ACCOUNT, child.quoted(box.dir .. "/environment"))).status)
  end)

  local function run(code)
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    file:write(code)
    file:close()
    local environment = { SMS_SANDBOX = box.dir }
    for name, value in pairs(UNSET) do environment[name] = value end
    local ended = child.run(path, {}, environment)
    os.remove(path)
    return ended
  end

  local programs = 0
  for _, block in ipairs(blocks.all(is_lua)) do
    local is_program = block.kind == "lua" and not block.name
    programs = programs + (is_program and 1 or 0)
    it(("%s in %s"):format(is_program and "runs" or "compiles", blocks.place(block)), function()
      assert((loadstring or load)(block.code)) -- luacheck: ignore
      if is_program then
        local ended = run(block.code)
        assert.equal("", ended.err)
        assert.equal(0, ended.status)
        blocks.check(block.code, ended.out)
      end
    end)
  end

  it("has programs", function() assert.is_true(programs >= 20, programs) end)

  it("is fenced, wherever it stands", function()
    for _, path in ipairs(blocks.paths) do
      local text = tree.read(path)
      local found = ("\n" .. text):match "\n\n    (local [%w_, ]+ = [^\n]*)\n    "
      assert.is_nil(found, path)
    end
  end)
end)
