-- The folders in which sockets to the driver thread lie for a moment: none is left, and those of
-- processes that were killed meanwhile are removed by others, but nobody else's.

local child = require "spec.support.child"
local core = require "sms.core"
local lua_process = require "spec.support.lua_process"
local process = require "spec.support.process"

describe("A socket of one's own", function()
  local folder

  before_each(function() folder = process.output_of "mktemp -d" end)
  after_each(function() child.shell("chmod -R u+rwx " .. folder .. "; rm -rf " .. folder) end)

  local function names()
    return child.names_in(folder)
  end

  it("lies in a folder that nobody else can enter, for as long as it is listened to", function()
    local box = core.mailbox()
    local path = box:listen(folder)
    assert.matches("^" .. folder .. "/sms%-....../s$", path)
    assert.matches("^drwx%-%-%-%-%-T", process.output_of("ls -ld " .. path:match "^(.*)/s$"))
    assert.same(1, #names())
    assert.is_nil((box:accept())) -- nobody has connected
    assert.same({}, names())
    assert(box:listen(folder))
    assert(box:listen(folder))
    assert.same(1, #names())
    box:close()
    assert.same({}, names())
  end)

  it("leaves nothing where it cannot be made", function()
    local box = core.mailbox()
    local path, why = box:listen(folder .. "/nowhere")
    assert.is_nil(path)
    assert.equal(("cannot write to %s/nowhere: No such file or directory"):format(folder), why)
    path, why = box:listen(folder .. ("/x"):rep(50))
    assert.is_nil(path)
    assert.matches("^cannot write to .*: File name too long$", why)
    assert.same({}, names())
    box:close()
  end)

  it("leaves nothing where descriptors are used up", function()
    for left = 0, 3 do
      local told = lua_process.run(([[
        local core = require "sms.core"
        local box, files = core.mailbox(), {}
        repeat
          local file = io.open "/dev/null"
          files[#files + 1] = file
        until not file
        for _ = 1, %d do table.remove(files):close() end
        print((select(2, box:listen %q)))
        for _ = 1, 5 do table.remove(files):close() end -- what it needs to end
        os.exit(true, false)
      ]]):format(left, folder))
      assert.equal(left < 2, told:find "Too many open files" ~= nil, told)
      if left < 2 then assert.same({}, names()) end
      core.clean_sockets(folder)
      assert.same({}, names())
    end
  end)

  it("that a killed process has left is removed, and nothing else", function()
    lua_process.run(([[
      local core = require "sms.core"
      assert(core.mailbox():listen %q)
      os.execute "kill -9 $PPID"
      repeat until false
    ]]):format(folder))
    local left = names()[1]
    assert.matches("^sms%-......$", left)
    child.shell("cd " .. folder .. [[; mkdir -m 700 sms-empty1 sms-folder sms-abcdef
      touch sms-file12
      mkdir -m 1700 sms-filled other sms-longer1
      touch sms-filled/other; ln -s sms-abcdef sms-linked]])
    local box = core.mailbox()
    local used = assert(box:listen(folder)):match "([^/]+)/s$"
    core.clean_sockets(folder)
    local expected = { "sms-empty1", "sms-folder", "sms-abcdef", "sms-file12", "sms-filled",
      "other", "sms-longer1", "sms-linked", used }
    table.sort(expected)
    local found = names()
    table.sort(found)
    assert.same(expected, found)
    box:close()
    core.clean_sockets(folder .. "/nowhere")
  end)
end)
