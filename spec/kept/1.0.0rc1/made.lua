-- What spec/kept/make.lua made the files beside this one of.

return {
  at = 39687369035, -- the time of the slots, in microseconds, as the library's clock tells it
  calls = 5, period = 60, used = 3,
  items = {
    { from = "Acme", to = "447700900001", text = "Hello", ["client-ref"] = "accepted" },
    { from = "Acme", to = "447700900002", text = "Grüße, 5 € für Łukasz", ttl = 60000,
      ["status-report-req"] = true, ["message-class"] = 0, ["client-ref"] = "also accepted" },
    { from = "Acme", to = "447700900003", text = "Hello", ["client-ref"] = "refused" },
    { from = "Acme", to = "447700900004", txt = "Hello", ["client-ref"] = "invalid" },
    { from = "Acme", to = "447700900005", text = "Hello", ["client-ref"] = "ambiguous" },
    { from = "Acme", to = "447700900006", text = "Hello", ["client-ref"] = "not sent" },
    { from = "Acme", to = "447700900007", text = "Hello", ["client-ref"] = "begun" },
    { from = "Acme", to = "447700900008", text = "Hello", ["client-ref"] = "new" },
  },
  command = { "send", "--provider", "nexmo", "--from", "Acme", "--to", "447700900000",
    "--key", "order-17", "Grüße" },
  csv = "number,text,ref\n+447700900001,Hello Łukasz,r-1\n+447700900002,\"Hello, 5 €\",r-2\n",
  one_more = "+447700900003,Hello,r-3\n",
  result = { ["message-count"] = "2", messages = { { status = "0", ["message-id"] = "0A1" },
    { status = "0", ["message-id"] = "0A2" } } },
  receipts = {
    { messageId = "0A1", status = "delivered", msisdn = "447700900000", to = "Acme",
      ["message-timestamp"] = "2030-01-01 12:00:00" },
    { messageId = "0A2", status = "delivered", msisdn = "447700900000", to = "Acme",
      ["message-timestamp"] = "2030-01-01 12:00:01" },
  },
  now = 1900000000, -- when the first part of a text came, seconds since 1970
  parts = {
    { messageId = "0B1", msisdn = "447700900001", to = "447700900500", type = "unicode",
      text = "Grü", concat = "true", ["concat-ref"] = "17", ["concat-total"] = "2",
      ["concat-part"] = "1" },
    { messageId = "0B2", msisdn = "447700900001", to = "447700900500", type = "unicode",
      text = "ße", concat = "true", ["concat-ref"] = "17", ["concat-total"] = "2",
      ["concat-part"] = "2" },
  },
}
