--- The client options, as the reference and the types show them: name, type, default,
--- meaning. Those of all providers stand here, and a spec compares them with what the library
--- takes; a provider declares its own.

local common = {
  { "timeout", "number", 30,
    "Seconds for one attempt, name look-up to last byte; some operations have more." },
  { "connect_timeout", "number", 5, "Seconds for connecting alone." },
  { "deadline", "number", 120,
    "Seconds for the whole call, with its waits and repeats; some operations have more." },
  { "max_wait", "number", nil,
    "Seconds a call may wait for the rate limit, the deadline if left out; 0: an error at once." },
  { "rate_limit", "sms.rate_limit|sms.rate_limit[]|false", nil,
    "Calls in any period; the provider's limits if left out, or where only `share` is given." },
  { "slots_path", "string", nil,
    "Folder, which exists, of the limits with `share = \"machine\"`; one of the user's own in "
      .. "`/dev/shm` if left out." },
  { "slots_mode", "integer", nil, "Mode of their files, 0600 if left out." },
  { "cold_start", '"spread"|"hold"', "spread",
    "In a new container their slots come one by one over the first period, or all after it: "
      .. "docs/design.md 3.3." },
  { "retry", "sms.retry|false", nil,
    "When a call may be repeated; up to twice if left out, and never with false." },
  { "base_url", "string", nil, "Replaces scheme and host of all the provider's hosts. From the "
    .. "provider's variable (NEXMO_BASE_URL, RETARUS_BASE_URL) if left out." },
  { "hosts", "table<string, string>", nil,
    "Replaces single hosts by the provider's names for them." },
  { "allow_http", "boolean", false, "Plain HTTP to other hosts than loopback; otherwise refused." },
  { "proxy", "string", nil, "Proxy; `\"\"`: none. If left out that of the "
    .. "environment, which is never used for this machine itself." },
  { "no_proxy", "string", nil,
    "Hosts that are reached without it; `\"\"`: none; those of the environment if left out." },
  { "ca_file", "string", nil, "File of trusted certificates, also for a proxy over TLS." },
  { "ca_path", "string", nil, "Folder of trusted certificates." },
  { "client_cert", "string", nil, "File of the client's certificate." },
  { "client_key", "string", nil, "File of that certificate's key." },
  { "pinned_public_key", "string", nil, "Public key the server must have, as libcurl takes it." },
  { "min_tls", '"1.0"|"1.1"|"1.2"|"1.3"', nil,
    "Lowest version of TLS; 1.2 if left out, 1.3 where OpenSSL is configured for that." },
  { "keep_free_memory", "boolean", false, "Has glibc keep up to 4 MiB of free memory for the "
    .. "whole process, unless the host has set its limits itself: texts over TLS then take less "
    .. "CPU time." },
  { "insecure", "boolean", false, "Switches the check of certificates off, also that of a proxy." },
  { "http_version", '"1.1"|"2"', "1.1",
    "Version of HTTP; with 2 more calls end `ambiguous` where a connection is lost." },
  { "max_connections", "integer", 64,
    "Connections to one host; more calls wait in turn, within `timeout`." },
  { "keep_alive", "integer", 20, "Seconds a connection may idle before it is not used again." },
  { "max_response_bytes", "integer", 4194304,
    "Longest answer that is read."
      .. " lua-cjson takes so much memory at once, and ends the process where there is none." },
  { "on_event", "fun(event: sms.event)", nil,
    "Is told what happens in a call, and can neither delay nor break it: what it raises is dropped."
      .. " In nginx it runs in a timer." },
  { "clock", "sms.clock", nil, "That of a sandbox, as the option tables of `sms.testing` have it; "
    .. "such a client does not ask the environment." },
  { "runtime", "sms.runtime", nil, "How to wait, where that is not found out by itself." },
}

-- Those of send_all; the calls' own (timeout, deadline, max_wait, retry, extra) beside them.
local bulk_common = {
  { "in_flight", "integer", 32,
    "Calls side by side; at most the share `use` of `max_connections`. As many of `high` items of "
      .. "an outbox go beside those that wait." },
  { "use", "number", 0.8,
    "Share of the rate limit's slots that it may hold, so that single calls do not wait "
      .. "behind it. `high` items of an outbox go before and may take all." },
  { "total", "integer", nil, "Number of items, where a function gives them." },
  { "journal", "string", nil,
    "File that remembers what was begun and how it ended: the next run goes on there. With "
      .. "`SMS_SANDBOX` it is another, with `.sandbox` at its end. An outbox has none." },
  { "sync", "boolean", false,
    "With a journal: what is begun is on the disk before it is sent, so that it survives a power "
      .. "cut." },
  { "resend_ambiguous", "boolean", false,
    "With a journal: sends again what may have been sent. A risk of a second message." },
  { "resend_refused", "boolean", false, "With a journal: tells and sends again what was refused." },
  { "on_progress", "fun(progress: sms.bulk_progress)", nil,
    "Is told how far it is, at most ten times a second." },
  { "stop", "fun(item: table): boolean?", nil,
    "Is asked before an item is sent; true ends the run before it: it and the rest stay new." },
  { "not_after", "number", nil,
    "Seconds since 1970 from which nothing leaves: the run ends, the rest stays new." },
}

--- The type of an option in the words of LuaLS.
local function type_of(field)
  local words = {}
  for i, word in ipairs(field.enum or {}) do
    words[i] = ('"%s"'):format(word)
  end
  for value in pairs(field.values or {}) do
    words[#words + 1] = type(value) == "string" and ('"%s"'):format(value) or tostring(value)
    table.sort(words)
  end
  return field.annotation or words[1] and table.concat(words, "|") or field.type
end

--- Options as a provider declares them, in the form of those above.
local function described(fields, environment)
  local list = {}
  for i, field in ipairs(fields) do
    local variable = environment[field[1]]
    local meaning = variable and ("From %s if left out."):format(variable)
    meaning = field.doc and meaning and field.doc .. " " .. meaning or field.doc or meaning
    list[i] = { field[1], type_of(field), field.default, assert(meaning, field[1]) }
  end
  return list
end

--- The options of a client that a provider has for itself.
local function own(provider)
  return described(provider.options, provider.environment)
end

--- Those of its send_all.
local function bulk_own(provider)
  return described(provider.bulk.options, {})
end

return { common = common, own = own, bulk = { common = bulk_common, own = bulk_own } }
