--- Makes docs/reference.md: from what lua/sms/providers declares, from the types of
--- lua/sms/meta.lua, and from what stands above the functions of those modules that users require.

local annotations = require "docs.reference.annotations"
local client_options = require "docs.client_options"
local entries = require "docs.reference.entries"
local layout = require "docs.reference.layout"
local operations = require "docs.reference.operations"
local types = require "docs.types"
local words = require "docs.reference.words"

local reference = {}

local HEAD = [[
# Reference

Made by `lua5.4 docs/generate.lua` from the declarations in `lua/sms/providers` and the types in `docs/types/`; not edited.
How to do something from its beginning to its end is in the [guides](guides/first_message.md). What the providers themselves do is in [providers/nexmo.md](providers/nexmo.md) and [providers/retarus.md](providers/retarus.md), and why the library does what it does in [design.md](design.md).
]]

-- What holds for the parameters of all operations.
local PARAMETERS = [[
### Parameters

They have the provider's own names; one that is not declared is `invalid`, and so is whatever would have to be guessed or changed.

* **Phone numbers are strings.** Blanks and `-.()/` in them are left out, for Nexmo also a leading `+` or `00`. A number whose digits would be somebody else's is `invalid`: with `(0)`, letters, a fraction (`.0`), or one or two digits at its end behind `/` or in brackets.
* Integers, 1 and 0, and booleans are taken as text, too (`"60000"`, `"1"`, `"true"`), words in any case, and whole numbers below 2^53 where the type is "string, integer".
* A text of blanks alone is `invalid`.
* Tables are read raw: what a metatable would give (`__index`, `__pairs`) is not there.

### Results

They have the documented types: a number where a text is documented becomes its text, a whole number from 2^53 on is a text with each of its digits, null is absent, fields that are not declared are kept, and an answer that is an array is a list.
]]

--- Headings by the classes that they describe.
local function titles_of(providers)
  local titles = {}
  for _, provider in ipairs(providers) do
    local prefix = "sms." .. provider.name
    titles[prefix], titles[prefix .. ".client"] = prefix, "Clients"
    titles[prefix .. ".bulk_options"] = "Options of send_all"
  end
  for _, list in pairs(layout) do
    for _, section in ipairs(list) do
      for _, name in ipairs(section.ignored or {}) do
        titles[name] = section.title
      end
      for _, pairs_of_two in ipairs { section.classes or {}, section.aliases or {} } do
        for _, class in ipairs(pairs_of_two) do
          titles[class[1]] = class[2]
        end
      end
    end
  end
  return titles
end

local function read_file(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

--- What is written so far, and what of the declared has its place.
local function new_page(providers)
  local links = {}
  for i, provider in ipairs(providers) do
    links[i] = ("[sms.%s](#sms%s)"):format(provider.name, provider.name)
  end
  local page = { providers = providers, links = table.concat(links, ", "),
    titles = titles_of(providers), lines = {}, is_placed = {},
    read = annotations.read(types.text(providers)) }
  function page.add(text, ...)
    page.lines[#page.lines + 1] = select("#", ...) > 0 and text:format(...) or text
  end
  return page
end

local function add_function(page, entry, shown, whose)
  page.is_placed[entry.owner .. "." .. entry.name] = true
  local name = ("%s%s%s"):format(shown, entry.is_method and ":" or ".", entry.name)
  entries.of_function(page.add, entry, name, page.titles, whose)
end

--- Those of a section: the ones that are named, then those of its owners in their own order.
local function add_functions(page, section, read, is_elsewhere)
  for _, entry in ipairs(read.functions) do
    local whole = entry.owner .. "." .. entry.name
    for _, name in ipairs(section.functions or {}) do
      if whole == name then
        add_function(page, entry, entry.owner)
      end
    end
    local shown = section.owners and section.owners[entry.owner]
    if shown and not is_elsewhere[whole] then
      add_function(page, entry, shown)
    end
  end
end

--- Who has a method of clients, in words; nil: all.
local function owners_of(page, name)
  local owners, count = {}, 0
  for _, provider in ipairs(page.providers) do
    for _, entry in ipairs(page.read.functions) do
      if entry.owner == provider.name .. "_client" and entry.name == name then
        owners[#owners + 1], count = ("`sms.%s`"):format(provider.name), count + 1
      end
    end
  end
  if count < #page.providers then
    return ("Only clients of %s."):format(table.concat(owners, ", "))
  end
end

--- The methods of clients that are no operations, each once.
local function add_clients(page)
  local seen = {}
  for _, provider in ipairs(page.providers) do
    local is_operation = {}
    for _, operation in ipairs(provider.operations) do
      is_operation[operation[1]] = true
    end
    for _, entry in ipairs(page.read.functions) do
      if entry.owner == provider.name .. "_client" and not is_operation[entry.name] then
        page.is_placed[entry.owner .. "." .. entry.name] = true
        if not seen[entry.name] then
          seen[entry.name] = true
          add_function(page, entry, "client", owners_of(page, entry.name))
        end
      end
    end
  end
  operations.options(page.add, "Options of all clients", client_options.common, page.titles)
end

local function add_bulk(page)
  operations.options(page.add, "Options of send_all", client_options.bulk.common, page.titles)
  for _, provider in ipairs(page.providers) do
    if provider.bulk.options[1] then
      operations.options(page.add, "Options of send_all of sms." .. provider.name,
        client_options.bulk.own(provider), page.titles)
    end
  end
end

local function add_section(page, section, is_elsewhere)
  page.add("## %s\n", section.title)
  if section.words then
    page.add(section.words:gsub("\n+$", ""):gsub("%%PROVIDERS", page.links) .. "\n")
  end
  local read = section.module and annotations.read(read_file(section.module)) or page.read
  add_functions(page, section, read, is_elsewhere)
  if section.clients then
    add_clients(page)
  elseif section.bulk then
    add_bulk(page)
  end
  for _, class in ipairs(section.classes or {}) do
    page.is_placed[class[1]] = true
    entries.of_class(page.add, assert(page.read.classes[class[1]], class[1]), class[2], page.titles,
      class.given)
  end
  for _, alias in ipairs(section.aliases or {}) do
    entries.of_alias(page.add, page.read.aliases[alias[1]], alias[2])
  end
  for _, provider in ipairs(section.webhooks and page.providers or {}) do
    if provider.webhooks then
      operations.webhooks(page.add, provider)
    end
  end
  for _, name in ipairs(section.ignored or {}) do
    page.is_placed[name] = true
  end
end

local function add_provider(page, provider)
  page.add("## sms.%s\n", provider.name)
  operations.defaults(page.add, provider)
  operations.options(page.add, "Options of sms." .. provider.name, client_options.own(provider),
    page.titles)
  operations.of(page.add, provider)
end

--- What is declared and stands nowhere; classes of providers are made of their operations.
local function check(page)
  for _, provider in ipairs(page.providers) do
    for _, operation in ipairs(provider.operations) do
      page.is_placed[provider.name .. "_client." .. operation[1]] = true
    end
  end
  for _, entry in ipairs(page.read.functions) do
    local name = entry.owner .. "." .. entry.name
    assert(page.is_placed[name], name .. " has no place in docs/reference/layout.lua")
  end
  for _, name in ipairs(page.read.order) do
    local is_of_provider = false
    for _, provider in ipairs(page.providers) do
      local prefix = "sms." .. provider.name
      is_of_provider = is_of_provider or name == prefix or name:sub(1, #prefix + 1) == prefix .. "."
    end
    assert(page.is_placed[name] or is_of_provider,
      name .. " has no place in docs/reference/layout.lua")
  end
end

--- A list of the sections.
local function contents(text)
  local list = {}
  for title in text:gmatch "\n## ([^\n]+)" do
    list[#list + 1] = ("[%s](#%s)"):format(title, words.anchor(title))
  end
  return table.concat(list, " · ")
end

--- The text of docs/reference.md.
---@param providers table[]
---@return string
function reference.text(providers)
  local page, is_elsewhere = new_page(providers), {}
  for _, list in pairs(layout) do
    for _, section in ipairs(list) do
      for _, name in ipairs(section.functions or {}) do
        is_elsewhere[name] = true
      end
    end
  end
  for _, section in ipairs(layout.before_providers) do
    add_section(page, section, is_elsewhere)
    if section.clients then
      page.add(PARAMETERS)
    end
  end
  for _, provider in ipairs(providers) do
    add_provider(page, provider)
  end
  for _, section in ipairs(layout.after_providers) do
    add_section(page, section, is_elsewhere)
  end
  check(page)
  local body = "\n" .. table.concat(page.lines, "\n"):gsub("\n+$", "\n")
  return HEAD .. "\n" .. contents(body) .. "\n" .. body
end

return reference
