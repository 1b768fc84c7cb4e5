-- The examples for nginx start as their heads say: the commands there, one after the other, in a
-- copy of the folder, with free ports, a folder of ours in place of /tmp and the sandbox's
-- credentials in place of …

local child = require "spec.support.child"
local nginx = require "spec.support.servers.nginx"
local nginx_conf = require "spec.support.servers.nginx_conf"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"

local CREDENTIALS = { NEXMO_API_KEY = "abcd1234", NEXMO_API_SECRET = "Secret0123456789",
  RETARUS_USERNAME = "user", RETARUS_PASSWORD = "pass", NEXMO_SIGNATURE_SECRET = "signs" }

-- What the commands print, in order.
local PRINT = {
  intake = '{"taken":1}\n{"[^\n]+}\n',
  otp = "sent\nno\n",
  outbox = '{"[^\n]+}\n{"state":"%l+"}\n',
  webhook = "not known\n",
}

-- Modules of other programs lie elsewhere; sanitized ones need more than the heads say.
local is_debian = not os.getenv "SMS_NGINX" and not nginx.sanitized
  and process.read "/usr/lib/nginx/modules/ngx_http_lua_module.so"

--- The commands in the head of a configuration.
local function commands_of(text)
  local head = text:match "^.-\n\n"
  local lines = {}
  for line in head:gmatch "#   ([^\n]+)\n" do lines[#lines + 1] = line end
  return (table.concat(lines, "\n"):gsub("([%u_]+)=…", function(name)
    return name .. "=" .. assert(CREDENTIALS[name], name)
  end))
end

describe("The head of an example for nginx", function()
  local box = sandbox.for_specs()
  local folder

  before_each(function()
    folder = process.output_of "mktemp -d"
    child.shell(("chmod 755 %s; mkdir %s/examples; cp -r examples/nginx %s/examples"):format(
      folder, folder, folder))
  end)
  after_each(function()
    child.shell(("kill $(cat %s/*/*.pid); rm -rf %s"):format(folder, folder))
  end)

  --- Runs commands as somebody in a checkout who has installed the module.
  local function run(commands)
    local here = nginx_conf.here
    return child.shell(([[
      unset NGINX http_proxy all_proxy ALL_PROXY SMS_SANDBOX
      export LUA_PATH='%s/lua/?.lua;%s/lua/?/init.lua;;' LUA_CPATH='%s/?.so;;'
      cd %s
      exec 2>errors
      set -e
      %s]]):format(here, here, nginx_conf.modules, folder, commands))
  end

  -- With credentials, the sandbox in the provider's place; and with what the head says to try it.
  local ways = {
    credentials = function(commands)
      return ("export NEXMO_BASE_URL=%s RETARUS_BASE_URL=%s\n"):format(box.urls.nexmo,
        box.urls.retarus) .. commands
    end,
    SMS_SANDBOX = function(commands)
      return commands:gsub("export [^\n]*", "export SMS_SANDBOX=" .. box.dir, 1)
    end,
  }

  local function starts(name, printed, way)
    it(("starts it: %s, with %s"):format(name, way), function()
      if not is_debian then return pending "Debian's nginx is not the one that is tested" end
      local path = ("%s/examples/nginx/%s.conf"):format(folder, name)
      local port = tostring(nginx.free_port())
      local redis = tostring(nginx.free_port())
      child.shell(("sed -i 's/listen 8080;/listen 127.0.0.1:%s;/; s/\\b6379\\b/%s/' "
        .. "%s/examples/nginx/*"):format(port, redis, folder))
      local commands = commands_of(process.read(path)):gsub("localhost:8080", "127.0.0.1:" .. port)
        :gsub("/tmp/", folder .. "/")
      local ended = run(ways[way](commands))
      local told = process.read(folder .. "/errors") .. (process.read(
        ("%s/%s/error.log"):format(folder, name)) or "no log")
      assert.equal(0, ended.status, told)
      assert.matches("^" .. printed .. "$", ended.out)
      assert.is_nil(told:match "%[error%][^\n]*" or told:match "%[alert%][^\n]*"
        or told:match "%[emerg%][^\n]*")
      process.wait("nginx to end", 10, function()
        return not process.read(("%s/%s/nginx.pid"):format(folder, name))
      end)
    end)
  end

  for name, printed in pairs(PRINT) do
    for way in pairs(ways) do starts(name, printed, way) end
  end
end)
