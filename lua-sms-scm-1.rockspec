rockspec_format = "3.0"
package = "lua-sms"
version = "scm-1"
source = { url = "git+file://." }
description = {
  summary = "Text messages and voice calls through Retarus and Nexmo (Vonage)",
  license = "MIT",
}
dependencies = { "lua >= 5.1, < 5.5", "lua-cjson >= 2.1" }
build = {
  type = "cmake",
  variables = {
    CMAKE_BUILD_TYPE = "Release",
    LUA_INTERPRETER = "$(LUA)",
    LUA_INCDIR = "$(LUA_INCDIR)",
    LUA_LIBDIR_INSTALL = "$(LIBDIR)",
    LUA_LUADIR_INSTALL = "$(LUADIR)",
  },
}
