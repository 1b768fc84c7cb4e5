--- Prints tables in columns as a terminal shows them: wide characters take two cells,
--- combining characters none.

local columns = {}

-- First and last code points, in order; what names and texts are likely to have.
local NO_CELL = {
  { 0x0300, 0x036F }, { 0x0483, 0x0489 }, { 0x0591, 0x05BD }, { 0x0610, 0x061A },
  { 0x064B, 0x065F }, { 0x0670, 0x0670 }, { 0x0900, 0x0902 }, { 0x093C, 0x093C },
  { 0x0941, 0x0948 }, { 0x094D, 0x094D }, { 0x0E31, 0x0E31 }, { 0x0E34, 0x0E3A },
  { 0x0E47, 0x0E4E }, { 0x1AB0, 0x1AFF }, { 0x1DC0, 0x1DFF }, { 0x200B, 0x200F },
  { 0x202A, 0x202E }, { 0x2060, 0x206F }, { 0x20D0, 0x20F0 }, { 0xFE00, 0xFE0F },
  { 0xFE20, 0xFE2F }, { 0xFEFF, 0xFEFF }, { 0x1F3FB, 0x1F3FF }, { 0xE0100, 0xE01EF },
}
local TWO_CELLS = {
  { 0x1100, 0x115F }, { 0x231A, 0x231B }, { 0x23E9, 0x23EC }, { 0x2614, 0x2615 },
  { 0x2648, 0x2653 }, { 0x26BD, 0x26BE }, { 0x26C4, 0x26C5 }, { 0x2705, 0x2705 },
  { 0x2728, 0x2728 }, { 0x274C, 0x274C }, { 0x2B50, 0x2B50 }, { 0x2E80, 0x303E },
  { 0x3041, 0xA4CF }, { 0xA960, 0xA97C }, { 0xAC00, 0xD7A3 }, { 0xF900, 0xFAFF },
  { 0xFE30, 0xFE6F }, { 0xFF00, 0xFF60 }, { 0xFFE0, 0xFFE6 }, { 0x1B000, 0x1B2FF },
  { 0x1F300, 0x1F64F }, { 0x1F680, 0x1F6FF }, { 0x1F7E0, 0x1F7EB }, { 0x1F900, 0x1F9FF },
  { 0x1FA70, 0x1FAFF }, { 0x20000, 0x3FFFD },
}

local function is_in(ranges, code)
  for _, range in ipairs(ranges) do
    if code < range[1] then
      return false
    elseif code <= range[2] then
      return true
    end
  end
  return false
end

local function code_of(character)
  local first = character:byte()
  local code = first < 0x80 and first or first < 0xE0 and first - 0xC0
    or first < 0xF0 and first - 0xE0 or first - 0xF0
  for i = 2, #character do
    code = code * 64 + character:byte(i) - 0x80
  end
  return code
end

local function cells_of(character)
  local code = code_of(character)
  return is_in(NO_CELL, code) and 0 or is_in(TWO_CELLS, code) and 2 or 1
end

--- How many cells a text takes.
---@param text string UTF-8
---@return integer
function columns.width(text)
  local width = 0
  for character in text:gmatch "[^\128-\191][\128-\191]*" do
    width = width + cells_of(character)
  end
  return width
end

--- A text cut to so many cells, with … where something was cut off; control characters,
--- which could steer the terminal, become "?".
---@param text string
---@param most integer
---@return string
function columns.fit(text, most)
  text = text:gsub("[%z\1-\31\127]", "?"):gsub("\194[\128-\159]", "?")
  if columns.width(text) <= most then
    return text
  end
  local parts, width = {}, 0
  for character in text:gmatch "[^\128-\191][\128-\191]*" do
    width = width + cells_of(character)
    if width >= most then
      break
    end
    parts[#parts + 1] = character
  end
  return table.concat(parts) .. "…"
end

--- The lines of a table: a heading, then its rows.
---@param heads { [1]: string, right: boolean?, most: integer? }[] titles, in order
---@param rows string[][]
---@return string[] lines
function columns.lines(heads, rows)
  local cells, widths = { {} }, {}
  for i, head in ipairs(heads) do
    cells[1][i], widths[i] = head[1], columns.width(head[1])
  end
  for _, row in ipairs(rows) do
    local line = {}
    for i, head in ipairs(heads) do
      line[i] = columns.fit(row[i] or "", head.most or 200)
      widths[i] = math.max(widths[i], columns.width(line[i]))
    end
    cells[#cells + 1] = line
  end
  local lines = {}
  for n, line in ipairs(cells) do
    for i, head in ipairs(heads) do
      local blanks = (" "):rep(widths[i] - columns.width(line[i]))
      line[i] = head.right and blanks .. line[i] or line[i] .. blanks
    end
    lines[n] = ("  " .. table.concat(line, "  ")):gsub(" +$", "")
  end
  return lines
end

return columns
