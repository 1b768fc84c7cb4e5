-- Who may look and switch: programs of this machine, and the page itself. A page of another site
-- that is open in the same browser may not, nor may one whose name has been made to point here.

local guard = {}

-- Whether an authority (a Host header, or what an Origin names) is this machine.
local function is_here(authority)
  local host = authority:lower():gsub(":%d+$", "")
  if host == "localhost" or host == "[::1]" then return true end
  return host:find "^127%.%d+%.%d+%.%d+$" ~= nil
end

--- What is wrong with the request's Host or Origin, or nil. From there on no other site may embed
--- the answer, and no browser takes it for something else than it says.
function guard.check(request)
  local host, origin = request.headers["host"], request.headers["origin"]
  local header = ngx.header
  header["X-Content-Type-Options"] = "nosniff"
  header["Cross-Origin-Resource-Policy"] = "same-origin"
  header["Cache-Control"] = "no-store"
  if host and not (type(host) == "string" and is_here(host)) then return "foreign Host" end
  if not origin then return nil end
  local authority = type(origin) == "string" and origin:match "^https?://([^/]+)$"
  if not authority or authority ~= host then return "foreign Origin" end
  return nil
end

return guard
