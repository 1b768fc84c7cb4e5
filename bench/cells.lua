--- The cells of the table, as data: what is sent, how many calls side by side, over what.
--- `calls` is how many one run measures, `counted` the lengths of the two runs whose
--- instructions are counted.

local SMS = { 500, 4500 } -- several rounds of the garbage collectors
local BULK = { 5, 15 }

return {
  { "one", title = "One SMS, one call in flight", head = "1 in flight",
    work = "sms", in_flight = 1, calls = 6000, counted = SMS },
  { "many", title = "One SMS, 64 calls in flight", head = "64",
    work = "sms", in_flight = 64, calls = 24000, counted = SMS },
  { "tls", title = "64 calls in flight, TLS", head = "TLS, 64",
    work = "sms", in_flight = 64, tls = true, calls = 24000, counted = SMS },
  { "http2", title = "64 calls in flight, HTTP/2", head = "HTTP/2, 64",
    work = "sms", in_flight = 64, tls = true, http2 = true, calls = 24000, counted = SMS },
  { "tables", title = "Job of 3,000, from tables", head = "job from tables",
    work = "tables", in_flight = 1, calls = 600, counted = BULK },
  { "strings", title = "Job of 3,000, from strings", head = "from strings",
    work = "strings", in_flight = 1, calls = 600, counted = BULK },
  { "report", title = "Report of 3,000, decoded", head = "report",
    work = "report", in_flight = 1, calls = 150, counted = BULK },
}
