--- What docs/architecture.lua cannot read from the code: where each room is drawn, what it is for,
--- and which steps a call takes. A room without a place here, or a step that is not in its file, is
--- an error.

-- Places are columns from 0 to 12; `steps` are those of the course that happen there.
local lua = {
  top = { 0, 12, title = "what users require", kind = "public",
    says = "the only public names; runtime/loop is one, too" },
  client = { 5.4, 7.5, kind = "open", steps = { 1 },
    says = "makes clients: options, credentials, transports" },
  gateway = { 2.3, 3.8, kind = "open", says = "one text through the first provider that takes it" },
  report = { 0.4, 2.3, kind = "open", says = "figures of calls" },
  outbox = { 3.5, 5.4, kind = "open", says = "one queue for many machines" },
  bulk = { 3.8, 6, kind = "open", says = "send_all, each and follow, on top of single calls" },
  testing = { 0, 1.5, kind = "open", says = "the sandbox, for specs" },
  call = { 1.8, 6, kind = "open", steps = { 2, 8 },
    says = "one call from top to bottom: read call/init.lua first" },
  incoming = { 6, 7.5, kind = "open", says = "webhooks, receipts, inbound texts, their stores" },
  providers = { 7.5, 12, kind = "pure",
    says = "operations as data, and all that is one provider's" },
  runtime = { 0, 2.4, kind = "open", steps = { 5 }, says = "how to wait" },
  limits = { 2.4, 4.4, kind = "open", steps = { 3, 6 },
    says = "slots of several limits; never waits" },
  wire = { 4.4, 12, kind = "pure", steps = { 4, 7 },
    says = "what is sent, what came back, whether it may be sent again" },
  schema = { 4.4, 12, kind = "pure",
    says = "params and options, checked by what is declared; layouts for the passes in C" },
  base = { 0, 12, kind = "pure",
    says = "errors, JSON, times, addresses; which providers there are" },
}

local c = {
  lua = { 0, 12, title = "src/lua", kind = "c",
    says = "bindings: check, call, push; the passes that write params and read replies" },
  http = { 2.5, 7.5, title = "src/http", kind = "c",
    says = "requests on libcurl: driven by the caller, or by a thread" },
  limit = { 7.5, 12, title = "src/limit", kind = "c",
    says = "slots in memory and in files; time is an argument" },
  journal = { 0, 2.5, title = "src/journal", kind = "c",
    says = "what was begun, and how it ended" },
  secret = { 2.5, 12, title = "src/secret", kind = "c",
    says = "credentials, signatures, tokens: Lua never reads a secret back" },
  text = { 2.5, 12, title = "src/text", kind = "c", says = "GSM 7-bit or UCS-2, numbers, escapes" },
  base = { 0, 12, title = "src/base", kind = "c",
    says = "bytes with a ceiling, the clock, randomness, wiping" },
}

-- Each: a file, what it must have, how it is shown, what happens.
local course = {
  { file = "lua/sms/client/factory.lua", name = "call.make(self",
    "client:send_sms(params, options)",
    "Options of this call, then the client's, then the defaults." },
  { file = "lua/sms/call/init.lua", name = "function call.make(",
    "call.make", "Checks the params: a table that is wrong sends nothing. The usual case is "
      .. "checked and written in one pass in C." },
  { file = "lua/sms/call/attempt.lua", name = "acquire(known.limits",
    "attempt.perform: limits.acquire", "Claims a slot of every limit, or waits for it." },
  { file = "lua/sms/call/attempt.lua", name = "local function build(",
    "attempt.perform: build", "Writes the request and signs it, for one host." },
  { file = "lua/sms/call/attempt.lua", name = "call.runtime.perform(",
    "attempt.perform: runtime.perform", "Sends it and waits for its end, the only I/O:",
    lanes = {
    { file = "lua/sms/runtime/script.lua", name = "function script.perform(",
      "script", "the caller drives the engine" },
    { file = "lua/sms/runtime/tasks.lua", name = "function tasks.perform(",
      "sms.all", "one scheduler drives it for all" },
    { file = "lua/sms/runtime/nginx/calls.lua", name = "calls.perform(",
      "nginx", "a thread drives it; the pump wakes the handler" },
    { file = "lua/sms/runtime/loop.lua", name = "runtime.perform = ",
      "event loop", "a thread drives it; the loop polls a descriptor" },
    } },
  { file = "lua/sms/call/attempt.lua", name = "claims:settle(",
    "attempt.perform: claims:settle", "Gives the slots back; those that C keeps, in C "
      .. "(src/lua/http.c). Where the end is unknown, their lease frees them." },
  { file = "lua/sms/call/attempt.lua", name = "read_end(self.provider",
    "attempt.perform: outcome.read", "Result or failure: kind, outcome, retry_after." },
  { file = "lua/sms/call/init.lua", name = "repeats.pause_before(",
    "repeats.pause_before", "From 3 again, only where that cannot count twice; else the call "
      .. "returns result, or nil, err." },
}

return {
  lua = lua, c = c, course = course,
  seam = "sms.core, the C module, is for every room; green rooms use only what is pure of it",
  kinds = { { "public", "named by users" }, { "open", "may ask for time, or do I/O" },
    { "pure", "neither time nor I/O" }, { "c", "C; only src/lua knows Lua" } },
}
