--- What stands where in the reference: sections, and in them functions by what they are members of,
--- classes and the words of aliases with their headings. What is declared and stands nowhere is an
--- error of the generator.

-- `functions`: single ones, which stand here and not with their owner; `owners`: by the variable
-- that has them, how it is shown.
local before_providers = {
  {
    title = "sms",
    words = [[
    local sms = require "sms"

`sms.nexmo` and `sms.retarus` are tables. Called with options they make a [client](#clients); their functions, such as `sms.nexmo.send_sms`, use a client made from the environment. `sms.version` is the version.

Options that are left out come from the environment variables that the tables of options name. With `SMS_SANDBOX=DIR` they come from the sandbox that `sandbox/start DIR` started, and those variables are not read. In nginx, which clears its environment, each of them needs `env NAME;`.
]],
    owners = { sms = "sms" },
    classes = { { "sms.measured", "What sms.measure returns" },
      { "sms.doctor_check", "What sms.doctor returns" }, { "sms.operation", "An operation" },
      { "sms.param", "A parameter" }, { "sms.metric", "A metric" },
      { "sms.metric_sample", "A sample of a metric" } },
    ignored = { "sms" },
  },
  {
    title = "Clients",
    words = [[
    local client = sms.nexmo { api_key = "…", api_secret = "…" }

A client has a method for each operation of its provider (%PROVIDERS), `client:operation(params [, options])`, which returns a result, or `nil` and an [error](#errors). Misuse (an unknown option, a method called with a dot) raises at the caller's line. Beside its operations it has:
]],
    clients = true,
    classes = { { "sms.call_options", "Options of a call", given = true },
      { "sms.request", "A request", given = true },
      { "sms.retry", "retry", given = true }, { "sms.rate_limit", "rate_limit", given = true },
      { "sms.runtime", "runtime", given = true } },
  },
  {
    title = "Errors",
    words = "What to do about each: [Errors](guides/errors.md).",
    classes = { { "sms.error", "Fields of an error" } },
    aliases = { { "sms.error_kind", "Kinds of errors" },
      { "sms.error_outcome", "Outcomes" } },
  },
  {
    title = "Events",
    classes = { { "sms.event", "Fields of an event" } },
    aliases = { { "sms.event_name", "Names of events" } },
  },
  {
    title = "sms.adapters",
    words = "Functions for the client option `on_event`. The guide: "
      .. "[Operating](guides/operating.md).",
    owners = { adapters = "sms.adapters" },
    classes = { { "sms.otel_record", "A record for OpenTelemetry" } },
    ignored = { "sms.adapters" },
  },
}

local after_providers = {
  {
    title = "send_all",
    words = "See [client:send_all](#clientsend_all), and the guide to "
      .. "[campaigns](guides/campaigns.md).",
    owners = { bulk_run = "run" },
    bulk = true,
    classes = { { "sms.bulk_run", "The run" }, { "sms.bulk_progress", "Progress" } },
  },
  {
    title = "follow",
    words = "See [client:follow](#clientfollow).",
    classes = { { "sms.follow_options", "Options of follow", given = true },
      { "sms.followed", "What follow yields" } },
  },
  {
    title = "sms.gateway",
    functions = { "sms.gateway" },
    owners = { gateway = "gateway" },
    classes = { { "sms.gateway_options", "What a gateway is made of", given = true },
      { "sms.gateway_message", "The message", given = true },
      { "sms.gateway_call_options", "Options of gateway:send", given = true },
      { "sms.gateway_sent", "What gateway:send returns" },
      { "sms.gateway_error", "Its error" } },
    ignored = { "sms.gateway" },
  },
  {
    title = "Webhooks",
    words = "What providers send, read by [client:read_webhook](#clientread_webhook) or by "
      .. "[nginx.handler](#nginxhandler). The guide: [Webhooks](guides/webhooks.md).",
    classes = { { "sms.webhook_request", "The request", given = true },
      { "sms.webhook_options", "Options of read_webhook", given = true },
      { "sms.webhook", "What read_webhook returns" } },
    webhooks = true,
  },
  {
    title = "sms.receipts",
    owners = { receipts_module = "sms.receipts", receipts = "receipts" },
    classes = { { "sms.message_state", "The state of a message" } },
    ignored = { "sms.receipts_module", "sms.receipts" },
  },
  {
    title = "sms.inbound",
    owners = { inbound_module = "sms.inbound", inbound = "inbound" },
    classes = { { "sms.inbound_text", "A text" } },
    ignored = { "sms.inbound_module", "sms.inbound" },
  },
  {
    title = "sms.stores",
    owners = { stores = "sms.stores", store = "store" },
    classes = { { "sms.store", "A store" } },
    ignored = { "sms.stores" },
  },
  {
    title = "sms.nginx",
    words = [[
    local nginx = require "sms.nginx"

The guide: [nginx and OpenResty](guides/nginx.md).
]],
    module = "lua/sms/nginx.lua",
    owners = { nginx = "nginx" },
    classes = { { "sms.handler_options", "Options of nginx.handler", given = true },
      { "sms.nginx_status_options", "Options of nginx.status", given = true },
      { "sms.nginx_status", "Status" } },
  },
  {
    title = "sms.redis",
    words = [[
    local redis = require "sms.redis"

The head of [lua/sms/redis.lua](../lua/sms/redis.lua) shows `connect` for two clients, and says what Redis needs.
]],
    module = "lua/sms/redis.lua",
    owners = { redis = "redis" },
    classes = { { "sms.redis_options", "How to reach Redis", given = true },
      { "sms.redis_store_options", "Options of redis.store", given = true },
      { "sms.share", "share" } },
  },
  {
    title = "outbox",
    words = "What [redis.outbox](#redisoutbox) makes. The guide: "
      .. "[Many machines](guides/many-machines.md).",
    owners = { outbox = "outbox" },
    classes = { { "sms.outbox_options", "Options of redis.outbox", given = true },
      { "sms.outbox_add_options", "Options of outbox:add", given = true },
      { "sms.outbox_added", "What outbox:add returns" },
      { "sms.outbox_source_options", "Options of outbox:source", given = true },
      { "sms.outbox_entry", "The entry of a round" },
      { "sms.outbox_result", "What became of an item" },
      { "sms.outbox_status", "How much there is to do" },
      { "sms.outbox_ambiguous", "An ambiguous item" } },
    ignored = { "sms.outbox", "sms.outbox_source" },
  },
  {
    title = "sms.testing",
    words = [[
    local testing = require "sms.testing"

Both providers on this machine, for specs. The guide: [Testing your own program](guides/testing.md).
]],
    module = "lua/sms/testing.lua",
    owners = { testing = "testing" },
    classes = { { "sms.box_options", "Options of testing.start", given = true } },
  },
  {
    title = "box",
    words = "What [testing.start](#testingstart) makes. It is used from a script: in an event loop "
      .. "its methods hold up the loop for as long as they take.",
    owners = { box = "box" },
    classes = { { "sms.box", "Its fields" }, { "sms.box_arrival", "An arrival" } },
    ignored = { "sms.clock" },
  },
  {
    title = "sms.runtime.loop",
    words = [[
    local loop = require "sms.runtime.loop"

How calls wait in an event loop, for the client option `runtime`. The guide: [Event loops](guides/event_loops.md).
]],
    module = "lua/sms/runtime/loop.lua",
    owners = { loop = "loop" },
    classes = { { "sms.loop_options", "A loop of one's own", given = true } },
  },
}

return { before_providers = before_providers, after_providers = after_providers }
