-- The pass that writes params, where Lua runs while it writes: a format in Lua, or a finaliser,
-- may send through the same operation. sms.schema's writer_spec says what it writes.

local core = require "sms.core"

local LONG = 20000 -- bytes: more than fit the stack, and few enough that their room is kept

-- As schema/layout.lua numbers them.
local STRING, RECORD, IN_LUA = 1, 6, 4

--- The pass of a record { text, note }, which asks a function about each note.
local function writer_of(on_note)
  return core.writer({
    { kind = RECORD, first = 2, count = 2 },
    { name = "text", head = '"text":', kind = STRING },
    { name = "note", head = '"note":', kind = STRING, format = IN_LUA },
    json = 1,
  }, { false, false, on_note })
end

local function params_of(letter, note)
  return { text = letter:rep(LONG), note = note }
end

local function body_of(letter, note)
  return ('{"text":"%s","note":"%s"}'):format(letter:rep(LONG), note)
end

--- Calls the function when what is made here is collected.
local function when_collected(finalise)
  if newproxy then -- of Lua 5.1, where tables have no finalisers
    getmetatable(newproxy(true)).__gc = finalise
  else
    setmetatable({}, { __gc = finalise })
  end
end

describe("A long body that is being written", function()
  it("is not touched by a format that writes another", function()
    local write, nested
    write = writer_of(function(note)
      if note == "outer" then
        nested = write(params_of("b", "inner"))
      end
      return note
    end)
    for _ = 1, 3 do
      assert.equal(body_of("a", "plain"), write(params_of("a", "plain")))
      assert.equal(body_of("c", "outer"), write(params_of("c", "outer")))
      assert.equal(body_of("b", "inner"), nested)
    end
  end)

  it("is not touched by a finaliser that writes another", function()
    local write, nested
    write = writer_of(function(note)
      if note == "outer" then
        when_collected(function() nested = write(params_of("b", "inner")) end)
        collectgarbage()
      end
      return note
    end)
    for _ = 1, 3 do
      assert.equal(body_of("a", "plain"), write(params_of("a", "plain")))
      assert.equal(body_of("c", "outer"), write(params_of("c", "outer")))
      assert.equal(body_of("b", "inner"), nested)
    end
  end)

  it("may be left by an error, or be refused: the next ones are as they should be", function()
    local write
    write = writer_of(function(note)
      if note == "outer" then
        write(params_of("b", "inner"))
        error("raised", 0)
      end
      return note == "refused" and "" or note
    end)
    for _ = 1, 3 do
      assert.equal(body_of("a", "plain"), write(params_of("a", "plain")))
      assert.has_error(function() write(params_of("c", "outer")) end, "raised")
      assert.is_nil(write(params_of("c", "refused")))
    end
    assert.equal(body_of("d", "plain"), write(params_of("d", "plain")))
  end)

  it("goes into a place that is there for it, as a short one does not", function()
    local write = writer_of(function(note) return note end)
    local place = write(params_of("a", "first"), nil, false)
    assert.equal(body_of("a", "first"), place:text())
    assert.is_true(rawequal(place, write(params_of("b", "second"), nil, place)))
    assert.equal(body_of("b", "second"), place:text())
    assert.equal('{"text":"c","note":"short"}', write({ text = "c", note = "short" }, nil, place))
    assert.equal(body_of("b", "second"), place:text())
    assert.has_error(function() write(params_of("d", "third"), nil, {}) end)
  end)
end)
