--- Loads the C module, or says in words why it cannot be: a process has one OpenSSL, that which
--- came first, and libcurl may need a newer one.

local loading = {}

-- What the dynamic linker says: the file or name of what is there, the version that is not, and
-- who needs it.
local TOO_OLD = {
  "(%S+): version `OPENSSL_([%d.]+)' not found %(required by ([^)]+)%)",
  "()undefined symbol: [A-Za-z0-9_]+, version OPENSSL_([%d.]+)()",
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

local function sentence(own, who, needed)
  return ("this process has %s, which is older than what %s needs, OpenSSL %s: give the process an "
    .. "OpenSSL at least as new, or a libcurl that was built with its own one")
    :format(own, who, needed)
end

--- Why the module cannot be loaded, in words; nil where the OpenSSL is not what is wrong.
---@param message string of require
---@return string?
function loading.reason(message)
  for _, pattern in ipairs(TOO_OLD) do
    local path, needed, who = message:match(pattern)
    if needed then
      local where = type(path) == "string" and (" (%s)"):format(path) or ""
      return sentence(own_name() .. where, type(who) == "string" and who or "libcurl", needed)
    end
  end
end

local ok, core = pcall(require, "sms.core")
if not ok then
  local why = loading.reason(tostring(core))
  error(why and ("sms: %s\n%s"):format(why, core) or core, 0)
end

-- One that the program itself has (nginx's --with-openssl) is not seen by the linker.
local own, needed = core.old_openssl()
if own then
  error("sms: " .. sentence(own, "libcurl", needed), 0)
end

return loading
