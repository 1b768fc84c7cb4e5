rockspec_format = "3.0"
package = "lua-sms"
version = "scm-1"
source = { url = "git+file://." }
description = {
  summary = "Text messages and voice calls through Retarus and Nexmo (Vonage)",
  license = "MIT",
}
dependencies = { "lua >= 5.1, < 5.5", "lua-cjson >= 2.1", "argparse >= 0.7.1" }
deploy = { wrap_bin_scripts = false } -- bin/sms finds its modules, and names its Lua: LuaJIT for 5.1
build = {
  type = "cmake",
  variables = {
    CMAKE_BUILD_TYPE = "Release",
    CMAKE_INSTALL_PREFIX = "$(PREFIX)",
    LUA_INTERPRETER = "$(LUA)",
    LUA_INCDIR = "$(LUA_INCDIR)",
    LUA_LIBDIR_INSTALL = "$(LIBDIR)",
    LUA_LUADIR_INSTALL = "$(LUADIR)",
  },
}
