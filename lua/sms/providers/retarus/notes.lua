--- What the rules between the parameters of an operation say, for the reference.

return {
  send_job = "A job has at most 3,000 recipients, all messages together.",
  list_recipients = [[
What `processStatus` and `status` mean, which of them are final and which a success:
[providers/retarus.md](providers/retarus.md#43-states-of-an-sms).]],
  list_jobs = [[
`toTs` is after `fromTs`, by 30 days at most. Both data centres are asked; where one fails the
call fails, and `err.result` is the list of the other. `limit` and `offset` are counted by each of
them for itself: up to twice `limit` jobs come back, and an `offset` above 0 is `invalid`, unless
both have one URL; `client:each("list_jobs", …)` goes through all pages of both.]],
}
