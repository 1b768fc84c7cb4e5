--- The elements of a list as values: Lua 5.4 and LuaJIT have it in different places. Pure.

return table.unpack or unpack
