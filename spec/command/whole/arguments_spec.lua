-- The options of the command are what operations declare.

local argparse = require "argparse"
local arguments = require "sms_command.arguments"
local near = require "sms_command.near"
local nexmo = require "sms.providers.nexmo"
local sms = require "sms"

--- What becomes of some words by the options of an operation.
local function params_of(provider, name, words, skip)
  local operation = arguments.operation(provider, name)
  local parser = argparse "sms"
  arguments.add_params(parser, operation, skip)
  return arguments.params(parser:parse(words), operation)
end

describe("The options of an operation", function()
  it("are spelt as its params, or in small letters with hyphens", function()
    local expected = { ["client-ref"] = "r-1", to = "447700900000" }
    assert.same(expected, params_of("nexmo", "send_sms", { "--client-ref", "r-1", "--to",
      "447700900000" }))
    for _, spelling in ipairs { "--search_pattern", "--search-pattern" } do
      assert.same({ search_pattern = "starts" },
        params_of("nexmo", "list_owned_numbers", { spelling .. "=starts" }))
    end
    for _, spelling in ipairs { "--customerRef", "--customer-ref" } do
      assert.same({ options = { customerRef = "1" } },
        params_of("retarus", "send_job", { spelling, "1" }))
    end
  end)

  it("are flags for yes and no", function()
    for spelling, value in pairs { ["--statusRequested"] = "true", ["--status-requested"] = "true",
      ["--no-statusRequested"] = "false", ["--no-status-requested"] = "false" } do
      assert.same({ options = { statusRequested = value } },
        params_of("retarus", "send_job", { spelling }))
    end
    assert.same({ ["status-report-req"] = "true" },
      params_of("nexmo", "send_sms", { "--status-report-req" }))
  end)

  it("may be given several times where they are lists", function()
    assert.same({ options = { blackoutPeriods = { "a", "b" } } },
      params_of("retarus", "send_job", { "--blackoutPeriods", "a", "--blackout-periods", "b" }))
    assert.same({}, params_of("retarus", "send_job", {}))
  end)

  it("take JSON where they are tables", function()
    local words = { "--capabilities", '{"voice":{"webhooks":{}}}' }
    assert.same({ capabilities = { voice = { webhooks = {} } } },
      params_of("nexmo", "create_application", words))
    local ok, raised = pcall(params_of, "nexmo", "create_application", { "--capabilities", "{" })
    assert.is_false(ok)
    assert.matches("--capabilities: takes JSON", raised.misuse, 1, true)
  end)

  it("can be left out", function()
    local parser = argparse "sms"
    local added = arguments.add_params(parser, arguments.operation("nexmo", "send_sms"),
      { to = true })
    assert.same(#arguments.operation("nexmo", "send_sms").params - 1, #added)
  end)

  it("are there for what a provider documents later", function()
    local fields = nexmo.operations[1].fields
    finally(function() fields[#fields] = nil end)
    fields[#fields + 1] = { "new-param", type = "string", doc = "New." }
    assert.same({ ["new-param"] = "x" }, params_of("nexmo", "send_sms", { "--new-param", "x" }))
  end)

  it("are there for every operation of every provider", function()
    for _, provider in ipairs { "nexmo", "retarus" } do
      for _, operation in ipairs(sms.operations(provider)) do
        local parser = argparse "sms"
        arguments.add_params(parser, operation)
        assert.same({}, arguments.params(parser:parse {}, operation))
        assert.is_nil(arguments.foreign(parser:parse {}, operation))
      end
    end
  end)
end)

describe("A name", function()
  it("is known again where it is misspelt", function()
    local known = { "--from", "--to", "--client-ref", "--statusRequested" }
    for given, meant in pairs { ["--form"] = "--from", ["--client_ref"] = "--client-ref",
      ["--clientref"] = "--client-ref", ["--status-requested"] = "--statusRequested",
      ["--fromm"] = "--from" } do
      assert.same(meant, near.nearest(given, known))
    end
    assert.is_nil(near.nearest("--json", known))
    assert.same("", near.hint("--json", known))
  end)
end)
