--- What doctors find, as a list and as a text.

local doctor = {}

local function text_of(list)
  local lines = {}
  for i, check in ipairs(list) do
    local message = check.message
    local words = not check.ok and message or message and "ok: " .. message or "ok"
    lines[i] = ("%-12s %s\n"):format(check.name, words)
  end
  return table.concat(lines)
end

local class = { __tostring = text_of }

--- Runs checks. Each says in words what is wrong, or nothing; with true behind them, the words tell
--- how things are.
---@param checks { [1]: string, [2]: fun(): string?, boolean? }[] by their names
---@return { name: string, ok: boolean, message: string? }[] list whose `tostring` is a text
function doctor.list(checks)
  local list = {}
  for i, check in ipairs(checks) do
    local message, is_fine = check[2]()
    list[i] = { name = check[1], ok = message == nil or is_fine == true, message = message }
  end
  return setmetatable(list, class)
end

return doctor
