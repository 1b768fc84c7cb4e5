-- The page at / of the listener `control`, in the manner of a mail catcher: its files, and what it
-- asks for. It switches with the same controls as everybody.

local events = require "page.events"
local http = require "base.http"
local jobs = require "page.jobs"
local json = require "base.json"
local messages = require "page.messages"
local more = require "page.more"

local page = {}

local folder = debug.getinfo(1, "S").source:match "^@(.*)/"

-- Nothing but its own script, style and answers; nothing may frame it, no form goes anywhere.
local POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
  .. "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

local function file(name, media)
  return function(request)
    if request.listener ~= "control" then
      return http.json(404, { message = "the page is on the listener control" })
    end
    local opened = assert(io.open(folder .. "/" .. name, "rb"))
    local body = opened:read "*a"
    opened:close()
    return { status = 200, body = body, type = media .. "; charset=utf-8", headers = {
      ["Content-Security-Policy"] = POLICY, ["Referrer-Policy"] = "no-referrer",
    } }
  end
end

-- What a view shows from before number `before` on, the newest first.
local function view(shown)
  return function(request)
    local query = http.query(request)
    local before = tonumber(query.before)
    return http.json(200, shown(before and math.floor(before), query))
  end
end

--- Path -> what answers a GET.
page.paths = {
  ["/"] = file("index.html", "text/html"),
  ["/page.js"] = file("page.js", "text/javascript"),
  ["/page.css"] = file("page.css", "text/css"),
  ["/_sandbox/page/events"] = events.serve,
  ["/_sandbox/page/messages"] = view(messages.sent),
  ["/_sandbox/page/calls"] = view(messages.calls),
  ["/_sandbox/page/jobs"] = view(jobs.list),
  ["/_sandbox/page/recipients"] = view(jobs.recipients),
  ["/_sandbox/page/applications"] = view(more.applications),
  ["/_sandbox/page/webhooks"] = view(more.webhooks),
  ["/_sandbox/page/limits"] = view(function() return { items = json.list(more.limits()) } end),
}

return page
