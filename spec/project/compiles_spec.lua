-- What the C code asks of the system: no C library but the standard's, no Lua of small numbers.

local child = require "spec.support.child"
local process = require "spec.support.process"

local FLAGS = "-std=c99 -fsyntax-only -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Wall -Wextra "
  .. "-Wconversion -Werror -Isrc"

local function has(command)
  return process.output_of("command -v " .. command) ~= ""
end

describe("The C code", function()
  if has "musl-gcc" then
    it("of base, text, journal and limit compiles with musl", function()
      local ended = child.shell(("musl-gcc %s src/base/*.c src/text/*.c src/journal/*.c "
        .. "src/limit/*.c"):format(FLAGS))
      assert.equal("", ended.err)
      assert.equal(0, ended.status)
    end)
  else
    pending("of base, text, journal and limit compiles with musl: there is no musl-gcc")
  end

  local headers = process.output_of "pkg-config --variable=includedir lua5.4 2>/dev/null"
  if headers ~= "" then
    it("of the bindings refuses a Lua of 32-bit numbers", function()
      local folder = process.output_of "mktemp -d"
      for number, refused in pairs { [0] = false, [1] = true } do
        assert.equal(0, child.shell(("cp -r %s/lua5.4/. %s && sed -i "
          .. "'s/^#define LUA_32BITS\t.*/#define LUA_32BITS %d/' %s/luaconf.h"):format(headers,
          folder, number, folder)).status)
        local ended = child.shell(("cc %s -isystem %s src/lua/binding.c"):format(FLAGS, folder))
        assert.equal(refused, ended.status ~= 0, ended.err)
        assert.equal(refused, ended.err:find("needs_numbers_of_64_bits", 1, true) ~= nil)
      end
      child.shell("rm -r " .. folder)
    end)
  else
    pending("of the bindings refuses a Lua of 32-bit numbers: there is no lua5.4 for pkg-config")
  end
end)
