--- Where the sandbox's scripts are: in a checkout, or as a rock, a package or cmake has installed
--- them.

local installed = {}

local own = debug.getinfo(1, "S").source:match "^@(.-)/?sms/testing/[^/]*$"

--- The folder that has `sms` in it.
local lua = own == "" and "." or own

-- From there: in a checkout, in a rock, below the prefix of a cmake installation.
local WAYS = { "/../sandbox", "/lua-sms/sandbox", "/../../lua-sms/sandbox" }

--- The folder of the sandbox's scripts, or nil.
---@return string?
function installed.sandbox()
  for _, way in ipairs(lua and WAYS or {}) do
    local file = io.open(lua .. way .. "/start")
    if file then
      file:close()
      return lua .. way
    end
  end
end

return installed
