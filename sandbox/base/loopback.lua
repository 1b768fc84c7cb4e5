-- The only addresses that are ever called: those of this machine.

local loopback = {}

--- Host, port and path of a URL; nil for any that is not plain HTTP to 127.0.0.0/8 or localhost.
function loopback.read(url)
  local authority, path = url:match "^[hH][tT][tT][pP]://([^/?#%s]+)([^#%s]*)$"
  local host, port = (authority or ""):match "^([^:@]+):?(%d*)$"
  if not host then return nil end
  if host:lower() == "localhost" then host = "127.0.0.1" end
  local a, b, c, d = host:match "^(%d+)%.(%d+)%.(%d+)%.(%d+)$"
  if tonumber(a) ~= 127 then return nil end
  for _, octet in ipairs { b, c, d } do
    if #octet > 3 or tonumber(octet) > 255 then return nil end
  end
  port = port == "" and 80 or tonumber(port)
  if port < 1 or port > 65535 then return nil end
  if path:sub(1, 1) ~= "/" then path = "/" .. path end
  return host, port, path
end

return loopback
