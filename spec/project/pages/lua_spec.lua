-- Every block of Lua in every page: programs run as they stand against the sandbox, and say what
-- they promise; what is a file compiles.

local blocks = require "spec.support.pages.blocks"
local child = require "spec.support.child"
local sandbox = require "spec.support.servers.sandbox"
local tree = require "spec.support.rooms.tree"

local UNSET = { http_proxy = false, all_proxy = false, ALL_PROXY = false, LUA_PATH_5_4 = false,
  LUA_CPATH_5_4 = false }

local ACCOUNT = ("p%x%04x"):format(os.time(), math.random(0, 65535))

local function is_lua(block)
  return block.kind:find "^lua" ~= nil
end

local here = child.shell("pwd").out:match "[^\n]+"

--- A search path that is the same from every folder.
local function from_anywhere(path)
  return (";" .. path):gsub(";%./", ";" .. here:gsub("%%", "%%%%") .. "/"):sub(2)
end

describe("The Lua of the pages", function()
  local folder -- of programs, for what they write

  -- Those with one key share a limit on this machine.
  local box = sandbox.for_specs({ application = true },
    { nexmo_key = ACCOUNT, retarus_username = ACCOUNT })

  setup(function()
    folder = child.shell("mktemp -d").out:match "[^\n]+"
    assert.equal(0, child.shell(("sed -i 's/^\\(NEXMO_API_KEY\\|RETARUS_USERNAME\\)=.*/\\1=%s/' %s")
      :format(ACCOUNT, child.quoted(box.dir .. "/environment"))).status)
  end)

  teardown(function() child.shell("rm -r " .. child.quoted(folder)) end)

  local function run(code)
    local file = assert(io.open(folder .. "/program.lua", "w"))
    file:write(code)
    file:close()
    local environment = { SMS_SANDBOX = box.dir, LUA_PATH = from_anywhere(package.path),
      LUA_CPATH = from_anywhere(package.cpath) }
    for name, value in pairs(UNSET) do environment[name] = value end
    return child.shell(("cd %s && exec %s"):format(child.quoted(folder),
      child.command("program.lua", {}, environment)))
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
