-- What require says where the C module cannot be loaded for the OpenSSL in the process.

local build = require "spec.support.hosts.build"
local child = require "spec.support.child"
local loading = require "sms.runtime.loading"
local lua_process = require "spec.support.lua_process"
local process = require "spec.support.process"

local BUILD = [[
  cd %s && echo 'OPENSSL_2.9.0 { global: *; };' >versions &&
  gcc -shared -fPIC -o inside.so %s &&
  gcc -shared -fPIC -Wl,--version-script=versions -Wl,-soname,libssl.so.3 -o libssl.so.3 %s &&
  gcc -shared -fPIC -Wl,--version-script=versions -Wl,-soname,libcrypto.so.3 -o libcrypto.so.3 %s
]]

describe("Where the OpenSSL of the process is too old for libcurl", function()
  local folder = process.output_of "mktemp -d"
  teardown(function() child.shell("rm -r " .. folder) end)

  local function run(program, preloaded)
    local here = process.output_of "pwd"
    local source = here .. "/spec/support/hosts/old_openssl.c"
    local built = child.shell(BUILD:format(folder, source, source, source))
    assert.equal(0, built.status, built.err)
    local name = folder .. "/program.lua"
    local file = assert(io.open(name, "w"))
    file:write(program)
    file:close()
    local before = preloaded:gsub("%S+", folder .. "/%0")
    return child.shell(("LD_PRELOAD='%s' %s"):format(before, lua_process.command(name)))
  end

  for _, module in ipairs { "sms", "sms.redis", "sms.runtime.loop" } do
    it("require '" .. module .. "' says so", function()
      if build.is_sanitized then return pending "a sanitizer must be the first to be loaded" end
      local told = run(("print(pcall(require, %q))"):format(module),
        "libcrypto.so.3 libssl.so.3").out
      assert.matches("^false\tsms: this process has [^\n]*OpenSSL[^\n]* %(" .. folder
        .. "/lib%l+.so.3%), which is older than what %S+ needs, OpenSSL 3[%d.]+: give", told)
      if rawget(_G, "jit") then assert.matches("has OpenSSL 2.9.1", told) end
      assert.matches("\n[^\n]*version `OPENSSL_3", told) -- and what the linker says
    end)
  end

  it("and the program has it in itself, require says so, too", function()
    if build.is_sanitized then return pending "a sanitizer must be the first to be loaded" end
    local told = run("print(pcall(require, 'sms'))", "inside.so").out
    assert.matches("^false\tsms: this process has OpenSSL 2.9.1 1 Apr 2021, which is older than "
      .. "what libcurl needs, OpenSSL 3[%d.]+: give", told)
  end)

  it("what else keeps a module from being loaded is not taken for that", function()
    assert.is_nil(loading.reason "module 'sms.core' not found:\n\tno file './sms/core.so'")
    assert.is_nil(loading.reason "libc.so.6: version `GLIBC_2.38' not found (required by x.so)")
    assert.is_nil(loading.reason "x.so: undefined symbol: lua_newuserdatauv")
  end)

  it("a symbol that is missing tells it, too", function()
    assert.matches("older than what libcurl needs, OpenSSL 3.2.0:", loading.reason("/usr/lib/"
      .. "libcurl.so.4: undefined symbol: SSL_get0_group_name, version OPENSSL_3.2.0"))
  end)
end)
