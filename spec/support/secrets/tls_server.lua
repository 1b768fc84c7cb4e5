-- Certificates of all kinds, and a server that shows one of them: `openssl s_server`, which answers
-- a GET with a page.
--
--     local folder = tls_server.folder()      has an authority of its own
--     local made = tls_server.certificate(folder, "expired", { names = "DNS:localhost",
--       from = "20200101000000Z", to = "20210101000000Z" })
--     local server = tls_server.start(made, "-tls1_2")
--     server.port
--     server:stop()

local child = require "spec.support.child"
local process = require "spec.support.process"

local tls_server = {}

local methods = {}
methods.__index = methods

local CONFIGURATION = [[
[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
]]

local function run(folder, ...)
  local ended = child.shell(("cd '%s'; "):format(folder) .. (...):format(select(2, ...)))
  assert(ended.status == 0, ended.err)
end

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

--- A new folder with an authority in it: `ca.pem`, and a key that all certificates have.
function tls_server.folder()
  local folder = process.output_of "mktemp -d"
  write(folder .. "/ca.cnf", CONFIGURATION)
  write(folder .. "/index.txt", "")
  run(folder, "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
    .. "-days 30 -subj '/CN=Authority of a test' -keyout ca.key -out ca.pem && "
    .. "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:prime256v1 -out server.key")
  return folder
end

--- Makes a certificate. `names` are its alternative names; `from` and `to` when it counts;
--- `is_own`: nobody but itself vouches for it.
---@return table made for tls_server.start
function tls_server.certificate(folder, name, options)
  local file = ("%s/%s.pem"):format(folder, name)
  local request = "openssl req -new -key server.key -subj '/CN=a test' -addext "
    .. "'subjectAltName=" .. options.names .. "' "
  if options.is_own then
    run(folder, "%s -x509 -days 30 -out %s.pem", request, name)
  else
    run(folder, "%s -out %s.csr && openssl ca -batch -notext -config ca.cnf -startdate %s "
      .. "-enddate %s -in %s.csr -out %s.pem", request, name, options.from or "20200101000000Z",
      options.to or "20491231000000Z", name, name)
  end
  return { certificate = file, key = folder .. "/server.key" }
end

--- Starts a server on loopback, with further words for `openssl s_server`.
function tls_server.start(made, words)
  local pipe = assert(io.popen(("echo $$; exec openssl s_server -accept 127.0.0.1:0 -www "
    .. "-cert '%s' -key '%s' %s 2>&1 </dev/null"):format(made.certificate, made.key, words or "")))
  local self = setmetatable({ pipe = pipe, pid = tonumber(pipe:read()) }, methods)
  local said = {}
  for line in pipe:lines() do
    said[#said + 1] = line
    self.port = tonumber(line:match "^ACCEPT.*:(%d+)%s*$")
    if self.port then return self end
  end
  error(table.concat(said, "\n"), 2)
end

function methods:stop()
  process.signal("TERM", self.pid)
  self.pipe:close()
end

return tls_server
