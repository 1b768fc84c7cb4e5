-- The CSV reader of the command, the demo and the examples.

local csv = require "sms_command.csv"
local csv_file = require "sms_command.csv.file"

--- All records of a text; nil and what is wrong.
local function records_of(text)
  local list, next_record = {}, csv.records((text .. "\n"):gmatch "(.-)\n")
  local record, why = next_record()
  while record do
    list[#list + 1] = record
    record, why = next_record()
  end
  return not why and list or nil, why
end

describe("The CSV reader", function()
  it("reads quotes, commas, line ends and blank fields", function()
    for text, expected in pairs {
      ["a,b\n1,2\n"] = { { "a", "b", line = 1 }, { "1", "2", line = 2 } },
      ["a,b\r\n1,2"] = { { "a", "b", line = 1 }, { "1", "2", line = 2 } },
      ["\239\187\191a\n"] = { { "a", line = 1 } },
      ['"a, b","say ""hi""",""\n'] = { { "a, b", 'say "hi"', "", line = 1 } },
      ['a,"b"\r\n"",""""\r\n'] = { { "a", "b", line = 1 }, { "", '"', line = 2 } },
      ['"two\nlines",x\ny,\n'] = { { "two\nlines", "x", line = 1 }, { "y", "", line = 3 } },
      ['"\r\n\n""\n",x\ny,z'] = { { '\r\n\n"\n', "x", line = 1 }, { "y", "z", line = 5 } },
      [",\n,"] = { { "", "", line = 1 }, { "", "", line = 2 } },
      ["\n\na\n\r\n"] = { { "a", line = 3 } },
      [" a , b "] = { { " a ", " b ", line = 1 } },
      [""] = {},
    } do
      assert.same(expected, records_of(text))
    end
  end)

  it("says in which line something is wrong", function()
    for text, message in pairs {
      ['a\n"b'] = "line 2: a quoted field does not end",
      ['a\n"b\nc\nd\n'] = "line 2: a quoted field does not end",
      ['a\n"b\n"c\n'] = "line 3: a comma or the end of the line was expected",
      ['a\n"b" \n'] = "line 2: a comma or the end of the line was expected",
      ['a\n5" pipe\n'] = "line 2: a quote inside of a field that does not begin with one",
      ['a,b\n1, "c"\n'] = "line 2: a quote inside of a field that does not begin with one",
      ["a\rb\rc"] = "line 1: a carriage return inside of a field that is not in quotes",
      ["a,b\n1,2\n\n1,2,3\n"] = "line 4: 3 fields, and the first line has 2",
      ["a,b\n1\n"] = "line 2: 1 field, and the first line has 2",
      ['a,b\n"1\n2"\n'] = "line 2: 1 field, and the first line has 2",
      ["a,b\n1\t2\n"] =
        "line 2: 1 field, and the first line has 2, where a tab stands in the place of a comma",
    } do
      local records, said = records_of(text)
      assert.is_nil(records)
      assert.equal(message, said)
    end
  end)

  it("reads what it writes", function()
    local fields = { "a", "", 'say "hi"', "a, b", "two\r\nlines", "x" }
    local read = records_of(csv.line(fields))[1]
    for i, field in ipairs(fields) do assert.equal(field, read[i]) end
    assert.equal('a,"b,""c"""\n', csv.line { "a", 'b,"c"' })
  end)
end)

describe("A CSV file with a heading", function()
  local path = os.tmpname()

  teardown(function() os.remove(path) end)

  --- All records; nil and what is wrong, without the file's name.
  local function read(text)
    local handle = assert(io.open(path, "wb"))
    handle:write(text)
    handle:close()
    local file, why = csv_file.open(path)
    local list, record = {}, nil
    if file then
      record, why = file:next()
    end
    while record do
      list[#list + 1] = record
      record, why = file:next()
    end
    return not why and list or nil, why and why:sub(#path + 3)
  end

  it("gives records by the names of columns, with their lines", function()
    assert.same({
      { line = 2, cells = { b = "1", a = '2\n"' } },
      { line = 5, cells = { b = "", a = "" } },
    }, read '\239\187\191B , a\r\n1,"2\n"""\r\n\r\n,\r\n')
    assert.same({}, read "a")
  end)

  it("says what is wrong with it", function()
    for text, message in pairs {
      [""] = "has no first line, which names the columns",
      ["\255\254a\n"] = "the file is UTF-16; save it as UTF-8",
      ["a,,b\n"] = "column 2 has no name",
      ["a,b,a\n"] = "two columns are called 'a'",
      ['a,"b\n1,2\n'] = "line 1: a quoted field does not end",
      ["a,b\n1,2\n3\n"] = "line 3: 1 field, and the first line has 2",
    } do
      assert.same({ nil, message }, { read(text) })
    end
    local _, why = csv_file.open "/"
    assert.matches("^/: Is a directory", why)
    _, why = csv_file.open "/nowhere.csv"
    assert.matches("No such file", why)
  end)
end)
