--- What the rules between the parameters of an operation say, for the reference.

return {
  send_sms = [[
| `type` | needs | may have beside what goes with all |
|---|---|---|
| `text`, `unicode` | `text` | |
| `binary` | `body`, `udh`: at most 140 octets together | |
| `wappush` | `title`, `url` | `validity` |
| `vcard` | `vcard` | |
| `vcal` | `vcal` | |

`vcard`, `vcal`, `body`, `title`, `url` and `validity` go with no other type; `udh` and
`protocol-id` go with all. A `text` is taken with every type, and sent with the first two.

What the codes in `status` mean: [providers/nexmo.md](providers/nexmo.md#33-codes).]],
  send_voice = [[
With the client options `application_id` and `private_key` it is `POST /v1/calls` at the same host,
with a token of the application: the Voice API, which takes 3 new calls a second. There

* `voice` and `machine_timeout` are refused: `style` and `advanced_machine_detection` take their
  place;
* `callback` receives all events of the call, and is needed unless the application has an
  `event_url`;
* without `from` the provider chooses a number;
* markup counts where the whole text stands in `<speak>…</speak>`, which is put around a text with
  markup; `<audio src="…"/>` plays a file;
* the result has the same fields; `call_id` is the call's `uuid`.

Without these options the parameters whose meaning begins with "Voice API" are refused.]],
  buy_number = [[
Where an answer was lost the call is `ambiguous`, and never repeated; a second one for the same
number would be refused with code 420. `list_owned_numbers` tells what became of it.]],
  cancel_number = [[
Where an answer was lost the call is `ambiguous`, and never repeated; a second one for the same
number would be refused with code 420. `list_owned_numbers` tells what became of it.]],
  update_number = [[
`voiceCallbackType` and `voiceCallbackValue` go together, and so do `messagesCallbackType` and
`messagesCallbackValue`.]],
  create_application = [[
Either `capabilities`, or `type`, `answer_url` and `event_url`. Capabilities that are not listed
(`meetings`, `video`, `network_apis`) are handed through as they are given.]],
  list_applications = "Either `page` or `page_index`.",
  update_application = [[
Either `capabilities`, which is put as it is, or `type`, `answer_url` and `event_url`: then the
application is read first, and what is not named is written back.]],
}
