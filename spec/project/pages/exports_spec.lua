-- The reference has what the library really exports: functions, methods, options of each, fields of
-- errors and events.

local bulk_options = require "sms.bulk.options"
local call_options = require "sms.call.options"
local client_options = require "sms.client.options"
local follow = require "sms.bulk.follow"
local gateway_setup = require "sms.gateway.setup"
local handler = require "sms.incoming.handler"
local loop = require "sms.runtime.loop"
local loops = require "sms.runtime.loops"
local sms = require "sms"
local tables = require "spec.support.rooms.tables"
local tree = require "spec.support.rooms.tree"

local TEXT = tree.read "docs/reference.md"

--- What stands under each heading.
local sections = {}
for title, body in (TEXT .. "\n#"):gsub("\n##+ ", "\n\1"):gmatch "\1([^\n]+)\n([^\1]*)" do
  sections[title] = (sections[title] or "") .. body
end

local function assert_section(title)
  assert(sections[title], "there is no heading in docs/reference.md: " .. title)
  return sections[title]
end

local function assert_row(title, name)
  assert(assert_section(title):find("`" .. name .. "`", 1, true),
    ("docs/reference.md: %s has no `%s`"):format(title, name))
end

--- A local of a module, by a function that uses it.
local function upvalue(f, name)
  for i = 1, math.huge do
    local found, value = debug.getupvalue(f, i)
    if found == name then return value end
    assert(found, "there is no local " .. name .. " in that function any more")
  end
end

-- By the providers' names: which of their methods are operations.
local operations = {}
for _, name in ipairs { "nexmo", "retarus" } do
  operations[name] = {}
  for _, operation in ipairs(sms.operations(name)) do
    operations[name][operation.name] = true
  end
end

--- The heading of a method of a provider's clients.
local function title_of(name, method)
  return (operations[name][method] and name or "client") .. ":" .. method
end

local function methods_of(object) return getmetatable(object).__index end

local nexmo = sms.nexmo { api_key = "abcd1234", api_secret = "Secret0123456789" }
local retarus = sms.retarus { username = "user", password = "pass" }

describe("The reference has", function()
  it("all of sms", function()
    for name, value in pairs(sms) do
      if type(value) == "string" then
        assert_row("sms", "sms." .. name)
      else
        assert_section("sms." .. name)
      end
      for member in pairs(type(value) == "table" and value or {}) do
        assert_section(operations[name] and title_of(name, member)
          or ("sms.%s.%s"):format(name, member))
      end
    end
  end)

  for name, client in pairs { nexmo = nexmo, retarus = retarus } do
    it("all methods of a client of " .. name, function()
      for method in pairs(methods_of(client)) do
        assert_section(title_of(name, method))
      end
    end)
  end

  it("all methods of other objects", function()
    local dictionary = { safe_add = print, safe_set = print, get = print, delete = print }
    for name, object in pairs {
      gateway = sms.gateway { nexmo }, receipts = sms.receipts.new(sms.stores.table()),
      inbound = sms.inbound.new(sms.stores.table()), store = sms.stores.table(),
      ["store "] = sms.stores.shared(dictionary), run = nexmo:send_all {},
    } do
      for method in pairs(methods_of(object)) do
        assert_section(name:gsub(" ", "") .. ":" .. method)
      end
    end
  end)

  it("all of the other modules", function()
    for name, module in pairs { nginx = require "sms.nginx", redis = require "sms.redis",
      loop = loop } do
      for member in pairs(module) do
        assert_section(name .. "." .. member)
      end
    end
  end)

  it("all options of clients", function()
    for _, field in ipairs(upvalue(client_options.read, "common")) do
      assert_row("Options of all clients", field[1])
    end
    for name in pairs(upvalue(client_options.read, "SPECIAL")) do
      assert_row("Options of all clients", name)
    end
    for _, client in ipairs { nexmo, retarus } do
      local provider = client.provider
      for _, field in ipairs(provider.options) do
        assert_row("Options of sms." .. provider.name, field[1])
      end
      for _, name in pairs(provider.credentials) do
        assert_row("Options of sms." .. provider.name, name)
      end
      for _, variable in pairs(provider.environment) do
        assert(TEXT:find(variable, 1, true), variable)
      end
    end
    local read_limits = upvalue(client_options.read, "read_limits")
    local limit = upvalue(upvalue(read_limits, "read_limit"), "limit_fields")
    for _, field in ipairs(limit.fields) do assert_row("rate_limit", field[1]) end
  end)

  it("all options of calls", function()
    for _, field in ipairs(upvalue(call_options.for_call, "call_fields").fields) do
      assert_row("Options of a call", field[1])
    end
    assert_row("Options of a call", "retry")
    for _, field in ipairs(upvalue(call_options.retry, "retry_fields").fields) do
      assert_row("retry", field[1])
    end
  end)

  it("all options of send_all and follow", function()
    local record_of = upvalue(bulk_options.read, "record_of")
    for _, client in ipairs { nexmo, retarus } do
      for _, field in ipairs(record_of(client.provider).fields) do
        local own = sections["Options of send_all of sms." .. client.provider.name]
        local whole = assert_section "Options of send_all" .. (own or "")
          .. assert_section "Options of a call"
        assert(whole:find("`" .. field[1] .. "`", 1, true), field[1])
      end
    end
    for _, field in ipairs(upvalue(follow.options, "fields").fields) do
      assert_row("Options of follow", field[1])
      for _, inner in ipairs(field.fields or {}) do
        assert(sections["Options of follow"]:find(inner[1], 1, true), inner[1])
      end
    end
  end)

  it("all options of sms.gateway", function()
    local own = gateway_setup.read { nexmo, retarus }
    for _, name in ipairs(own.known) do assert_row("What a gateway is made of", name) end
    for _, name in ipairs(upvalue(gateway_setup.options_of, "CALL_OPTIONS")) do
      assert_row("Options of gateway:send", name)
    end
    local message = upvalue(methods_of(sms.gateway { nexmo }).send, "method")
    for _, field in ipairs(upvalue(message, "MESSAGE").fields) do
      assert_row("The message", field[1])
    end
  end)

  it("all options of nginx.handler", function()
    local check = upvalue(handler.new, "check_options")
    for name in pairs(upvalue(check, "OPTIONS")) do
      assert_row("Options of nginx.handler", name)
    end
  end)

  it("all options of a loop", function()
    for _, name in ipairs(upvalue(loops.problem_of, "KNOWN")) do
      assert_row("A loop of one's own", name)
    end
  end)

  it("all options that are told apart by their names", function()
    local TITLES = { ["lua/sms/limits/redis.lua"] = { "How to reach Redis" },
      ["lua/sms/init.lua"] = { "sms.all" },
      ["lua/sms/incoming/stores.lua"] = { "sms.stores.table", "sms.stores.shared" },
      ["lua/sms/incoming/inbound.lua"] = { "sms.inbound.new" }, }
    for _, path in ipairs(tree.files "lua/sms -name '*.lua'") do
      local count = 0
      for list in tree.read(path):gmatch "misuse%.of_options%([%w_]+, {(.-)}%)" do
        count = count + (list:find "%S" and 1 or 0)
        for name in list:gmatch '"([^"]+)"' do
          local title = assert(TITLES[path], path .. " has options that this spec does not know")
          assert_row(title[count], name)
        end
      end
    end
  end)

  it("all options and methods of an outbox", function()
    local TITLES = {
      ["lua/sms/outbox/init.lua"] = { "Options of redis.outbox", "How to reach Redis" },
      ["lua/sms/outbox/kept/store.lua"] = { "Options of redis.store", "How to reach Redis" },
      ["lua/sms/outbox/source.lua"] = { "Options of outbox:source" },
      ["lua/sms/outbox/given_items.lua"] = { "Options of outbox:add" },
    }
    for _, path in ipairs(tree.files "lua/sms/outbox -name '*.lua'") do
      local list = tree.read(path):match "\nlocal OPTIONS = {(.-)}"
      for name in (list or ""):gmatch '"([^"]+)"' do
        local text = ""
        for _, title in ipairs(assert(TITLES[path], path)) do
          text = text .. assert_section(title)
        end
        assert(text:find("`" .. name .. "`", 1, true), ("%s: %s"):format(path, name))
      end
    end
    local methods = upvalue(require("sms.outbox").new, "Outbox").__index
    for method in pairs(methods) do assert_section("outbox:" .. method) end
  end)

  it("all fields of errors", function()
    for _, path in ipairs(tree.files "lua/sms ! -name meta.lua -name '*.lua'") do
      for _, found in ipairs(tables.of(tree.read(path))) do
        if found.names.kind and found.names.outcome then
          for name in pairs(found.names) do assert_row("Fields of an error", name) end
        end
      end
    end
  end)

  it("all events and their fields", function()
    local names = { provider = true, operation = true, attempt = true }
    for _, path in ipairs(tree.files "lua/sms -name '*.lua'") do
      for _, found in ipairs(tables.of(tree.read(path))) do
        if found.before:find "events %. emit" or found.before:find "emit %( %w+ ,$" then
          for name in pairs(found.names) do names[name] = true end
        end
      end
      for name in tree.read(path):gmatch 'events%.emit%b()' do
        local event = name:match 'name = "(%l+)"'
        if event then assert_row("Names of events", event) end
      end
    end
    for name in pairs(names) do
      if name ~= "client" then assert_row("Fields of an event", name) end
    end
  end)
end)
