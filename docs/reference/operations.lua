--- What providers declare, for the reference: operations, webhooks and options.

local in_words = require "docs.reference.words"
local results = require "docs.results"

local operations = {}

local FORMATS = {
  country = "two letters, such as `GB`",
  digits = "digits",
  e164 = "phone number with country code, 7 to 15 digits",
  hex = "hexadecimal, two digits an octet",
  id = "",
  interval = "`start/end` or `start/duration`, ISO 8601 with zones",
  language = "such as `en-us`, `ar` or `en-GB-WLS`",
  e164_sender = "number, or 1 to 11 ASCII characters",
  octet = "0 to 255",
  path = "path of a URL, percent-encoded",
  public_key = "PEM",
  phone = "phone number, 3 to 15 digits",
  sender = "1 to 20 digits with an optional `+`, or 1 to 11 ASCII characters",
  timestamp = "ISO 8601 with a zone",
  udh = "hexadecimal user data header",
  url = "URL with `http://` or `https://`",
}

local function quoted_list(values)
  local list = {}
  for i, value in ipairs(values) do
    list[i] = "`" .. value .. "`"
  end
  return table.concat(list, ", ")
end

local LIMITS = {
  { "max_length", "at most %s characters" },
  { "max_length_ascii", "%s if all are ASCII" },
  { "only", "`%s`" },
  { "min_items", "%s or more" },
  { "alias", "also spelt `%s`" },
}

--- What a value must be like, in words.
local function limits_of(field)
  local words = {}
  local function add(text, ...)
    words[#words + 1] = text:format(...)
  end
  if field.enum then
    add("%s", quoted_list(field.enum))
  end
  if field.says then
    add("%s", (field.says:gsub("'", '"')))
  end
  if field.format then
    words[#words + 1] = type(field.format) == "table" and field.format.words
      or assert(FORMATS[field.format], field.format)
  end
  if field.or_value then
    add("%d, or %d to %d", field.or_value, field.min, field.max)
  elseif field.max then
    add("%d to %d", field.min, field.max)
  elseif field.min then
    add("%d or more", field.min)
  end
  for _, limit in ipairs(LIMITS) do
    local value = field[limit[1]]
    if value ~= nil then
      add(limit[2], tostring(value))
    end
  end
  if words[1] == "" then
    table.remove(words, 1)
  end
  return table.concat(words, "; ")
end

local TYPES = { set = "string, list of strings", flag = "1 or 0, boolean",
  digits = "string, integer", choice = "choice",
  any = "table", record = "table", array = "list" }

local function type_of(field)
  if field.type == "array" and field.items.shorthand then
    return "list of tables or strings"
  elseif field.type == "array" then
    return "list of " .. (TYPES[field.items.type] or field.items.type) .. "s"
  elseif field.reference then
    return "string, integer"
  end
  return TYPES[field.type] or field.type
end

--- Calls `visit(path, field)` for all fields, those of tables in tables after them.
local function walk(fields, prefix, visit)
  for _, field in ipairs(fields) do
    local path = prefix .. field[1]
    visit(path, field)
    if field.fields then
      walk(field.fields, path .. ".", visit)
    elseif field.items and field.items.fields then
      walk(field.items.fields, path .. "[].", visit)
    end
  end
end

local function parameters(add, operation)
  if not operation.fields[1] then
    return add "No parameters.\n"
  end
  add "| Parameter | Type | Limits | Meaning |\n|---|---|---|---|"
  walk(operation.fields, "", function(path, field)
    add("| `%s`%s | %s | %s | %s |", path, field.required and " (required)" or "",
      type_of(field), limits_of(field), field.doc or "")
  end)
  add ""
end

local function result(add, operation)
  local returns = results.of(operation)
  if not returns then
    return add "Result: an empty table.\n"
  end
  local fields = returns.fields or returns.items.fields
  add("Result%s:\n", returns.type == "array" and ", a list of" or "")
  add "| Field | Type | Meaning |\n|---|---|---|"
  walk(fields, "", function(path, field)
    local is_there = field.always or field.filled
    add("| `%s` | %s%s | %s |", path, type_of(field), is_there and ", always there" or "",
      field.doc or "")
  end)
  add ""
end

local function describe(add, provider, operation)
  local hosts = {}
  for i, name in ipairs(operation.hosts) do
    hosts[i] = ("`%s`"):format(provider.hosts[name]:gsub("^https://", ""))
  end
  add("### %s:%s\n\n%s\n", provider.name, operation[1], operation.doc)
  add("`%s %s` at %s. %s%s\n", operation.method, operation.path, table.concat(hosts, ", "),
    operation.safe and "Repeated after any transient failure."
      or "Repeated only where it is certain that the provider did not take it.",
    operation.paging and (" `client:each(\"%s\", …)` gives the items%s."):format(operation[1],
      operation.paging.by and " of all pages" or "") or "")
  if operation.timeout or operation.deadline then
    add("It has %s s for one attempt and %s s for all, if the client says nothing else.\n",
      operation.timeout or 30, operation.deadline or 120)
  end
  parameters(add, operation)
  local note = provider.notes and provider.notes[operation[1]]
  if note then
    add("%s\n", note)
  end
  result(add, operation)
end

--- What a provider has by default: limits, and hosts by the names that the option `hosts` takes.
---@param add fun(text: string, ...)
---@param provider table
function operations.defaults(add, provider)
  local limits, hosts = {}, {}
  for i, limit in ipairs(provider.limits) do
    limits[i] = ("%d calls in %g s"):format(limit.calls, limit.period)
  end
  for name, url in pairs(provider.hosts) do
    hosts[#hosts + 1] = ("`%s`, %s"):format(name, url)
  end
  table.sort(hosts)
  add("Limit, if the client says nothing else: %s. Names of hosts: %s.\n",
    table.concat(limits, " and "), table.concat(hosts, "; "))
end

--- The operations of a provider.
---@param add fun(text: string, ...)
---@param provider table
function operations.of(add, provider)
  for _, operation in ipairs(provider.operations) do
    describe(add, provider, operation)
  end
end

--- The kinds of webhooks of a provider.
---@param add fun(text: string, ...)
---@param provider table
function operations.webhooks(add, provider)
  add("### Webhooks of %s\n", provider.name)
  add "| `kind` | Meaning | Documented `fields` |\n|---|---|---|"
  for _, kind in ipairs(provider.webhooks.kinds) do
    add("| `%s` | %s | %s |", kind[1], kind.doc, quoted_list(kind.fields))
  end
  add ""
end

local function shown_default(default)
  if default == nil then
    return ""
  elseif type(default) == "string" then
    return '`"' .. default .. '"`'
  end
  return "`" .. tostring(default) .. "`"
end

--- A table of options.
---@param add fun(text: string, ...)
---@param title string
---@param list table[] of docs.client_options
---@param titles table<string, string> headings by the classes that they describe
function operations.options(add, title, list, titles)
  add("### %s\n", title)
  add "| Option | Type | Default | Meaning |\n|---|---|---|---|"
  for _, option in ipairs(list) do
    add("| `%s` | %s | %s | %s |", option[1], in_words.of(option[2], titles),
      shown_default(option[3]), option[4])
  end
  add ""
end

return operations
