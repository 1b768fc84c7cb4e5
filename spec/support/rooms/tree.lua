-- The files of this tree.

local tree = {}

--- The text of a file.
---@param path string
---@return string
function tree.read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

--- The paths of files, in the order of their bytes.
---@param arguments string what `find` is told: folders, and which of their files
---@return string[]
function tree.files(arguments)
  local pipe = assert(io.popen("find " .. arguments .. " -type f | LC_ALL=C sort"))
  local paths = {}
  for path in pipe:lines() do
    paths[#paths + 1] = path
  end
  pipe:close()
  assert(paths[1], "no files: " .. arguments)
  return paths
end

return tree
