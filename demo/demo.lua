--- Sends a personal text to everybody on a list: one by one through Nexmo, then all of them
--- as one Retarus job, which is followed to its end.
---
---   lua5.4 demo/demo.lua URLS [recipients.csv]
---
--- URLS is the file `urls` that `sandbox/start DIR` writes in DIR. The list is a CSV file with
--- the columns name, number and text. With credentials of your own and without `hosts`, the
--- same program sends real texts.

local folder = arg[0]:match "^(.*/)" or "./"
package.path = folder .. "?.lua;" .. package.path

local by_nexmo = require "by_nexmo"
local by_retarus = require "by_retarus"
local people = require "people"
local report = require "report"
local sms = require "sms"
local terminal = require "terminal"

local SENDER = "Acme"

local function read_urls(path)
  local urls = {}
  for name, url in people.read_file(path):gmatch "([%w_]+)=([^\r\n]+)" do
    urls[name] = url
  end
  if not urls.retarus_send or not urls.nexmo_rest then
    terminal.give_up("%s is not the file 'urls' of a running sandbox", path)
  end
  return urls
end

local function clients(urls)
  return sms.nexmo {
    api_key = "abcd1234",
    api_secret = "Secret0123456789",
    hosts = { rest = urls.nexmo_rest, api = urls.nexmo_api },
    on_event = terminal.on_event,
  }, sms.retarus {
    username = "user",
    password = "pass",
    hosts = { send = urls.retarus_send, de1 = urls.retarus_de1, de2 = urls.retarus_de2 },
    on_event = terminal.on_event,
  }
end

local list, job_id

local function run()
  local nexmo, retarus = clients(read_urls(arg[1]))
  list = people.read(arg[2] or folder .. "recipients.csv")
  report.announce(list)
  by_nexmo.send(nexmo, SENDER, list)
  job_id = by_retarus.send(retarus, SENDER, list)
  by_retarus.follow(retarus, job_id, list)
end

--- Prints what was done, however far that got; the program's exit status.
local function finish(ok, why)
  terminal.clear()
  if list then
    report.print(list, job_id)
  end
  if ok then
    return 0
  end
  local is_interrupt = type(why) == "string" and why:find "interrupted!$"
  io.stderr:write("demo: ", is_interrupt and "interrupted" or why.sentence or tostring(why), "\n")
  return is_interrupt and 130 or 1
end

if #arg < 1 or #arg > 2 then
  io.stderr:write "demo: usage: lua5.4 demo/demo.lua URLS [recipients.csv]\n"
  os.exit(2)
end
os.exit(finish(pcall(run)))
