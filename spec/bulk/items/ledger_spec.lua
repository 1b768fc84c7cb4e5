-- What a run of send_all does where its journal is not as it was, and what it writes but once.

local sandbox = require "spec.support.servers.sandbox"
local texts = require "spec.support.texts"
local wire = require "spec.support.wire"

local collect = texts.collect

describe("The journal of a run", function()
  local box = sandbox.for_specs()
  local path

  before_each(function()
    path = os.tmpname()
    os.remove(path)
  end)
  after_each(function() os.remove(path) end)

  local function size()
    local file = assert(io.open(path, "rb"))
    local length = file:seek "end"
    file:close()
    return length
  end

  it("ends it where somebody has cut the file, and nothing is sent again", function()
    collect(wire.nexmo(box), texts.list_of(3), { journal = path })
    local source = texts.iterator_of(3)
    local seen, errs, fatal = collect(wire.nexmo(box), function()
      assert(io.open(path, "wb")):close()
      return source()
    end, { journal = path })
    assert.same({ {}, {} }, { seen, errs })
    assert.same({ "internal", "not_sent" }, { fatal.kind, fatal.outcome })
    assert.equal(3, box:count())
  end)

  it("has the begin of an item once, however often it is repeated", function()
    local options = { journal = path, retry = { attempts = 3, base = 0, cap = 0 } }
    collect(wire.nexmo(box), texts.list_of(1), options)
    local once = size()
    os.remove(path)
    box:reset()
    box:fault { operation = "send_sms", kind = "throttle", count = 2, retry_after = 0 }
    local seen, errs, fatal = collect(wire.nexmo(box), texts.list_of(1), options)
    assert.same({ { r1 = 1 }, {} }, { seen, errs })
    assert.is_nil(fatal)
    assert.equal(3, #box:arrivals "send_sms")
    assert.equal(once, size())
  end)
end)
