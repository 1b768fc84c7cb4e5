--- Loads the C module, or says in words why it cannot be: a process has one OpenSSL, that which
--- came first, and libcurl may need a newer one.

local loading = {}

-- What the dynamic linker says: the file or name of what is there, the version that is not, and
-- who needs it.
local TOO_OLD = {
  "(%S+): version `OPENSSL_([%d.]+)' not found %(required by ([^)]+)%)",
  "()undefined symbol: [%w_]+, version OPENSSL_([%d.]+)()",
}

--- What the OpenSSL in the process calls itself, where LuaJIT can ask it.
local function own_name()
  local has_ffi, ffi = pcall(require, "ffi")
  local asked, name = pcall(function()
    ffi.cdef "const char *OpenSSL_version(int type);"
    return ffi.string(ffi.C.OpenSSL_version(0))
  end)
  return has_ffi and asked and name or "an OpenSSL"
end

--- Why the module cannot be loaded, in words; nil where the OpenSSL is not what is wrong.
---@param message string of require
---@return string?
function loading.reason(message)
  for _, pattern in ipairs(TOO_OLD) do
    local path, version, needed_by = message:match(pattern)
    if version then
      local where = type(path) == "string" and (" (%s)"):format(path) or ""
      local who = type(needed_by) == "string" and needed_by or "libcurl"
      return ("this process has %s%s, which is older than what %s needs, OpenSSL %s: give the "
        .. "process an OpenSSL at least as new, or a libcurl that was built with its own one")
        :format(own_name(), where, who, version)
    end
  end
end

local ok, message = pcall(require, "sms.core")
if not ok then
  local why = loading.reason(tostring(message))
  error(why and ("sms: %s\n%s"):format(why, message) or message, 0)
end

return loading
