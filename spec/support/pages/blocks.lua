-- The pages of this tree, and what their fenced blocks are: the words behind ``` say it.
--
--   lua             a program: it runs against the sandbox, and says what stands after `-->`
--   lua NAME.lua    a file for what runs on its page; so with any language
--   sh              commands for the reader: they parse
--   sh run          commands that run, those of a page in one shell and in order; `# -->`
--   nginx           a whole configuration, which nginx takes
--   nginx http      lines for its block `http`
--   json            a value
--   text            nothing that runs

local tree = require "spec.support.rooms.tree"

local blocks = {}

--- What may be read, by path, in order.
blocks.paths = tree.files "README.md CHANGELOG.md CONTRIBUTING.md docs sandbox -name '*.md'"

local KINDS = { lua = true, sh = true, ["sh run"] = true, nginx = true,
  ["nginx http"] = true, json = true, text = true }

--- The kind of a block and the name of its file, by the words behind its fence.
local function read_mark(mark)
  local language, name = mark:match "^(%l+) ([%w_]+%.%l+)$"
  if language then
    return language, name
  end
  assert(KINDS[mark], "an unknown mark: " .. mark)
  return mark
end

local function add_line(block, content)
  block.code = block.code .. content:gsub("^" .. block.indent, "") .. "\n"
end

--- The fenced blocks of a page, in order.
---@param path string
---@return { page: string, line: integer, kind: string, name: string?, code: string }[]
function blocks.of(path)
  local list, current, line = {}, nil, 0
  for content in (tree.read(path) .. "\n"):gmatch "(.-)\n" do
    line = line + 1
    local indent, mark = content:match "^( *)```(.*)$"
    if mark and current then
      assert(mark == "", ("%s:%d: a block in a block"):format(path, line))
      current = nil
    elseif mark then
      local kind, name = read_mark(mark)
      current = { page = path, line = line, kind = kind, name = name, indent = indent, code = "" }
      list[#list + 1] = current
    elseif current then
      add_line(current, content)
    end
  end
  assert(not current, path .. ": a block does not end")
  return list
end

--- The blocks of all pages that are wanted.
---@param wanted fun(block: table): any
---@return table[] blocks
function blocks.all(wanted)
  local list = {}
  for _, path in ipairs(blocks.paths) do
    for _, block in ipairs(blocks.of(path)) do
      list[#list + 1] = wanted(block) and block or nil
    end
  end
  return list
end

--- The pages whose commands run, those with a configuration of nginx or the others.
---@param with_nginx boolean
---@return string[] paths
function blocks.followed(with_nginx)
  local list = {}
  for _, path in ipairs(blocks.paths) do
    local runs, has_nginx = false, false
    for _, block in ipairs(blocks.of(path)) do
      runs = runs or block.kind == "sh run"
      has_nginx = has_nginx or block.kind == "nginx"
    end
    list[#list + 1] = runs and has_nginx == with_nginx and path or nil
  end
  return list
end

--- Where a block stands, for the name of its spec.
function blocks.place(block)
  return ("%s:%d"):format(block.page, block.line)
end

--- What a block promises to print, in order; blanks are made one.
local function promises_of(code)
  local list = {}
  for text in code:gmatch "%-%->%s*([^\n]+)" do
    list[#list + 1] = (text:gsub("%s+", " "):gsub(" $", ""))
  end
  return list
end

--- A promise as a pattern, in which … stands for anything in its line.
local function pattern_of(promise)
  local plain = promise:gsub("[%^%$%(%)%%%.%[%]%*%+%-%?]", "%%%0")
  return (plain:gsub("…", "[^\n]-"))
end

--- Holds what was printed against what a block promises.
---@param code string
---@param printed string
function blocks.check(code, printed)
  local said, at = printed:gsub("[ \t]+", " "), 1
  for _, promise in ipairs(promises_of(code)) do
    local first, last = said:find(pattern_of(promise), at)
    assert(first, ("'%s' is not in\n%s"):format(promise, printed))
    at = last + 1
  end
end

return blocks
