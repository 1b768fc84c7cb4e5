--- Reads what stands above functions and classes in the notation of LuaLS, from meta.lua or from a
--- module itself.

local annotations = {}

local OPEN, CLOSED = { ["("] = 1, ["{"] = 1, ["<"] = 1, ["["] = 1 },
  { [")"] = 1, ["}"] = 1, [">"] = 1, ["]"] = 1 }

--- A type at the beginning of a text, and what stands behind it. A blank ends it, but not within
--- brackets, nor behind a colon or a comma.
local function read_type(text)
  local depth, before = 0, ""
  for at = 1, #text do
    local character = text:sub(at, at)
    depth = depth + (OPEN[character] or 0) - (CLOSED[character] or 0)
    if character == " " and depth == 0 and before ~= ":" and before ~= "," then
      return text:sub(1, at - 1), text:sub(at + 1)
    end
    before = character
  end
  return text, ""
end

local readers = {}

function readers.class(state, rest)
  local name, parent, doc = rest:match "^([%w_.]+):? ?([%w_., ]*)(.*)$"
  state.class = { name = name, parent = parent ~= "" and parent or nil, fields = {},
    doc = table.concat(state.doc, " ") .. doc }
  state.into.classes[name] = state.class
  state.into.order[#state.into.order + 1] = name
  state.doc = {}
end

function readers.alias(state, rest)
  state.alias = { name = rest:match "^[%w_.]+", values = {}, doc = table.concat(state.doc, " ") }
  state.into.aliases[state.alias.name] = state.alias
  state.doc = {}
end

function readers.field(state, rest)
  local name, after = rest:match "^([%w_.%-]+%??) (.*)$"
  if not name then
    name, after = rest:match "^(%b[]%??) (.*)$"
  end
  local kind, doc = read_type(after)
  local fields = state.class.fields
  fields[#fields + 1] = { name = (name:gsub("%?$", "")), type = kind, doc = doc,
    optional = name:find "%?$" ~= nil }
end

function readers.param(state, rest)
  local name, after = rest:match "^([%w_.]+%??) (.*)$"
  local kind, doc = read_type(after)
  state.params[#state.params + 1] = { name = (name:gsub("%?$", "")), type = kind, doc = doc,
    optional = name:find "%?$" ~= nil or kind:find "%?$" ~= nil }
end

readers["return"] = function(state, rest)
  local kind, after = read_type(rest)
  local name, doc = after:match "^([%l_]+) ?(.*)$"
  state.returns[#state.returns + 1] = { name = name, type = kind, doc = doc or after }
end

local function forget(state)
  state.doc, state.params, state.returns = {}, {}, {}
end

--- A function that is not local: what it is a member of, its name, and its arguments.
local function read_function(state, line)
  local owner, mark, name, arguments = line:match "^function ([%w_]+)([.:])([%w_]+)(%b())"
  if not owner then
    return
  end
  local functions = state.into.functions
  functions[#functions + 1] = { owner = owner, is_method = mark == ":", name = name,
    arguments = arguments, doc = table.concat(state.doc, " "), params = state.params,
    returns = state.returns }
end

--- The item to which a line that goes on belongs.
local function last_of(state)
  return state.returns[#state.returns] or state.params[#state.params]
end

local function read_line(state, line)
  local tag, rest = line:match "^%-%-%-@(%l+) ?(.*)$"
  local value, doc = line:match '^%-%-%-| "([%w_]+)" # (.*)$'
  local words = line:match "^%-%-%- ?(.*)$"
  if tag then
    local read = readers[tag] -- others say nothing that is shown
    if read then
      read(state, rest)
    end
  elseif value then
    state.alias.values[#state.alias.values + 1] = { value, doc }
  elseif words and last_of(state) then
    last_of(state).doc = last_of(state).doc .. " " .. words:gsub("^%s+", "")
  elseif words then
    state.doc[#state.doc + 1] = words
  else
    read_function(state, line)
    forget(state)
  end
end

--- Reads a text.
---@param text string
---@return { classes: table, aliases: table, functions: table[], order: string[] }
function annotations.read(text)
  local into = { classes = {}, aliases = {}, functions = {}, order = {} }
  local state = { into = into }
  forget(state)
  for line in (text .. "\n"):gmatch "([^\n]*)\n" do
    read_line(state, line)
  end
  return into
end

return annotations
