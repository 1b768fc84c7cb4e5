-- A Prometheus of Debian for one spec, on loopback, in a folder of its own. It ends with this
-- process at the latest.
--
--     local server = prometheus.start([[…scrape_configs and rule_files…]])
--     local data = server:ask "/api/v1/query?query=up"
--     server:stop()

local child = require "spec.support.child"
local cjson = require "cjson"
local core = require "sms.core"
local http = require "socket.http"
local process = require "spec.support.process"
local socket = require "socket"

local prometheus = {}

local methods = {}
local Server = { __name = "prometheus", __index = methods }

local LAUNCH = [[
  parent=$PPID
  prometheus --config.file=%s/prometheus.yml --storage.tsdb.path=%s/data \
    --web.listen-address=127.0.0.1:%d --log.level=warn >%s/log 2>&1 </dev/null &
  child=$!
  (
    while kill -0 $parent; do kill -0 $child || exit; sleep 0.5; done
    kill -9 $child
  ) >/dev/null 2>&1 </dev/null &
  echo $child
]]

--- Whether it is installed.
function prometheus.is_installed()
  return process.output_of "command -v prometheus && command -v promtool" ~= ""
end

local function free_port()
  while true do
    local port = 10000 + math.floor(core.random() * 10000)
    local listener = socket.bind("127.0.0.1", port)
    if listener then
      listener:close()
      return port
    end
  end
end

--- Starts one with a configuration.
function prometheus.start(configuration)
  local folder, port = process.output_of "mktemp -d", free_port()
  local file = assert(io.open(folder .. "/prometheus.yml", "w"))
  file:write(configuration)
  file:close()
  local pid = process.output_of(LAUNCH:format(folder, folder, port, folder))
  local self = setmetatable({ folder = folder, pid = tonumber(pid),
    url = "http://127.0.0.1:" .. port }, Server)
  process.wait("Prometheus", 20, function()
    assert(process.lives(self.pid), process.read(folder .. "/log"))
    return (select(2, http.request(self.url .. "/-/ready"))) == 200
  end)
  return self
end

--- What its API says: the data, or nil and why not.
function methods:ask(path)
  local body = assert(http.request(self.url .. path))
  local answer = cjson.decode(body)
  return answer.status == "success" and answer.data or nil, answer.error
end

--- What a query gives now: its result, or nil and why not.
function methods:query(expression)
  local data, why = self:ask("/api/v1/query?query=" .. core.escape(expression))
  return data and data.result, why
end

function methods:stop()
  process.signal("TERM", self.pid)
  process.wait("Prometheus to end", 20, function() return not process.lives(self.pid) end)
  child.shell("rm -rf " .. self.folder)
end

return prometheus
