-- Comments and pages that refer to a page, or to a section of one, that is not there:
--
--   lua5.4 tools/references.lua    in the checkout; prints them, and fails where there are any

package.path = "./?.lua;" .. package.path

local references = require "spec.support.rooms.references"
local tree = require "spec.support.rooms.tree"

local SOURCES = ".ci bench bin demo dev docs examples lua packaging sandbox spec src tools "
  .. "CMakeLists.txt .luacheckrc lua-sms-scm-1.rockspec ! -name '*.svg' ! -name '*.csv' "
  .. "! -path 'spec/kept/*/*' "
  .. "! -path spec/project/pages/references_spec.lua" -- which has what does not resolve
local PAGES = "README.md CHANGELOG.md CONTRIBUTING.md"

local known = {}
local HERE = {
  has = function(path)
    if known[path] == nil then
      local file = io.open(path, "rb")
      known[path] = file ~= nil and file:close() ~= nil
    end
    return known[path]
  end,
  read = tree.read,
}

local is_good = true
for _, list in ipairs { tree.files(PAGES), tree.files(SOURCES) } do
  for _, path in ipairs(list) do
    for _, problem in ipairs(references.check(HERE, path, tree.read(path))) do
      print(problem)
      is_good = false
    end
  end
end
os.exit(is_good and 0 or 1)
