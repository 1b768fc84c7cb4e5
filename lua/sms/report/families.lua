--- What is counted and gauged, as data: names, types, units and labels by the conventions of
--- Prometheus and OpenMetrics. No label has a number, a text, a key or a user name in it.

local CALL = { "provider", "operation" }
local ACCOUNT = { "provider", "account" }

--- In the order in which they are told: name, type, labels, help.
return {
  { "sms_calls_total", "counter", { "provider", "operation", "kind", "outcome" },
    "Calls that have ended, by the kind of their error (ok where there is none) and outcome." },
  { "sms_request_duration_seconds", "histogram", CALL, unit = "seconds",
    "Requests from their slot to the end of their answer, waits and repeats not included." },
  { "sms_retries_total", "counter", CALL, "Repeats of calls." },
  { "sms_retry_budget_spent_total", "counter", CALL,
    "Calls that were not repeated since the account's budget of repeats was spent." },
  { "sms_waits_total", "counter", CALL, "Calls that have waited for their rate limit." },
  { "sms_warnings_total", "counter", CALL, "Warnings, as client:warnings() has them." },
  { "sms_webhooks_total", "counter", { "provider", "result", "kind" },
    "Webhooks, accepted, failed or refused, by their kind or that of the error." },
  { "sms_hooks_dropped_total", "counter", {}, "Calls of on_event that nginx had to drop." },
  { "sms_hooks_waiting", "gauge", {}, "Calls of on_event that wait for a timer of nginx." },
  { "sms_in_flight", "gauge", {}, "Requests under way." },
  { "sms_queue_length", "gauge", ACCOUNT, "Calls that wait for a slot of their rate limit." },
  { "sms_slots_used", "gauge", { "provider", "account", "limit" },
    "Slots of the rate limit that are taken now." },
  { "sms_slots_free", "gauge", { "provider", "account", "limit" },
    "Calls that the rate limit allows now." },
  { "sms_outbox_up", "gauge", { "outbox" }, "Whether the outbox has told its state." },
  { "sms_outbox_items", "gauge", { "outbox", "state" }, "Items of the outbox by their state." },
  { "sms_outbox_oldest_seconds", "gauge", { "outbox" }, unit = "seconds",
    "Age of the oldest item that waits in the outbox." },
  { "sms_outbox_paused", "gauge", { "outbox" }, "Whether the outbox is paused." },
}
