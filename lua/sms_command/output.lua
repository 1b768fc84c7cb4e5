--- What the command says: results to the standard output, all else to the other one. Colours and
--- bars are for terminals alone.
---
---   local out, err = output.new()
---   out:line "text"     out:row { "a", "b" }     out:table({ "Name", "Price" }, rows)
---   out:json(value)     err:line "text"          err:progress "3 of 10"

local json = require "sms_command.json"

local output = {}

local Stream = {}
Stream.__index = Stream

local COLOURS = { red = 31, green = 32, yellow = 33, bold = 1 }

--- What is raised where nobody reads the output any more: sms_command.main ends quietly then.
output.CLOSED = setmetatable({}, { __tostring = function() return "the output was closed" end })

--- Whether a descriptor is a terminal.
---@param descriptor integer
---@return boolean
function output.is_terminal(descriptor)
  local success = os.execute(("test -t %d"):format(descriptor)) -- true in 5.4, 0 in LuaJIT
  return success == true or success == 0
end

--- A value as a text without what a terminal would obey.
---@param value any
---@return string
function output.shown(value)
  return (tostring(value):gsub("[%z\1-\31\127]", "?"):gsub("\194[\128-\159]", "?"))
end

local function width_of(text)
  return #text:gsub("[\128-\191]", "")
end

function Stream:is_terminal()
  if self.terminal == nil then
    self.terminal = output.is_terminal(self.descriptor)
  end
  return self.terminal
end

local function has_colours(self)
  if self.colours == nil then
    local no_color = os.getenv "NO_COLOR" or ""
    self.colours = no_color == "" and os.getenv "TERM" ~= "dumb" and self:is_terminal()
  end
  return self.colours
end

--- A text in a colour ("red", "green", "yellow", "bold"), where there are colours.
---@param colour string
---@param text string
---@return string
function Stream:paint(colour, text)
  if not has_colours(self) then
    return text
  end
  return ("\27[%dm%s\27[0m"):format(COLOURS[colour], text)
end

--- Takes the bar away, whichever of the two writes next.
local function clear_bar(self)
  if self.bar.shown then
    io.stderr:write "\r\27[K"
    self.bar.shown = false
  end
end

local function write(self, text)
  clear_bar(self)
  local ok, why = self.file:write(text)
  if ok then
    ok, why = self.file:flush()
  end
  if not ok and self.descriptor == 1 then
    -- What can be told of an error of the standard output: nothing, or on the other one.
    error(tostring(why):find "Broken pipe" and output.CLOSED
      or { failed = "the results cannot be written: " .. tostring(why) }, 0)
  end
end

--- Writes a line.
---@param text string
function Stream:line(text)
  write(self, text .. "\n")
end

--- Writes what is wrong, after the name of the command, with which some errors begin themselves.
---@param what any
function Stream:problem(what)
  self:line("sms: " .. tostring(what):gsub("^sms: ", ""))
end

--- Writes some values as a line, two blanks between them.
---@param values any[]
function Stream:row(values)
  local cells = {}
  for i, value in ipairs(values) do
    cells[i] = output.shown(value)
  end
  self:line((table.concat(cells, "  "):gsub(" +$", "")))
end

--- Writes rows below each other, with their titles; nothing where there are no rows.
---@param columns string[]
---@param rows any[][] a value that is false stands for none
function Stream:table(columns, rows)
  local cells, widths = { columns }, {}
  for i, row in ipairs(rows) do
    cells[i + 1] = {}
    for place in ipairs(columns) do
      cells[i + 1][place] = row[place] and output.shown(row[place]) or ""
    end
  end
  for _, row in ipairs(cells) do
    for place, cell in ipairs(row) do
      widths[place] = math.max(widths[place] or 0, width_of(cell))
    end
  end
  for i, row in ipairs(rows[1] and cells or {}) do
    local line = {}
    for place, cell in ipairs(row) do
      local text = i == 1 and self:paint("bold", cell) or cell
      line[place] = text .. (" "):rep(place < #row and widths[place] - width_of(cell) or 0)
    end
    self:line((table.concat(line, "  "):gsub(" +$", "")))
  end
end

--- Writes a value as one line of JSON.
---@param value any
function Stream:json(value)
  self:line(json.text(value))
end

--- Shows how far things are, in place of what was shown before; nothing where this is no terminal.
---@param text string
function Stream:progress(text)
  if self.has_bars == nil then
    self.has_bars = os.getenv "TERM" ~= "dumb" and self:is_terminal()
  end
  if self.has_bars then
    clear_bar(self)
    self.file:write(output.shown(text))
    self.file:flush()
    self.bar.shown = true
  end
end

--- Takes away what `progress` shows.
function Stream:clear()
  clear_bar(self)
end

--- Makes the two outputs.
---@return table out
---@return table err
function output.new()
  local bar = { shown = false }
  return setmetatable({ file = io.stdout, descriptor = 1, bar = bar }, Stream),
    setmetatable({ file = io.stderr, descriptor = 2, bar = bar }, Stream)
end

return output
