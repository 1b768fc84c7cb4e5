-- Headless Chromium, driven by chromedriver's WebDriver protocol over plain HTTP.
--
--     local page = browser.start()
--     page:open(url)
--     page:run("return document.title")          -- JavaScript; arguments follow
--     page:click "nav a[href='#jobs']"            -- a pointer's click
--     page:type("[name=text]", "Hello")           -- keys
--     page:resize(360, 740)
--     page:picture "/tmp/page.png"
--     page:stop()

local child = require "spec.support.child"
local cjson = require "cjson"
local http = require "socket.http"
local ltn12 = require "ltn12"
local mime = require "mime"
local process = require "spec.support.process"

local browser = {}

local methods = {}
local meta = { __name = "browser", __index = methods }

local ELEMENT = "element-6066-11e4-a52e-4f735466cecf" -- the protocol's name of a reference

-- What there is of it on this machine: Debian's own names.
function browser.is_there()
  return process.output_of("command -v chromedriver") ~= ""
    and process.output_of("command -v chromium") ~= ""
end

-- A list as JSON: plain cjson takes an empty one for an object.
local function list_of(values)
  return #values > 0 and cjson.encode(values) or "[]"
end

local function ask(url, method, value)
  local out, body = {}, type(value) == "string" and value or value and cjson.encode(value)
  if method == "POST" then body = body or "{}" end
  local ok, status = http.request {
    method = method, url = url, sink = ltn12.sink.table(out),
    headers = body and { ["content-length"] = #body, ["content-type"] = "application/json" },
    source = body and ltn12.source.string(body),
  }
  if not ok then return nil, status end
  local answer = cjson.decode(table.concat(out)).value
  if status ~= 200 then return nil, answer.error .. ": " .. answer.message end
  return answer
end

local function call(self, method, path, value)
  local answer, problem = ask(self.session .. path, method, value)
  if answer == nil and problem then error(problem, 3) end
  return answer
end

local function session_of(driver, home)
  local arguments = { "--headless=new", "--disable-gpu", "--disable-dev-shm-usage",
    "--no-first-run", "--hide-scrollbars", "--force-device-scale-factor=1", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
    "--user-data-dir=" .. home .. "/profile" }
  if process.output_of("id -u"):match "^0" then arguments[#arguments + 1] = "--no-sandbox" end
  return ask(driver .. "/session", "POST", { capabilities = { alwaysMatch = {
    browserName = "chrome",
    ["goog:chromeOptions"] = { binary = "/usr/bin/chromium", args = arguments },
    ["goog:loggingPrefs"] = { browser = "ALL" },
  } } })
end

--- Starts one.
function browser.start()
  local home = process.output_of("mktemp -d"):match "%S+"
  local pid = process.output_of(("HOME=%s chromedriver --port=0 >%s/log 2>&1 & echo $!")
    :format(home, home)):match "%d+"
  local port
  process.wait("chromedriver", 30, function()
    port = (process.read(home .. "/log") or ""):match "started successfully on port (%d+)"
    return port
  end)
  local driver = "http://127.0.0.1:" .. port
  local session, problem = session_of(driver, home)
  local self = setmetatable({ home = home, pid = tonumber(pid) }, meta)
  if not session then
    self:stop()
    error(problem, 2)
  end
  self.session = driver .. "/session/" .. session.sessionId
  return self
end

function methods:open(url)
  call(self, "POST", "/url", { url = url })
end

function methods:resize(width, height)
  call(self, "POST", "/window/rect", { width = width, height = height })
end

--- Runs JavaScript in the page: what it returns.
function methods:run(script, ...)
  local answer = call(self, "POST", "/execute/sync",
    ('{"script":%s,"args":%s}'):format(cjson.encode(script), list_of { ... }))
  return answer ~= cjson.null and answer or nil
end

--- Waits until JavaScript in the page is true.
function methods:wait(what, script, ...)
  local given = { ... }
  process.wait(what, 20, function() return self:run(script, (table.unpack or unpack)(given)) end)
end

local function find(self, selector)
  return call(self, "POST", "/element", { using = "css selector", value = selector })[ELEMENT]
end

function methods:click(selector)
  call(self, "POST", "/element/" .. find(self, selector) .. "/click")
end

--- Types into what the selector finds, in place of what stands there.
function methods:type(selector, text)
  local element = find(self, selector)
  call(self, "POST", "/element/" .. element .. "/clear")
  call(self, "POST", "/element/" .. element .. "/value", { text = text })
end

--- Presses keys, wherever the focus is.
function methods:press(...)
  local actions = {}
  for _, key in ipairs { ... } do
    actions[#actions + 1] = { type = "keyDown", value = key }
    actions[#actions + 1] = { type = "keyUp", value = key }
  end
  call(self, "POST", "/actions", { actions = { { type = "key", id = "keys", actions = actions } } })
end

--- What the browser had to say: refused scripts, errors.
function methods:log()
  local lines = {}
  for _, entry in ipairs(call(self, "POST", "/se/log", { type = "browser" })) do
    lines[#lines + 1] = entry.message
  end
  return lines
end

--- Has pages drawn as for whoever prefers "dark" or "light" ones.
function methods:prefer(scheme)
  call(self, "POST", "/goog/cdp/execute", { cmd = "Emulation.setEmulatedMedia", params = {
    features = { { name = "prefers-color-scheme", value = scheme } } } })
end

function methods:picture(path)
  local file = assert(io.open(path, "wb"))
  file:write((mime.unb64(call(self, "GET", "/screenshot"))))
  file:close()
end

function methods:stop()
  if self.session then ask(self.session, "DELETE") end
  process.signal("TERM", self.pid)
  process.wait("chromedriver's end", 10, function() return not process.lives(self.pid) end)
  child.shell("rm -rf " .. self.home)
end

return browser
