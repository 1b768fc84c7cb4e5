-- sms.operations: what operations are, as data.

local sms = require "sms"
local declarations = {
  nexmo = require "sms.providers.nexmo",
  retarus = require "sms.providers.retarus",
}

local function named(list, name)
  for _, entry in ipairs(list) do
    if entry.name == name then return entry end
  end
end

describe("sms.operations", function()
  for provider, declaration in pairs(declarations) do
    it("has all operations of " .. provider .. ", and all their params", function()
      local list = sms.operations(provider)
      assert.same(#declaration.operations, #list)
      for i, operation in ipairs(declaration.operations) do
        assert.same({ operation[1], operation.doc }, { list[i].name, list[i].summary })
        assert.same(#operation.fields, #list[i].params)
        for j, field in ipairs(operation.fields) do
          local param = list[i].params[j]
          assert.same({ field[1], field.type, field.doc, field.required },
            { param.name, param.type, param.help, param.required })
          if field.type ~= "choice" then assert.same(field.enum, param.words) end
        end
      end
    end)
  end

  it("has the words of a choice, not its numbers", function()
    local param = named(named(sms.operations "nexmo", "list_owned_numbers").params,
      "search_pattern")
    assert.same({ "contains", "ends", "starts" }, param.words)
  end)

  it("tells what reads and what changes", function()
    local list = sms.operations "nexmo"
    assert.same("changes", named(list, "send_sms").kind)
    assert.same("changes", named(list, "delete_application").kind)
    assert.same("reads", named(list, "list_owned_numbers").kind)
  end)

  it("has what lists and records are of", function()
    local job = named(sms.operations "retarus", "send_job")
    local messages = named(job.params, "messages")
    assert.same("dst", messages.items.fields[2].items.shorthand)
    assert.same({ "EXPRESS", "NORMAL" },
      named(named(job.params, "options").fields, "qos").words)
  end)

  it("gives a copy", function()
    local first = sms.operations "nexmo"
    first[1].params[4].words[1], first[1].params[1].required = "changed", false
    assert.same("text", sms.operations("nexmo")[1].params[4].words[1])
    assert.is_true(sms.operations("nexmo")[1].params[1].required)
  end)

  it("raises for a provider that is not there", function()
    local ok, message = pcall(function() sms.operations "other" end)
    assert.is_false(ok)
    assert.matches("declared_spec.lua:%d+: sms.operations: there is no provider 'other'", message)
  end)
end)
