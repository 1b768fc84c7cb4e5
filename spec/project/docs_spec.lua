-- Reference and types are what the generator makes; the options they list are the library's.

local bulk_options = require "sms.bulk.options"
local call_options = require "sms.call.options"
local described = require "docs.client_options"
local options = require "sms.client.options"
local registry = require "sms.base.registry"

require "sms" -- makes its providers

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

local REMEDY = "not what the generator makes; run docs/generate.lua"

describe("The documentation", function()
  it("has the reference that the generator makes", function()
    local made = require("docs.reference").text(registry.list())
    assert.is_true(made == read "docs/reference.md", REMEDY)
  end)

  it("has the types that the generator makes", function()
    local made = require("docs.types").text(registry.list())
    assert.is_true(made == read "lua/sms/meta.lua", REMEDY)
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
