-- Reference, types and picture are what the generator makes; the options they list are the
-- library's; what pages link to and what is named as a file is there.

local bulk_options = require "sms.bulk.options"
local call_options = require "sms.call.options"
local described = require "docs.client_options"
local options = require "sms.client.options"
local registry = require "sms.base.registry"
local toy = require "spec.support.toy.init"
local tree = require "spec.support.rooms.tree"

require "sms" -- makes its providers

local REMEDY = "not what the generator makes; run docs/generate.lua"

describe("The documentation", function()
  it("has the reference that the generator makes", function()
    local made = require("docs.reference").text(registry.list())
    assert.is_true(made == tree.read "docs/reference.md", REMEDY)
  end)

  it("has the types that the generator makes", function()
    local made = require("docs.types").text(registry.list())
    assert.is_true(made == tree.read "lua/sms/meta.lua", REMEDY)
  end)

  it("has the picture that the generator makes", function()
    assert.is_true(require("docs.architecture").svg() == tree.read "docs/architecture.svg", REMEDY)
  end)

  it("has the command's pages that the generator makes", function()
    local parser = require "sms_command.parser"
    local function tree_of() return parser.new(require "sms_command.commands") end
    local completion, manual = require "docs.command.completion", require "docs.command.manual"
    assert.is_true(manual.text(tree_of()) == tree.read "docs/command/sms.1", REMEDY)
    for name, shell in pairs { ["sms.bash"] = "bash", _sms = "zsh" } do
      local made = completion.text(tree_of(), shell)
      assert.is_true(made == tree.read("docs/command/" .. name), REMEDY)
    end
  end)

  it("has arrows only to what is needed directly", function()
    local all = { a = { b = true, c = true, d = true }, b = { c = true }, c = {}, d = { c = true } }
    assert.same({ a = { b = true, d = true }, b = { c = true }, c = {}, d = { c = true } },
      require("docs.architecture").direct_needs(all))
  end)

  for _, provider in ipairs(registry.list()) do
    local known, secret = {}, { signature_method = true }
    for _, name in pairs(provider.credentials) do secret[name] = true end
    for _, list in ipairs { described.common, described.own(provider) } do
      for _, option in ipairs(list) do known[option[1]] = option end
    end

    it(("lists only options that %s has"):format(provider.name), function()
      for name in pairs(known) do
        if not secret[name] then
          local _, message = options.read(provider, { [name] = function() end })
          assert.is_nil((message or ""):find "is not known", name)
        end
      end
    end)

    it("lists the options of send_all of " .. provider.name, function()
      local settings = assert(options.read(provider, {}))
      local defaults = assert(bulk_options.read(provider, settings, {}, {}))
      local shown = {}
      for _, list in ipairs { described.bulk.common, described.bulk.own(provider) } do
        for _, option in ipairs(list) do
          shown[option[1]] = true
          assert.equal(option[3], defaults[option[1]], option[1])
          local _, message = bulk_options.read(provider, settings, {}, { [option[1]] = io.stdout })
          assert.is_nil((message or ""):find "is not known", option[1])
        end
      end
      for name in pairs(defaults) do assert.is_true(shown[name], name) end
    end)

    it(("has the defaults of %s"):format(provider.name), function()
      local settings = assert(options.read(provider, {}))
      for name, option in pairs(known) do
        if option[3] ~= nil and settings[name] ~= nil then
          assert.equal(option[3], settings[name], name)
        end
      end
      local fallback = call_options.for_call(settings, {}, nil)
      for _, name in ipairs { "timeout", "connect_timeout", "deadline" } do
        assert.equal(known[name][3], fallback[name])
      end
      for name in pairs(settings) do
        assert.is_truthy(known[name] or name == "limits" or name == "urls", name)
      end
    end)
  end
end)

local function is_there(path)
  local file = io.open(path, "rb")
  return file ~= nil and file:close() ~= nil
end

--- The headings of a page, as links name them.
local function anchors_of(text)
  local anchors = {}
  for heading in ("\n" .. text):gmatch "\n#+ ([^\n]+)" do
    anchors[heading:lower():gsub("[^%w%- _]", ""):gsub(" ", "-")] = true
  end
  return anchors
end

--- A path beside a page.
local function beside(page, link)
  local path = page:match "^(.*/)" or ""
  path = link == "" and page or path .. link
  return (path:gsub("[^/]+/%.%./", ""))
end

local PAGES = tree.files "README.md CHANGELOG.md CONTRIBUTING.md docs sandbox -name '*.md'"

describe("Every page", function()
  for _, page in ipairs(PAGES) do
    it("links to what there is: " .. page, function()
      for link in tree.read(page):gmatch "%]%(([^%s)]+)%)" do
        local target, anchor = link:match "^([^#]*)#?(.*)$"
        if not target:find "^%a+:" then
          local path = beside(page, target)
          assert(is_there(path), link)
          assert(anchor == "" or anchors_of(tree.read(path))[anchor], link)
        end
      end
    end)
  end
end)

-- What is named with one of these folders in front is a file of this tree.
local FOLDERS = { bench = true, demo = true, docs = true, examples = true, lua = true,
  sandbox = true, spec = true, src = true }

local SOURCES = "bench demo docs examples lua sandbox spec src -name '*.lua' -o -name '*.[ch]'"

describe("The page for contributors", function()
  local text = tree.read "CONTRIBUTING.md"

  local function assert_named(declared)
    for key in pairs(declared) do
      if type(key) == "string" then
        assert(text:find("`" .. key .. "`", 1, true), key)
      end
    end
  end

  local function assert_fields_named(fields)
    for _, field in ipairs(fields) do
      assert_named(field)
      assert_fields_named(field.fields or { field.items })
    end
  end

  for _, provider in ipairs { registry.list()[1], registry.list()[2], toy } do
    it("names all that is declared by " .. provider.name, function()
      assert_named(provider)
      assert_named(provider.bulk)
      for _, operation in ipairs(provider.operations) do
        assert_named(operation)
        assert_fields_named(operation.fields)
      end
    end)
  end
end)

--- The words of a page, or the comments of a source.
local function words_of(path)
  local text, words = tree.read(path), {}
  local comment = path:find "%.lua$" and "%-%-[^\n]*" or path:find "%.[ch]$" and "/%*.-%*/" or ".+"
  for found in text:gmatch(comment) do
    words[#words + 1] = found
  end
  return table.concat(words, "\n")
end

describe("A comment or a page", function()
  it("names only files that are there", function()
    local missing = {}
    for _, list in ipairs { PAGES, tree.files(SOURCES) } do
      for _, source in ipairs(list) do
        for path in words_of(source):gmatch "%f[%w_./-]%l+/[%l%d_/]*%.%l+%f[^%w_]" do
          if FOLDERS[path:match "^%l+"] and not is_there(path) then
            missing[#missing + 1] = source .. ": " .. path
          end
        end
      end
    end
    assert.same({}, missing)
  end)
end)
