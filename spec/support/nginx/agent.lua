-- A privileged agent: a process beside nginx's workers that stays root and serves nobody. nginx has
-- one only with a patch of OpenResty's; without it the first worker stands for it.

local ffi = require "ffi"
local process = require "ngx.process"

local agent = {}

local NOBODY = 65534

ffi.cdef [[
  int setgid(unsigned group);
  int setuid(unsigned user);
]]

local is_real, is_here = false, false

--- In init: there will be one.
function agent.enable()
  is_real = process.enable_privileged_agent() == true
end

--- In init_worker: all others become another user.
---@return boolean is_here whether this is the agent
function agent.begin()
  if is_real then
    is_here = process.type() == "privileged agent"
  else
    is_here = ngx.worker.id() == 0
  end
  if not is_here then
    assert(ffi.C.setgid(NOBODY) == 0 and ffi.C.setuid(NOBODY) == 0)
  end
  return is_here
end

--- In rewrite: it serves nobody.
function agent.refuse()
  if is_here then ngx.exit(503) end
end

return agent
