-- Looks for canaries in files.
--
--     search.of(folder, { SECRET = "…" })         "logs: SECRET, raw: …around…", a line each, or ""
--     search.text(text, { SECRET = "…" }, "logs")

local child = require "spec.support.child"
local forms = require "spec.support.secrets.forms"
local process = require "spec.support.process"

local search = {}

local AROUND = 60

--- What a text has of canaries: the name and the form of each that it has.
---@param text string
---@param canaries table<string, string>
---@param place string what the text is called
---@return string lines
function search.text(text, canaries, place)
  local lines = {}
  for name, canary in pairs(canaries) do
    for form, spelling in pairs(forms.of(canary)) do
      local from, to = text:find(spelling, 1, true)
      lines[#lines + 1] = from and ("%s: %s, %s: %s"):format(place, name, form,
        text:sub(math.max(1, from - AROUND), to + AROUND):gsub("%c", " "))
    end
  end
  table.sort(lines)
  return table.concat(lines, "\n")
end

--- The same of each file in a folder, and in those within it.
function search.of(folder, canaries)
  local lines = {}
  for path in child.shell("find " .. child.quoted(folder) .. " -type f").out:gmatch "[^\n]+" do
    local found = search.text(assert(process.read(path), path), canaries, path)
    lines[#lines + 1] = found ~= "" and found or nil
  end
  return table.concat(lines, "\n")
end

return search
