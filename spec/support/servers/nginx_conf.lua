-- Configurations for a real nginx with the library in it, for a port and a folder of ours.
-- Environment: SMS_NGINX, another program than that of the system; SMS_NGINX_MODULES, the folder
-- of its modules for Lua, where these are not built in nor where the program looks.

local process = require "spec.support.process"

local nginx_conf = {}

--- The program, as a word of a shell command.
nginx_conf.program = '"${SMS_NGINX:-$(PATH=$PATH:/usr/sbin command -v nginx)}"'

--- Whether it has an OpenSSL of its own, which nginx builds without threads.
function nginx_conf.has_own_openssl()
  local text = process.output_of(nginx_conf.program .. " -V 2>&1")
  return text:find("--with-openssl=", 1, true) and not text:find "%f[%w%-]threads"
end

nginx_conf.is_root = process.output_of "id -u" == "0"
nginx_conf.here = process.output_of "pwd"

-- Where the running Lua looks below this folder, from the root.
local function path_of_modules()
  local entries = {}
  for entry in package.path:gmatch "[^;]+" do
    local path = entry:gsub("^%.", nginx_conf.here)
    entries[#entries + 1] = path:find(nginx_conf.here, 1, true) == 1 and path or nil
  end
  return table.concat(entries, ";")
end

nginx_conf.path = path_of_modules()

-- The folder of the module for LuaJIT, beside that of the running Lua.
local function module_folder()
  for entry in package.cpath:gmatch "[^;]+" do
    local build = entry:match "^(.*)/5%.%d/%?%.so$" or entry:match "^(.*)/luajit/%?%.so$"
    if build and io.open(build .. "/luajit/sms/core.so") then
      return (build:gsub("^%.", nginx_conf.here)) .. "/luajit"
    end
  end
  error "package.cpath does not name a build"
end

nginx_conf.modules = module_folder()

local function folder_of_modules()
  return os.getenv "SMS_NGINX_MODULES" or process.output_of(nginx_conf.program
    .. " -V 2>&1 | tr ' ' '\\n' | sed -n 's/^--modules-path=//p'")
end

--- The lines of a configuration that load modules, by their names; else that for Lua in HTTP.
function nginx_conf.load_modules(...)
  local folder, lines = folder_of_modules(), {}
  for _, name in ipairs(... and { ... } or { "ndk_http", "ngx_http_lua" }) do
    local path = ("%s/%s_module.so"):format(folder, name)
    if process.read(path) then -- otherwise built in, as in OpenResty
      lines[#lines + 1] = ("load_module %s;\n"):format(path)
    end
  end
  return table.concat(lines)
end

local function temporary_paths(dir)
  local lines = {}
  for _, name in ipairs { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" } do
    lines[#lines + 1] = ("%s_temp_path %s/%s;"):format(name, dir, name)
  end
  return table.concat(lines, "\n")
end

-- Where a program that is not Debian's finds what its own folders do not have.
local DEBIAN = "/usr/share/lua/5.1/?.lua;/usr/share/lua/5.1/?/init.lua"

local CONFIGURATION = [[
@modules@
worker_processes @workers@;
@user@
pid @dir@/nginx.pid;
error_log @dir@/error.log @log_level@;
@main@
events { worker_connections 4096; }
http {
  lua_package_path "@path@;;@debian@";
  lua_package_cpath "@cpath@/?.so;;";
  lua_code_cache @code_cache@;
  access_log off;
  @paths@
  init_by_lua_block { @init@ }
  @http@
  server {
    listen 127.0.0.1:@port@ backlog=4096 @listen@;
    @locations@
  }
}
]]

--- A configuration with parts of its own (nginx.start): for its port and its folder.
function nginx_conf.of(self, options)
  local values = {
    modules = nginx_conf.load_modules(), workers = options.workers or 1, dir = self.dir,
    port = self.port, paths = temporary_paths(self.dir),
    user = nginx_conf.is_root and ("user %s;"):format(options.user or "root") or "",
    main = options.main or "", http = options.http or "", init = options.init or "",
    locations = options.locations or "", path = nginx_conf.path, cpath = nginx_conf.modules,
    code_cache = options.code_cache == false and "off" or "on",
    debian = DEBIAN, log_level = options.log_level or "error", listen = options.listen or "",
  }
  return (CONFIGURATION:gsub("@([%w_]+)@", values))
end

--- The configuration of examples/nginx/NAME.conf, for a port, a folder and a build of ours.
function nginx_conf.example(self, name, workers)
  local text = process.read(("examples/nginx/%s.conf"):format(name))
  local function put(what, by)
    local from, to = text:find(what, 1, true)
    text = text:sub(1, assert(from, what) - 1) .. by .. text:sub(to + 1)
  end
  put("worker_processes auto", "worker_processes " .. workers)
  put("listen 8080", "listen 127.0.0.1:" .. self.port)
  put('"examples/nginx/?.lua;;";', ('"%s/examples/nginx/?.lua;%s;;";\n'
    .. 'lua_package_cpath "%s/?.so;;";\n'):format(nginx_conf.here, nginx_conf.path,
      nginx_conf.modules))
  put("include folders.conf;", "access_log off;\n" .. temporary_paths(self.dir))
  return nginx_conf.load_modules() .. (nginx_conf.is_root and "user root;\n" or "") .. text
end

return nginx_conf
