-- A third provider (spec/support/toy) in what is made of the declarations.

local registry = require "sms.base.registry"
local toy = require "spec.support.toy.init"

require "sms" -- makes its providers

local function has(text, part)
  assert.is_truthy(text:find(part, 1, true), part)
end

for name, providers in pairs {
  ["alone"] = { toy },
  ["beside the others"] = { registry.list()[1], registry.list()[2], toy },
} do
  describe(("A third provider, %s,"):format(name), function()
    it("is in the reference", function()
      local text = require("docs.reference").text(providers)
      has(text, "## toy:send_text\n\nSend a text.\n\n`POST /v1/texts` at `api.toy.example`. "
        .. "Repeated only where it is certain that the provider did not take it.\n")
      has(text, "| `to` (required) | string | phone number with country code, 7 to 15 digits "
        .. "| Who gets it. |\n")
      has(text, "| `sender` | string | 5 or 6 digits | Number that it comes from. |\n")
      has(text, "\nA text without `sender` comes from any number.\n")
      has(text, "## toy:list_states\n")
      has(text, "Result, a list of:\n\n| Field | Type | Meaning |\n|---|---|---|\n"
        .. "| `phone` | string | ")
      has(text, "### Webhooks of toy\n")
      has(text, "| `delivery_receipt` | How a text stands. | `id`, `phone`, `state`, `reason`, "
        .. "`at`, `once` |\n")
      has(text, "\n## sms.toy\n")
      has(text, "### Options of sms.toy\n")
      has(text, "| `user` | string |  | From TOY_USER if left out. |\n")
      has(text, "| `webhook_secret` | string |  | Signs the receipts. From TOY_WEBHOOK_SECRET if "
        .. "left out. |\n")
      has(text, "| `polite` | boolean | `false` | Says please. |\n")
    end)

    it("is in the types", function()
      local text = require("docs.types").text(providers)
      has(text, "\n---@field toy sms.toy Called, it makes a client.\n")
      has(text, "\n---@class sms.toy.send_text.params\n---@field to string Who gets it.\n")
      has(text, "\nfunction toy_client:send_text(params, options) end\n")
      has(text, "\n---@return sms.toy.list_states.result[]? result\n")
      has(text, "\nfunction toy_client:read_webhook(request, options) end\n")
      has(text, "\nfunction toy_client:follow(id, options) end\n")
      has(text, "\n---@field toy? table Further parameters of `send_text`") -- of a gateway
      assert.is_nil(text:find "function toy_client:verify_signature")
      assert.is_nil(text:find "%%%u")
      local load_text = loadstring or load -- luacheck: ignore
      assert(load_text(text))
    end)
  end)
end
