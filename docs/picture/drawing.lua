--- Draws rooms, arrows between them, and a list of steps beside, as SVG.

local floor = require "docs.picture.floor"

local drawing = {}

local UNIT, LEFT, LINE, PAD, SANS = floor.UNIT, floor.LEFT, floor.LINE, floor.PAD, floor.SANS
local TOP = 48 -- where the first box begins
local STEPS_LEFT, STEPS_WIDTH = 800, 380
local WIDTH = STEPS_LEFT + STEPS_WIDTH + 20
local LANE_GAP, LANE_LINES = 10, 3 -- between ways to wait; lines of words on one
local LANE = (1 + LANE_LINES) * LINE + 26

local STYLE = [[
<style>
  text { font: 12.5px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 14px }
  .head { font-weight: 600; font-size: 16px }
  .code { font: 11px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #57606a }
  .name { font: 600 12px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace }
  .soft { fill: #57606a }
  .page { fill: #ffffff } .edge { fill: none; stroke: #d0d7de }
  .public { fill: #ddeafa; stroke: #6c9bd1 } .open { fill: #fdf1d8; stroke: #c9a052 }
  .pure { fill: #e0f2e0; stroke: #74b074 } .c { fill: #eceff2; stroke: #a3adb8 }
  .lane { fill: none; stroke: #c9a052 }
  .arrow { fill: none; stroke: #57606a; stroke-width: 1.5 } .tip { fill: #57606a }
  .disc { fill: #1f2328 }
  .digit { fill: #ffffff; font-weight: 600; font-size: 11px; text-anchor: middle }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .code, .soft { fill: #a5aeb8 }
    .page { fill: #0d1117 } .edge { stroke: #30363d }
    .public { fill: #14304f; stroke: #4a7fb8 } .open { fill: #3a2f14; stroke: #9c7c3a }
    .pure { fill: #17351c; stroke: #4a8a52 } .c { fill: #21262d; stroke: #6b7683 }
    .lane { stroke: #9c7c3a }
    .arrow { stroke: #a5aeb8 } .tip { fill: #a5aeb8 }
    .disc { fill: #e6edf3 } .digit { fill: #0d1117 }
  }
</style>
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8"
  orient="auto"><path class="tip" d="M0 0 L8 4 L0 8 z"/></marker></defs>]]

local function escaped(text)
  return (text:gsub("&", "&amp;"):gsub("<", "&lt;"))
end

local function draw_text(add, x, y, class, text)
  add('<text x="%g" y="%g" class="%s">%s</text>', x, y, class, escaped(text))
end

local function draw_disc(add, x, y, number)
  add('<circle cx="%g" cy="%g" r="9" class="disc"/>', x, y)
  add('<text x="%g" y="%g" class="digit">%d</text>', x, y + 4, number)
end

local function draw_box(add, box)
  add('<rect x="%g" y="%g" width="%g" height="%g" rx="6" class="%s"/>', box.x, box.y, box.width,
    box.height, box.kind)
  local y = box.y + PAD + LINE - 4
  draw_text(add, box.x + PAD, y, "title", box.title)
  for i, step in ipairs(box.steps) do
    draw_disc(add, box.x + box.width - PAD - 8 - 22 * (#box.steps - i), y - 4, step)
  end
  for _, line in ipairs(box.says) do
    y = y + LINE
    draw_text(add, box.x + PAD, y, "says", line)
  end
  for _, line in ipairs(box.modules) do
    y = y + LINE
    draw_text(add, box.x + PAD, y, "code", line)
  end
end

--- Draws a floor; where it ends.
local function draw_floor(add, entries, y)
  local boxes, bottom = floor.boxes(entries, y)
  for _, entry in ipairs(entries) do
    draw_box(add, boxes[entry.room])
  end
  for _, arrow in ipairs(floor.arrows(entries, boxes)) do
    add('<path class="arrow" marker-end="url(#tip)" d="M%g %g V%g"/>', arrow.x, arrow.y1,
      arrow.y2 - 1)
  end
  return bottom
end

--- Draws the ways to wait, two beside each other; where they end.
local function draw_lanes(add, lanes, x, y)
  local width, inside = (STEPS_WIDTH - 30 - LANE_GAP) / 2, 8
  for i, lane in ipairs(lanes) do
    local left = x + (i - 1) % 2 * (width + LANE_GAP)
    add('<rect x="%g" y="%g" width="%g" height="%g" rx="6" class="lane"/>', left, y, width, LANE)
    draw_text(add, left + inside, y + 18, "title", lane[1])
    draw_text(add, left + inside, y + 18 + LINE, "code", (lane.file:gsub("^lua/sms/", "")))
    local words = floor.wrapped(lane[2], width - 2 * inside, SANS)
    assert(#words <= LANE_LINES, "too many words on a way to wait: " .. lane[2])
    for j, line in ipairs(words) do
      draw_text(add, left + inside, y + 18 + LINE * (1 + j), "says", line)
    end
    y = i % 2 == 0 and y + LANE + LANE_GAP or y
  end
  return y - LANE_GAP
end

local function draw_course(add, course, y)
  local x, width = STEPS_LEFT + 30, STEPS_WIDTH - 30
  for number, step in ipairs(course) do
    draw_disc(add, STEPS_LEFT + 10, y - 4, number)
    draw_text(add, x, y, "name", step[1])
    draw_text(add, x, y + LINE, "code", (step.file:gsub("^lua/sms/", "")))
    y = y + LINE
    for _, line in ipairs(floor.wrapped(step[2], width, SANS)) do
      y = y + LINE
      draw_text(add, x, y, "says", line)
    end
    y = step.lanes and draw_lanes(add, step.lanes, x, y + 10) or y
    y = y + 32
  end
  return y
end

local function draw_legend(add, kinds, y)
  for i, kind in ipairs(kinds) do
    local top = y + (i - 1) * 24
    add('<rect x="%g" y="%g" width="24" height="15" rx="4" class="%s"/>', STEPS_LEFT, top, kind[1])
    draw_text(add, STEPS_LEFT + 34, top + 12, "says", kind[2])
  end
  local top = y + #kinds * 24
  add('<path class="arrow" marker-end="url(#tip)" d="M%g %g h24"/>', STEPS_LEFT, top + 8)
  draw_text(add, STEPS_LEFT + 34, top + 12, "says", "requires or includes (the direct ones)")
  return top + 20
end

--- The text of a picture.
---@param what table
---  `floors`: lists of { room, row, modules, place } with `needs`, one below the other;
---  `seam`: what is said between them; `course`: steps; `kinds`: what colours mean
---@return string
function drawing.svg(what)
  local lines = {}
  local function add(text, ...)
    lines[#lines + 1] = select("#", ...) > 0 and text:format(...) or text
  end
  draw_text(add, LEFT + 5, 30, "head", "Rooms of lua/sms and src")
  local y = draw_floor(add, what.floors[1], TOP)
  draw_text(add, LEFT + 5, y + 34, "soft", what.seam)
  add('<path class="arrow" marker-end="url(#tip)" d="M%g %g v40"/>', LEFT + 12 * UNIT - 60, y + 10)
  local bottom = draw_floor(add, what.floors[2], y + 54)
  draw_text(add, STEPS_LEFT, 30, "head", "The course of one call")
  local ended = draw_legend(add, what.kinds, draw_course(add, what.course, TOP + 20) + 10)
  local height = math.max(bottom, ended) + 20
  local frame = ('<rect x="0.5" y="0.5" width="%d" height="%d" rx="10" class="%s"/>')
  local head = ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" '
    .. 'height="%d" role="img" aria-label="Rooms of the code and the course of one call">')
    :format(WIDTH, height, WIDTH, height)
  return table.concat({ "<!-- Made by docs/generate.lua; not edited. -->", head, STYLE,
    frame:format(WIDTH - 1, height - 1, "page"), frame:format(WIDTH - 1, height - 1, "edge"),
    table.concat(lines, "\n"), "</svg>\n" }, "\n")
end

return drawing
