--- What the pump has in place of the socket to the driver thread where there must be none, since
--- OpenSSL has been built without threads: the pump wakes each millisecond, and drives the engine
--- in the worker itself.

local socket = require "sms.runtime.nginx.socket"

local stepping = {}

local ngx = ngx -- luacheck: ignore

local STEP = 0.001 -- seconds; after 0 nginx would look at no socket before
local LETTER, IDLE = "!", "." -- as the driver thread says it: after IDLE the pump may end
local GRACE = 5 -- steps before that, for those who had to wait for the pump before they submit

local Stepper = { __name = "sms.stepper" }
local methods = {
  at_a_time = 32, -- answers: what else the worker has to do waits while they are told
}
Stepper.__index = methods

--- For the pump, which steps whenever it looks into its mailbox.
---@param mailbox table
---@return table connected as a cosocket
function stepping.connect(mailbox)
  return setmetatable({ mailbox = mailbox, steps = 0 }, Stepper)
end

--- A worker that quits closes its connections after worker_shutdown_timeout, but ends no timer:
--- one connection more tells of that.
local function await_close(self)
  local connected = socket.connect(self.mailbox)
  if connected then
    local _, why = connected:receive(1)
    self.why = why ~= "timeout" and why or nil
    connected:close()
  end
end

--- Waits until the next step is due.
---@return string? byte
---@return string? why there will be no more
function methods:receive()
  if not self.closing and ngx.worker.exiting() then
    self.closing = ngx.thread.spawn(await_close, self)
  end
  ngx.sleep(STEP)
  self.steps = self.steps + 1
  if self.why then
    return nil, self.why
  end
  return self.steps > GRACE and IDLE or LETTER
end

function methods:close()
  if self.closing then
    ngx.thread.kill(self.closing)
  end
end

return stepping
