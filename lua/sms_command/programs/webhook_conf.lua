--- The configuration of the nginx in which `sms webhook listen` takes webhooks: one process, which
--- says what comes and ends with the command.

local webhook_conf = {}

local TEXT = [[
@modules@
daemon off;
master_process off;
pid "@dir@/nginx.pid";
error_log "@dir@/error.log" error;
@environment@
events {}
http {
  lua_package_path "@path@";
  lua_package_cpath "@cpath@";
  access_log off;
  @temporary@
  init_worker_by_lua_block {
    require("sms_command.programs.webhook_server").start { command = @process@, json = @json@ }
  }
  server {
    listen @address@:@port@;
    client_max_body_size 128k;
    location / {
      content_by_lua_block { require("sms_command.programs.webhook_server").handle() }
    }
  }
}
]]

local TEMPORARY = { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" }

--- The text of the configuration.
---@param values table `modules` (lines), `dir`, `environment` (names), `path`, `cpath`, `process`
---  (id of the command), `json`, `address`, `port`
---@return string
function webhook_conf.text(values)
  local temporary, environment = {}, {}
  for i, name in ipairs(TEMPORARY) do
    temporary[i] = ('%s_temp_path "%s/%s";'):format(name, values.dir, name)
  end
  for i, name in ipairs(values.environment) do
    environment[i] = ("env %s;"):format(name)
  end
  local all = setmetatable({
    temporary = table.concat(temporary, "\n  "), environment = table.concat(environment, "\n"),
    json = tostring(values.json or false),
  }, { __index = values })
  return (TEXT:gsub("@(%w+)@", function(name) return tostring(all[name]) end))
end

return webhook_conf
