--- What the man page of the command says beside its argument tree and its exit codes.

local words = {}

words.summary = "text messages and voice calls through Retarus and Nexmo (Vonage)"

words.description = {
  "Sends text messages and voice calls, one or a whole file of them, and looks after what belongs "
    .. "to them: jobs, numbers, applications, webhooks, outboxes that many machines share.",
  "No message is handed to a provider a second time unless it is certain that the first time did "
    .. "not count; where that cannot be known, the command ends with status 5. More calls than the "
    .. "provider allows are never made.",
  "What costs or cannot be undone (a campaign, buying and cancelling numbers, deleting "
    .. "applications) is asked for on a terminal, and needs `--yes` elsewhere. Results go to the "
    .. "standard output, all else to the standard error.",
}

words.environment = {
  { "NEXMO_API_KEY, NEXMO_API_SECRET", "Credentials of Nexmo." },
  { "NEXMO_SIGNATURE_SECRET, NEXMO_SIGNATURE_METHOD", "How requests and webhooks are signed." },
  { "NEXMO_APPLICATION_ID, NEXMO_PRIVATE_KEY",
    "Application whose calls `sms call` makes, and its key: PEM text, or the path of a file." },
  { "RETARUS_USERNAME, RETARUS_PASSWORD", "Credentials of Retarus." },
  { "NEXMO_BASE_URL, RETARUS_BASE_URL", "Take the place of the provider's hosts." },
  { "SMS_PROVIDER", "`nexmo` or `retarus`, where `--provider` is left out." },
  { "SMS_REDIS, SMS_REDIS_USERNAME, SMS_REDIS_PASSWORD", "Redis of `sms worker` and `sms outbox`, "
    .. "where `--redis` is left out: HOST:PORT or unix:PATH. Where it is set, all commands share "
    .. "the rate limit there, with workers on other machines. A password comes from here or from "
    .. "the file with credentials, never from arguments." },
  { "SMS_OUTBOX_SEAL, SMS_OUTBOX_SEAL_OLD", "What texts and numbers in an outbox are sealed with, "
    .. "and what they were before." },
  { "SMS_SANDBOX", "Folder of a sandbox (`sms sandbox` prints it): all goes there, with its own "
    .. "credentials, whatever else the environment has." },
  { "SMS_NGINX, SMS_NGINX_MODULES", "Another nginx for `sms sandbox` and `sms webhook listen`, and "
    .. "the folder of its modules for Lua." },
  { "NO_COLOR", "Set to anything: no colours." },
}

words.files = {
  { "~/.config/sms/credentials", "The same names, one NAME=value a line; refused if others than "
    .. "its owner may read it. An option wins over the environment, that over this file. Below "
    .. "XDG_CONFIG_HOME, where that is set." },
  { "~/.local/state/sms/", "What `--key` remembers, so that nothing is sent twice; a campaign has "
    .. "it beside its file. Below XDG_STATE_HOME, where that is set." },
}

words.examples = {
  { "Try it without an account: in one terminal, and in another",
    "sms sandbox\nexport SMS_SANDBOX=DIR\n"
    .. 'sms send --provider nexmo --from Acme --to 447700900000 "Hello"' },
  { "Send once, however often it is run",
    'sms send --from Acme --to 447700900000 --key order-17 "Your order is on its way"' },
  { "Send to everybody in a file, whose columns are number and text; run again, it goes on",
    "sms campaign people.csv --from Acme --dry-run\nsms campaign people.csv --from Acme" },
  { "See what a text costs", 'sms measure "Your order is on its way"' },
  { "See what would be bought, then buy it",
    "sms numbers search GB --features SMS\nsms numbers buy GB 447700900100" },
  { "Send what is in an outbox, on any number of machines; look into it",
    "sms worker --outbox codes --provider nexmo --redis 10.0.0.5:6379\n"
    .. "sms outbox status --outbox codes --redis 10.0.0.5:6379" },
  { "Look at webhooks as they come", "sms webhook listen --port 8080" },
}

return words
