--- The programs that are compared, as data. All take the same arguments
---
---   <work> <url> <calls> <in flight> <"1.1" or "2"> <file of the CA>
---
--- and print the seconds that the calls took, and of those on the CPU. The first is what the
--- others are compared with. $BUILD and $CA stand for the folder of the build and the last
--- argument. `can` names the works and ways that a program knows; `cell` is the only one it is for;
--- `below` goes behind the URL of its server: "/closing" ends the connection after each answer;
--- `probe` ends well where it is installed; `share` is its part of the calls, where it is slow;
--- `counted` programs have their instructions counted; `tries` is how often one may run until it
--- ends well, where it fails by its own faults: of ten runs of lua-http with HTTP/2 one does.

local EVERYTHING = { "sms", "tables", "strings", "report", "side by side", "tls", "http2" }

local programs = {
  { "raw", title = "libcurl alone, in C", can = EVERYTHING, counted = true,
    command = "$BUILD/bench/raw" },
  { "lua", title = "lua-sms, Lua 5.4", can = EVERYTHING, counted = true,
    command = "lua5.4 bench/library.lua" },
  { "luajit", title = "lua-sms, LuaJIT", can = EVERYTHING, counted = true,
    command = "luajit bench/library.lua" },
  { "short", title = "libcurl, reading 1 KiB at a time", cell = "tls",
    can = EVERYTHING, counted = true, command = "env READ_SIZE=1024 $BUILD/bench/raw" },
  { "unchecked", title = "lua-sms, LuaJIT, reading 1 KiB at a time", cell = "tls",
    can = EVERYTHING, counted = true, probe = "test -e $BUILD/bench/short/luajit/sms/core.so",
    command = "env LUA_CPATH=$BUILD/bench/short/luajit/?.so;; luajit bench/library.lua" },
  { "closing_raw", title = "libcurl, a connection for each call", cell = "tls", share = 1 / 16,
    can = EVERYTHING, below = "/closing", command = "$BUILD/bench/raw" },
  { "closing", title = "lua-sms, LuaJIT, a connection for each call", cell = "tls", share = 1 / 16,
    can = EVERYTHING, below = "/closing", command = "luajit bench/library.lua" },
  { "engine54", title = "its engine + cjson, Lua 5.4", counted = true,
    can = { "sms", "tables", "report", "side by side", "tls", "http2" },
    command = "lua5.4 bench/peers/engine.lua" },
  { "engine", title = "its engine + cjson, LuaJIT", counted = true,
    can = { "sms", "tables", "report", "side by side", "tls", "http2" },
    command = "luajit bench/peers/engine.lua" },
  { "decode54", title = "lua-cjson's decoding alone, Lua 5.4", can = { "report" }, counted = true,
    command = "lua5.4 bench/peers/decode.lua" },
  { "decode", title = "lua-cjson's decoding alone, LuaJIT", can = { "report" }, counted = true,
    command = "luajit bench/peers/decode.lua" },
  { "curl", title = "Lua-cURL + cjson, LuaJIT", can = { "sms", "tables", "report" },
    probe = "luajit -e 'require [[curl]]'", counted = true,
    command = "luajit bench/peers/curl.lua" },
  { "socket54", title = "LuaSocket + cjson, Lua 5.4", share = 1 / 4,
    can = { "sms", "tables", "report", "side by side", "tls" },
    probe = "lua5.4 -e 'require [[socket.http]] require [[ssl]]'",
    command = "lua5.4 bench/peers/socket.lua" },
  { "socket", title = "LuaSocket + cjson, LuaJIT", share = 1 / 4,
    can = { "sms", "tables", "report", "side by side", "tls" },
    probe = "luajit -e 'require [[socket.http]] require [[ssl]]'",
    command = "luajit bench/peers/socket.lua" },
  { "http", title = "lua-http + cjson, LuaJIT", share = 1 / 4, tries = 4,
    can = { "sms", "tables", "report", "side by side", "tls", "http2" },
    probe = "luajit -e 'require [[http.client]]'",
    command = "luajit bench/peers/http.lua" },
  { "node", title = "@vonage/sms, Node", share = 1 / 16,
    can = { "sms", "side by side", "tls" },
    probe = "test -d $BUILD/bench/node/node_modules/@vonage/sms && command -v node",
    command = "env NODE_EXTRA_CA_CERTS=$CA node bench/peers/vonage.js" },
}

-- With another commit ($BESIDE) the library is compared with itself alone.
if os.getenv "BESIDE" then
  programs = { programs[1], programs[2], programs[3],
    { "lua_beside", title = "that commit, Lua 5.4", can = EVERYTHING, counted = true,
      command = "lua5.4 bench/beside.lua" },
    { "luajit_beside", title = "that commit, LuaJIT", can = EVERYTHING, counted = true,
      command = "luajit bench/beside.lua" } }
end

return programs
