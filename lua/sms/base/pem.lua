--- Keys in PEM form (RFC 7468). Pure.

local pem = {}

--- A key whose line ends are written out as \n, as environments and configurations have them,
--- with line ends; other texts as they are.
---@param text string
---@return string
function pem.restored(text)
  if not text:find("-----BEGIN", 1, true) or not text:find("\\n", 1, true) then
    return text
  end
  return (text:gsub("\\r\\n", "\n"):gsub("\\n", "\n"))
end

return pem
