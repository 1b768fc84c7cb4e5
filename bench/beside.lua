--- bench/library.lua with the library of another commit, built below $BESIDE; the same arguments.

local folder = os.getenv "BESIDE"
local lua = rawget(_G, "jit") and "luajit" or "5.4"

package.path = ("%s/lua/?.lua;%s/lua/?/init.lua;"):format(folder, folder) .. package.path
package.cpath = ("%s/build/%s/?.so;"):format(folder, lua) .. package.cpath

dofile "bench/library.lua"
