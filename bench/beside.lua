--- bench/library.lua of another commit, built below $BESIDE, with the same arguments.

local folder = os.getenv "BESIDE"
local lua = rawget(_G, "jit") and "luajit" or "5.4"

package.path = ("%s/lua/?.lua;%s/lua/?/init.lua;%s/?.lua;"):format(folder, folder, folder)
  .. package.path
package.cpath = ("%s/build/%s/?.so;"):format(folder, lua) .. package.cpath

dofile(folder .. "/bench/library.lua")
