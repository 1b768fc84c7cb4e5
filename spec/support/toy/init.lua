-- A provider that does not exist, declared as a real one is, by the steps that CONTRIBUTING.md has
-- for a new provider: no line elsewhere knows it. What can be left out is marked below.

local webhooks = require "spec.support.toy.webhooks"

-- A format of its own: how it is checked, and what the reference says of it.
local shortcode = {
  words = "5 or 6 digits",
  check = function(text)
    if not text:find "^%d%d%d%d%d%d?$" then
      return nil, "must be 5 or 6 digits"
    end
    return text
  end,
}

local send_text = {
  "send_text",
  doc = "Send a text.",
  method = "POST", path = "/v1/texts", body = "json", hosts = { "api" },
  success = { 200, 202 }, -- left out: 200
  fields = {
    { "to", type = "string", required = true, format = "e164", doc = "Who gets it." },
    { "content", type = "string", required = true, min_length = 1, max_length = 1600,
      multiline = true, doc = "What is in it." },
    { "sender", type = "string", format = shortcode, doc = "Number that it comes from." },
    { "reference", type = "string", max_length = 40, doc = "Comes back in its receipts." },
  },
  -- What no error may show; left out: the field `text`, where there is one.
  texts = function(params)
    return params.content
  end,
  returns = { type = "record", fields = {
    { "id", type = "string", required = true },
    { "state", type = "string", required = true },
  } },
  -- Errors in an answer that says 200; left out: there are none.
  judge = function(result)
    if result.state == "REFUSED" then
      return { kind = "rejected", outcome = "rejected", code = "REFUSED", message = "was refused" }
    end
  end,
}

local list_states = {
  "list_states",
  doc = "How a text stands, for each phone that it was sent to.",
  method = "GET", path = "/v1/texts/{id}/states", hosts = { "api" },
  safe = true, -- may be repeated whatever happened
  fields = {
    { "id", type = "string", required = true, format = "id", in_path = true,
      doc = "Id of the text." },
  },
  returns = { type = "array", items = { type = "record", fields = {
    { "phone", type = "string", required = true },
    { "state", type = "string", required = true },
  } } },
}

local get_user = {
  "get_user",
  doc = "Who the account is.",
  method = "GET", path = "/v1/me", hosts = { "api" }, safe = true,
  fields = {},
  returns = { type = "record", fields = { { "user", type = "string", required = true } } },
}

local DONE = { DELIVERED = true, LOST = false } -- whether the text went

return {
  name = "toy",
  hosts = { api = "https://api.toy.example" },
  credentials = { identity = "user", password = "password", signature = "webhook_secret" },
  environment = { user = "TOY_USER", password = "TOY_PASSWORD",
    webhook_secret = "TOY_WEBHOOK_SECRET", base_url = "TOY_BASE_URL" },
  options = {
    { "user", type = "string" },
    { "password", type = "string" },
    { "webhook_secret", type = "string", doc = "Signs the receipts." },
    { "polite", type = "boolean", default = false, doc = "Says please." },
  },
  limits = { { calls = 50, period = 1 } },
  auth = "basic",
  -- Left out: what HTTP says.
  statuses = { [402] = { "rejected", "rejected", account = "always" } },
  read_error = function(body)
    return body.code, body.reason, body.code and body.reason and "own"
  end,
  operations = { send_text, list_states, get_user },
  notes = { send_text = "A text without `sender` comes from any number." }, -- may be left out
  check = "get_user", -- with check_params, where it wants any
  bulk = { operation = "send_text", most = 1, options = {} },

  -- sms.gateway; left out: none of its clients may be in one.
  message = {
    operation = "send_text",
    chosen = { "to", "content", "reference" }, -- by the message, not by the caller
    own_limits = { sender = true }, -- what it alone may refuse
    is_own_refusal = function(err) -- whether another provider may be asked
      return err.code == "NO_ROUTE"
    end,
    params = function(given, own)
      local params = { sender = own and own.sender }
      params.to, params.content, params.reference = given.to, given.text, given.ref
      return params
    end,
    ids = function(result, measured)
      return { result.id }, measured.parts
    end,
  },

  -- client:follow; left out: there is none.
  follow = {
    operation = "list_states", by = "id", unique = "phone",
    state = function(entry) return entry.state end,
    is_final = function(entry) return DONE[entry.state] ~= nil end,
    success = function(entry) return DONE[entry.state] end,
  },

  webhooks = webhooks, -- left out: no read_webhook, no verify_signature
}
