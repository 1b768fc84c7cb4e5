--- What the demo says: lines, and on a terminal one line of progress that replaces itself.

local terminal = {}

-- os.execute's success: true in Lua 5.4, 0 in LuaJIT.
local success = os.execute "test -t 1"
local is_terminal = success == true or success == 0
local is_shown = false -- a line of progress

--- Shows how far things are; nothing where the output is not a terminal.
function terminal.progress(text, ...)
  if is_terminal then
    terminal.clear()
    io.write((text:format(...)))
    io.flush()
    is_shown = true
  end
end

--- Takes the line of progress away.
function terminal.clear()
  if is_shown then
    io.write "\r\27[K"
    is_shown = false
  end
end

function terminal.say(text, ...)
  terminal.clear()
  io.write(text:format(...), "\n")
end

--- Shows a client's waits and repeats; a client option `on_event`.
function terminal.on_event(event)
  if event.name == "wait" and event.seconds >= 0.1 then
    terminal.progress("%s: waiting %.1f s, to stay within the rate limit", event.provider,
      event.seconds)
  elseif event.name == "retry" then
    terminal.progress("%s: %s; next attempt in %.1f s", event.provider, event.message,
      event.seconds)
  end
end

--- Ends the demo with a sentence.
function terminal.give_up(text, ...)
  error({ sentence = text:format(...) }, 0)
end

return terminal
