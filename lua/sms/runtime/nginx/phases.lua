--- The phases in which nginx can wait.

local phases = {}

local ngx = ngx -- luacheck: ignore

-- Those that a module does not have never occur.
local WAITING = { server_rewrite = true, rewrite = true, access = true, precontent = true,
  content = true, preread = true, timer = true, ssl_cert = true }

-- nginx itself does not go on with a handshake that waited in one of these: OpenResty's does.
local PATCHED = { ssl_client_hello = true, ssl_session_fetch = true, proxy_ssl_cert = true,
  proxy_ssl_verify = true }

local NOT_PATCHED = "missing the capture error log patch"
local NO_LEVEL, LONGEST = -1, 256

--- What OpenResty's patch for error logs says to a level that there is not: that alone.
local function answer_of_patch()
  require "ngx.errlog" -- declares the function
  local ffi = require "ffi"
  local text, length = ffi.new("unsigned char[?]", LONGEST), ffi.new("size_t[1]", LONGEST)
  local name = ("ngx_%s_lua_ffi_errlog_set_filter_level"):format(ngx.config.subsystem)
  ffi.C[name](NO_LEVEL, text, length)
  return ffi.string(text, length[0])
end

--- Whether this is an nginx with OpenResty's patches, which come together.
local function has_patches()
  local asked, answer = pcall(answer_of_patch)
  return asked and not answer:find(NOT_PATCHED, 1, true)
end

local is_patched = has_patches()

--- Whether a call can wait in a phase.
---@param phase string of ngx.get_phase
---@return boolean
function phases.can_wait(phase)
  return WAITING[phase] or is_patched and PATCHED[phase] or false
end

return phases
