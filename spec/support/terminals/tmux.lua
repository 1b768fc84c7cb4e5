-- Runs a shell command in a terminal, which tmux plays: 100 columns, 40 lines.
--
--     terminal.for_specs()              -- in a describe: closes all after each spec
--     local screen = terminal.open(run.line({ "send", … }, environment))
--     screen:see "[y/N]"                -- waits for it
--     screen:type "y" screen:press "Enter"
--     screen:status()                   -- waits for the end: the exit code
--     screen:text()                     -- what it shows; with "-e" its colours, too
--     screen:close()

local child = require "spec.support.child"
local socket = require "socket"

local terminal = {}

local PATIENCE = 20 -- seconds
local NAP = 0.05 -- between two looks

local Screen = {}
Screen.__index = Screen

local opened, screens = 0, {}

--- Closes all terminals after each spec of a file or a `describe`.
function terminal.for_specs()
  require "busted".after_each(function()
    for _, screen in ipairs(screens) do screen:close() end
    screens = {}
  end)
end

local function tmux(self, words)
  return child.shell(("tmux -L %s -f /dev/null %s"):format(self.name, words))
end

--- Opens a terminal and runs a command there. Ctrl-C reaches it as any other key.
---@param line string
---@return table
function terminal.open(line)
  opened = opened + 1
  local self = setmetatable({ name = ("sms%s%d"):format(
    child.shell("od -An -N6 -tx1 /dev/urandom").out:gsub("%s", ""), opened) }, Screen)
  local file = os.tmpname()
  local handle = assert(io.open(file, "w"))
  handle:write("trap : INT\n", line, "\necho \"[status $?]\"\nsleep 60\n")
  handle:close()
  self.file = file
  screens[#screens + 1] = self
  local ended = tmux(self, ("new-session -d -x 100 -y 40 %s"):format(
    child.quoted("exec sh " .. child.quoted(file))))
  assert(ended.status == 0, ended.err)
  return self
end

--- What the terminal shows.
---@param how string? "-e": with the sequences of colours
---@return string
function Screen:text(how)
  return tmux(self, "capture-pane -p " .. (how or "")).out
end

--- Waits until the terminal shows a text.
function Screen:see(text)
  local ends = socket.gettime() + PATIENCE
  repeat
    local shown = self:text()
    if shown:find(text, 1, true) then return end
    socket.sleep(NAP)
  until socket.gettime() > ends
  error(("'%s' is not shown:\n%s"):format(text, self:text()), 2)
end

--- Types a text.
function Screen:type(text)
  tmux(self, "send-keys -l " .. child.quoted(text))
end

--- Presses a key: "Enter", "C-c".
function Screen:press(key)
  tmux(self, "send-keys " .. key)
end

--- Waits for the end of the command; its exit code.
---@return integer
function Screen:status()
  self:see "[status "
  return tonumber(self:text():match "%[status (%d+)%]")
end

--- Ends all that runs in the terminal.
function Screen:close()
  tmux(self, "kill-server")
  os.remove(self.file)
end

return terminal
