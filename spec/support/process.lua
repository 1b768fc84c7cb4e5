-- Looks at processes and waits for what they do.
--
--     process.wait("the worker to go", 2, function() return not process.lives(pid) end)
--     process.usage(pid).descriptors

local child = require "spec.support.child"
local socket = require "socket"

local process = {}

local NAP = 0.005 -- seconds between two looks at a condition
local PATIENCE = 20 -- seconds for a program that is to be interrupted to get there, and to end

--- What a file holds; nil where it cannot be read.
function process.read(path)
  local file = io.open(path, "rb")
  local text = file and file:read "*a"
  if file then file:close() end
  return text
end

--- What a shell command prints, its last line break left out.
function process.output_of(command)
  return (child.shell(command).out:gsub("\n$", ""))
end

--- Waits until a condition holds, which is what it returns; raises where it does not in time.
function process.wait(what, seconds, condition)
  local ends = socket.gettime() + seconds
  repeat
    local held = condition()
    if held then return held end
    socket.sleep(NAP)
  until socket.gettime() > ends
  error("waited in vain for " .. what, 2)
end

--- Whether a process lives, or a thread of it: one that waits for a disk has its files still.
function process.lives(pid)
  local status = process.read(("/proc/%d/stat"):format(pid))
  if not status or not status:find "%) [ZX] " then return status ~= nil end
  local threads = status:match "%) (.*)"
  for _ = 1, 17 do threads = threads:match "%S+ (.*)" end
  return tonumber(threads:match "%d+") > 1
end

--- When a process began, in the kernel's ticks: another one may have its number later, and has
--- begun at another time. Nil where there is none.
function process.birth(pid)
  local status = process.read(("/proc/%d/stat"):format(pid))
  return status and status:match("^.*%) " .. ("%S+ "):rep(19) .. "(%d+)")
end

--- Process ids of the children of a process.
function process.children(pid)
  local pids = {}
  for word in (process.read(("/proc/%d/task/%d/children"):format(pid, pid)) or ""):gmatch "%d+" do
    pids[#pids + 1] = tonumber(word)
  end
  return pids
end

--- Sends a signal; nothing where there is no such process any more.
function process.signal(name, pid)
  child.shell(("kill -%s %d"):format(name, pid))
end

--- Runs a shell command, interrupts it as Ctrl-C does (or with the signal that is named) once a
--- condition holds, waits for its end. Where either does not come, it is killed.
---@return { status: integer, out: string, err: string }
function process.interrupted(command, condition, signal)
  local out = os.tmpname()
  -- Commands in the background do not hear of Ctrl-C, unless they are told to.
  os.execute(("{ env --default-signal=INT %s & echo $! >%s.pid; wait $!; echo $? >%s.status; } "
    .. ">%s 2>%s.err </dev/null &"):format(command, out, out, out, out))
  local function number(name) return tonumber(process.read(out .. name) or "") end
  local function ended() return number ".status" end
  local pid = process.wait("its number", PATIENCE, function() return number ".pid" end)
  local ok, status = pcall(function()
    process.wait("what it is to do", PATIENCE, function() return ended() or condition() end)
    process.signal(signal or "INT", pid)
    return process.wait("its end", PATIENCE, ended)
  end)
  if not ok then
    process.signal("KILL", pid)
    error(status, 0)
  end
  local result = { status = status, out = process.read(out), err = process.read(out .. ".err") }
  child.shell(("rm -f %s %s.pid %s.status %s.err"):format(out, out, out, out))
  return result
end

--- Descriptors, threads and kilobytes of a process.
function process.usage(pid)
  local status = assert(process.read(("/proc/%d/status"):format(pid)), "no such process")
  return {
    descriptors = tonumber(process.output_of(("ls /proc/%d/fd | wc -l"):format(pid))),
    threads = tonumber(status:match "Threads:%s*(%d+)"),
    memory = tonumber(status:match "VmRSS:%s*(%d+)"),
  }
end

return process
