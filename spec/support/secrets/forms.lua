-- The forms in which a secret may lie somewhere, each as a text to look for.

local mime = require "mime"

local forms = {}

--- Hex digits of a text.
function forms.hex(text)
  return (text:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

-- What is the same in the base64 of all texts that have this one at an offset of 0, 1 or 2.
local function base64(text, offset)
  local encoded = mime.b64(("\0"):rep(offset) .. text):gsub("=", "")
  local first = offset == 0 and 1 or offset + 2
  return encoded:sub(first, #encoded - 1)
end

local function escaped(text, digits)
  return (text:gsub("[^%w._~-]", function(c) return (digits):format(c:byte()) end))
end

--- All forms of a secret.
---@return table<string, string>
function forms.of(secret)
  local list = { raw = secret, hex = forms.hex(secret), HEX = forms.hex(secret):upper(),
    url = escaped(secret, "%%%02X"), ["small url"] = escaped(secret, "%%%02x") }
  for offset = 0, 2 do
    list["base64 at " .. offset] = base64(secret, offset)
    list["base64url at " .. offset] = base64(secret, offset):gsub("+", "-"):gsub("/", "_")
  end
  return list
end

-- The bytes of a number that openssl prints as lines of hex.
local function number_of(text, name)
  local digits = text:match(name .. ":%s*([%x:%s]+)"):gsub("[^%x]", "")
  return (digits:gsub("^00", ""):gsub("%x%x", function(byte)
    return string.char(tonumber(byte, 16))
  end))
end

--- The forms of a private key of RSA: lines of its file, and its numbers as DER and as OpenSSL has
--- them.
---@param path string
---@return table<string, string>
function forms.of_key(path)
  local list, file = {}, assert(io.open(path))
  for line in file:read "*a":gmatch "[^\n]+" do
    if not line:find "-" then list["line " .. #line .. line:sub(1, 4)] = line end
  end
  file:close()
  local pipe = assert(io.popen(("openssl rsa -noout -text -in '%s' 2>&1"):format(path)))
  local text = pipe:read "*a"
  pipe:close()
  for _, name in ipairs { "privateExponent", "prime1", "prime2", "coefficient" } do
    local part = number_of(text, name):sub(33, 64)
    list[name], list[name .. " reversed"] = part, part:reverse()
  end
  return list
end

--- Forms of several secrets as a text, for a program that is to look for them: a name, a form, hex
--- digits, a line each.
---@param all table<string, table<string, string>>
---@return string
function forms.written(all)
  local lines = {}
  for name, list in pairs(all) do
    for form, text in pairs(list) do
      lines[#lines + 1] = ("%s\t%s\t%s\n"):format(name, form, forms.hex(text))
    end
  end
  return table.concat(lines)
end

return forms
