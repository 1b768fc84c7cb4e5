---@meta sms
-- Made by docs/generate.lua; not edited.
-- luacheck: ignore

---@class sms
---@field version string
---@field nexmo sms.nexmo
---@field retarus sms.retarus
---@field gateway fun(given: sms.gateway_options): sms.gateway
---@field receipts sms.receipts
---@field inbound sms.inbound
---@field stores sms.stores
local sms = {}

---@param functions function[]
---@param options? { in_flight: integer? }
---@return { [1]: any, [2]: any }[] results
function sms.all(functions, options) end

---@param body function
---@return boolean? ok
---@return sms.error? err
function sms.later(body) end

---@param value any
---@return boolean
function sms.is_error(value) end

---@class sms.param
---@field name? string
---@field type string
---@field help? string
---@field required? boolean
---@field default? any
---@field words? string[]
---@field says? string
---@field format? string
---@field min? number
---@field max? number
---@field or_value? number
---@field min_length? integer
---@field max_length? integer
---@field min_items? integer
---@field only? any
---@field alias? string
---@field multiline? boolean
---@field shorthand? string
---@field fields? sms.param[]
---@field items? sms.param

---@class sms.operation
---@field name string
---@field summary string
---@field kind "reads"|"changes"
---@field method string
---@field path string
---@field params sms.param[]

---@param provider string
---@return sms.operation[]
function sms.operations(provider) end

---@param text string
---@return { encoding: string, units: integer, parts: integer, misfit: table? }? measured
---@return sms.error? err
function sms.measure(text) end

---@alias sms.error_kind "invalid"|"auth"|"rejected"|"rate_limited"|"not_found"|"duplicate"
---| "partial"|"server"|"timeout"|"connection"|"protocol"|"cancelled"|"internal"

---@class sms.error
---@field kind sms.error_kind
---@field outcome "not_sent"|"rejected"|"accepted"|"ambiguous"
---@field message string
---@field provider string
---@field operation string
---@field status? integer
---@field code? string
---@field problems? { path: string, message: string }[]
---@field result? any
---@field retryable boolean
---@field retry_after? number
---@field account? boolean

---@class sms.event
---@field name "request"|"response"|"retry"|"wait"|"warning"
---@field provider string
---@field operation? string
---@field attempt? integer
---@field status? integer
---@field seconds? number
---@field message? string

---@class sms.runtime
---@field perform function
---@field sleep fun(seconds: number)

---@class sms.rate_limit
---@field calls integer
---@field period number
---@field share? "process"|"machine"|table
---@field per? "from"

---@class sms.retry
---@field attempts? integer
---@field base? number
---@field cap? number
---@field trust_duplicate_detection? boolean

---@class sms.call_options
---@field timeout? number
---@field deadline? number
---@field max_wait? number
---@field retry? sms.retry|false
---@field extra? table<string, any>

---@class sms.follow_options
---@field interval? number[]|{ first?: number, longest?: number }
---@field timeout? number
---@field visible_within? number
---@field tolerate? number

---@class sms.followed: sms.retarus.list_recipients.result
---@field final boolean
---@field success? boolean

---@class sms.gateway_message
---@field from string
---@field to string with country code
---@field text string
---@field ref? string|integer

---@class sms.gateway_sent
---@field provider string
---@field client sms.nexmo.client|sms.retarus.client
---@field id? string
---@field ids string[]
---@field parts integer
---@field ref? string
---@field result table
---@field attempts sms.error[]

---@class sms.gateway_error: sms.error
---@field attempts sms.error[]

---@class sms.gateway_options
---@field [integer] sms.nexmo.client|sms.retarus.client
---@field order? fun(message: sms.gateway_message): (sms.nexmo.client|sms.retarus.client)[]?
---@field deadline? number
---@field nexmo? table
---@field retarus? table

---@class sms.gateway
local gateway = {}

---@param message sms.gateway_message
---@param options? sms.call_options
---@return sms.gateway_sent? sent
---@return sms.gateway_error? err
function gateway:send(message, options) end

---@class sms.webhook
---@field kind "delivery_receipt"|"inbound_sms"|"voice"|"other"
---@field signed boolean
---@field fields table<string, any> by their documented names

---@class sms.webhook_request
---@field method string
---@field query? string
---@field headers? table<string, string|string[]>
---@field body? string

---@class sms.webhook_options
---@field tolerance? number|false
---@field nonce_store? { add: fun(self, key: string, seconds: integer): boolean?, string? }

---@class sms.store
---@field add fun(self, key: string, seconds: number): boolean?, string?
---@field get fun(self, key: string): any, string?
---@field update fun(self, key: string, change: fun(old: any): any): any, string?
---@field remove fun(self, key: string): boolean?, string?

---@class sms.stores
---@field table fun(options?: { seconds: number?, clock: (fun(): number)? }): sms.store
---@field shared fun(dictionary: table, options?: { seconds: number?, lease: number? }): sms.store

---@class sms.message_state
---@field status string
---@field final boolean
---@field doubtful boolean
---@field conflict boolean
---@field parts table[]
---@field changed? boolean

---@class sms.receipts
---@field new fun(store: sms.store): sms.receipts
---@field sent fun(self, result: table): sms.message_state?, sms.error?
---@field add fun(self, fields: table): sms.message_state?, sms.error?
---@field get fun(self, id: string): sms.message_state?, sms.error?

---@class sms.inbound_text
---@field fields table<string, string>
---@field complete boolean
---@field missing integer[]
---@field parts table[]

---@class sms.inbound
---@field new fun(store: sms.store, options?: { window: number? }): sms.inbound
---@field add fun(self, fields: table, now?: number): sms.inbound_text|false|nil, sms.error?
---@field expired fun(self, now?: number): sms.inbound_text[]?, sms.error?
---@field put_back fun(self, message: sms.inbound_text, now?: number): boolean?, sms.error?

---@class sms.bulk_progress
---@field done integer
---@field total? integer
---@field accepted integer
---@field refused integer
---@field not_sent integer
---@field ambiguous integer
---@field rate number
---@field time_left? number

--- Is called for each round of a loop: item, result, err.
---@class sms.bulk_run
---@overload fun(): (table|false)?, table?, sms.error?
local bulk_run = {}

function bulk_run:close() end

---@class sms.nexmo.options
---@field api_key? string From NEXMO_API_KEY if left out.
---@field api_secret? string From NEXMO_API_SECRET if left out.
---@field signature_secret? string From NEXMO_SIGNATURE_SECRET if left out.
---@field signature_method? "md5hash"|"md5"|"sha1"|"sha256"|"sha512" From NEXMO_SIGNATURE_METHOD if left out.
---@field auth? "basic"|"params"|"signature" How SMS and Numbers are authenticated.
---@field auto_unicode? boolean Sends a text that does not fit GSM-7 as unicode, where `type` is left out.
---@field application_id? string Application whose calls `send_voice` makes, with its `private_key`. From NEXMO_APPLICATION_ID if left out.
---@field private_key? string Its RSA key in PEM form, or the path of a file with it. From NEXMO_PRIVATE_KEY if left out.
---@field api_version? 1|2 Version of the Application API.
---@field timeout? number Seconds for one attempt, name look-up to last byte.
---@field connect_timeout? number Seconds for connecting alone.
---@field deadline? number Seconds for the whole call, with its waits and repeats.
---@field max_wait? number Seconds a call may wait for the rate limit, the deadline if left out; 0: an error at once.
---@field rate_limit? sms.rate_limit|sms.rate_limit[]|false Calls in any period; the provider's limits if left out.
---@field slots_path? string Folder of the limits with share = "machine"; one in /dev/shm if left out.
---@field slots_mode? integer Mode of their files, 0600 if left out.
---@field cold_start? "spread"|"hold" In a new container their slots come one by one over the first period, or all after it.
---@field retry? sms.retry|false When a call may be repeated.
---@field base_url? string Replaces scheme and host of all the provider's hosts. From the provider's variable (NEXMO_BASE_URL, RETARUS_BASE_URL) if left out.
---@field hosts? table<string, string> Replaces single hosts by name.
---@field allow_http? boolean Plain HTTP to other hosts than loopback.
---@field proxy? string Proxy; `""`: none; that of the environment if left out.
---@field no_proxy? string Hosts that are reached without it; `""`: none; those of the environment if left out.
---@field ca_file? string File of trusted certificates, also for a proxy over TLS.
---@field ca_path? string Folder of trusted certificates.
---@field client_cert? string File of the client's certificate.
---@field client_key? string File of its key.
---@field pinned_public_key? string Public key the server must have, as libcurl takes it.
---@field min_tls? "1.0"|"1.1"|"1.2"|"1.3" Lowest version of TLS.
---@field insecure? boolean Switches the check of certificates off, also that of a proxy.
---@field http_version? "1.1"|"2" Version of HTTP.
---@field max_connections? integer Connections to one host.
---@field keep_alive? integer Seconds a connection may idle before it is not used again.
---@field max_response_bytes? integer Longest answer that is read.
---@field on_event? fun(event: sms.event) Is told what happens in a call.
---@field runtime? sms.runtime How to wait, where that is not found out by itself.

---@class sms.nexmo.bulk_options: sms.call_options
---@field in_flight? integer Calls side by side; at most the share `use` of `max_connections`.
---@field use? number Share of the rate limit's slots that bulk may hold.
---@field total? integer Number of items, where a function gives them.
---@field journal? string File that remembers what was begun and how it ended.
---@field sync? boolean What is begun is on the disk before it is sent: survives a power cut.
---@field resend_ambiguous? boolean Sends again what may have been sent.
---@field resend_refused? boolean Tells and sends again what was refused.
---@field on_progress? fun(progress: sms.bulk_progress) Is told how far it is, at most ten times a second.

---@class sms.nexmo.client
local nexmo_client = {}

---@class sms.nexmo.send_sms.params
---@field from string Sender: a number, or up to 11 characters.
---@field to string Phone number of the recipient.
---@field text? string Text; required for type text and unicode.
---@field type? "text"|"unicode"|"binary"|"wappush"|"vcal"|"vcard" Kind of message; text or unicode, whichever fits, if left out.
---@field ["status-report-req"]? 0|1|boolean 1 asks for a delivery receipt.
---@field ["client-ref"]? string|integer Own reference, returned in the answer and the receipt.
---@field vcard? string vCard text.
---@field vcal? string vCalendar text.
---@field ttl? integer Milliseconds in which delivery is tried.
---@field callback? string Where the delivery receipt is sent.
---@field ["message-class"]? integer 0 is flash.
---@field udh? string User data header in hex.
---@field ["protocol-id"]? string|integer 0 to 255.
---@field body? string Binary data in hex.
---@field title? string Title of a WAP push.
---@field url? string URL of a WAP push.
---@field validity? string|integer Milliseconds in which a WAP push is valid.
---@field ["account-ref"]? string|integer Billing reference.
---@field ["entity-id"]? string|integer Regulatory id of the sender.
---@field ["content-id"]? string|integer Regulatory id of the text.
---@field ["trusted-number"]? boolean Skips fraud protection.
---@field ["pool-id"]? string Pool of numbers used as sender.
---@field ["network-code"]? string|integer MCCMNC of the recipient.

---@class sms.nexmo.send_sms.result
---@field ["message-count"]? string
---@field messages sms.nexmo.send_sms.result.messages[]

---@class sms.nexmo.send_sms.result.messages
---@field status string
---@field ["message-id"]? string
---@field to? string
---@field ["client-ref"]? string
---@field ["remaining-balance"]? string
---@field ["message-price"]? string
---@field network? string
---@field ["error-text"]? string
---@field ["account-ref"]? string

--- Send an SMS.
---@param params sms.nexmo.send_sms.params
---@param options? sms.call_options
---@return sms.nexmo.send_sms.result? result
---@return sms.error? err
function nexmo_client:send_sms(params, options) end

---@class sms.nexmo.send_voice.params
---@field to string Phone number to call.
---@field from? string A voice-enabled number of the account.
---@field text string Text to speak.
---@field lg? string Language, en-us if left out.
---@field voice? "female"|"male" Voice.
---@field repeat? integer How often it is spoken.
---@field machine_detection? "false"|"hangup"|"true"|false|true What happens where an answering machine is found.
---@field machine_timeout? integer Milliseconds in which a machine is looked for.
---@field callback? string Where the result of the call is sent.
---@field callback_method? "GET"|"POST" How it is sent.
---@field style? integer Voice API: the voice, by its number.
---@field advanced_machine_detection? sms.nexmo.send_voice.params.advanced_machine_detection Voice API: in place of the plain.
---@field length_timer? integer Voice API: seconds until the call is ended, 7200 if left out.
---@field ringing_timer? integer Voice API: seconds it may ring, 60 if left out.

---@class sms.nexmo.send_voice.params.advanced_machine_detection
---@field behavior? "continue"|"hangup" What happens where a machine is found.
---@field mode? "default"|"detect"|"detect_beep" Whether the call waits for the result, and for the beep.
---@field beep_timeout? integer Seconds in which a beep is waited for.

---@class sms.nexmo.send_voice.result
---@field call_id? string
---@field to? string
---@field status string
---@field error_text? string

--- Send a voice file: text to speech.
---@param params sms.nexmo.send_voice.params
---@param options? sms.call_options
---@return sms.nexmo.send_voice.result? result
---@return sms.error? err
function nexmo_client:send_voice(params, options) end

---@class sms.nexmo.list_inbound_numbers.params
---@field country string Country, such as GB.
---@field search_pattern? "0"|"1"|"2"|"contains"|"ends"|"starts"|0|1|2 Where `pattern` is looked for.
---@field pattern? string|integer Digits to look for.
---@field features? "SMS"|"VOICE"|"MMS"|"SMS,VOICE"|"SMS,MMS"|"VOICE,MMS"|"SMS,MMS,VOICE"|string[] What the number must be able to do.
---@field size? integer Numbers a page, 10 if left out.
---@field index? integer Page, from 1.
---@field type? "landline"|"mobile-lvn"|"landline-toll-free" Kind of number.

---@class sms.nexmo.list_inbound_numbers.result
---@field count integer
---@field numbers sms.nexmo.list_inbound_numbers.result.numbers[]

---@class sms.nexmo.list_inbound_numbers.result.numbers
---@field country? string
---@field msisdn? string
---@field type? string
---@field cost? string
---@field initialPrice? string
---@field features string[]
---@field moHttpUrl? string
---@field voiceCallbackType? string
---@field voiceCallbackValue? string
---@field voiceStatusCallback? string
---@field messagesCallbackType? string
---@field messagesCallbackValue? string
---@field app_id? string

--- List inbound numbers that are available in a country.
---@param params sms.nexmo.list_inbound_numbers.params
---@param options? sms.call_options
---@return sms.nexmo.list_inbound_numbers.result? result
---@return sms.error? err
function nexmo_client:list_inbound_numbers(params, options) end

---@class sms.nexmo.list_owned_numbers.params
---@field search_pattern? "0"|"1"|"2"|"contains"|"ends"|"starts"|0|1|2 Where `pattern` is looked for.
---@field index? integer Page, from 1.
---@field size? integer Numbers a page, 10 if left out.
---@field pattern? string|integer Digits to look for.
---@field country? string Country, such as GB.
---@field application_id? string Numbers linked to it.
---@field has_application? boolean Numbers linked to any, or to none.

---@class sms.nexmo.list_owned_numbers.result
---@field count integer
---@field numbers sms.nexmo.list_owned_numbers.result.numbers[]

---@class sms.nexmo.list_owned_numbers.result.numbers
---@field country? string
---@field msisdn? string
---@field type? string
---@field cost? string
---@field initialPrice? string
---@field features string[]
---@field moHttpUrl? string
---@field voiceCallbackType? string
---@field voiceCallbackValue? string
---@field voiceStatusCallback? string
---@field messagesCallbackType? string
---@field messagesCallbackValue? string
---@field app_id? string

--- List the account's own numbers.
---@param params? sms.nexmo.list_owned_numbers.params
---@param options? sms.call_options
---@return sms.nexmo.list_owned_numbers.result? result
---@return sms.error? err
function nexmo_client:list_owned_numbers(params, options) end

---@class sms.nexmo.create_application.params
---@field name string Name.
---@field type? "voice" Kind of application.
---@field answer_url? string Supplies the call control object.
---@field answer_method? "GET"|"POST" GET if left out.
---@field event_url? string Receives the events of calls.
---@field event_method? "GET"|"POST" POST if left out.
---@field capabilities? sms.nexmo.create_application.params.capabilities Capabilities as version 2 has them, in place of type and the URLs.
---@field keys? sms.nexmo.create_application.params.keys A public key of one's own.
---@field privacy? sms.nexmo.create_application.params.privacy Use of data for AI; the provider's default is true.

---@class sms.nexmo.create_application.params.capabilities
---@field voice? sms.nexmo.create_application.params.capabilities.voice Calls.
---@field messages? sms.nexmo.create_application.params.capabilities.messages Messages.
---@field rtc? sms.nexmo.create_application.params.capabilities.rtc In-app voice and messages.
---@field vbc? sms.nexmo.create_application.params.capabilities.vbc Vonage Business Communications: an empty table.
---@field verify? sms.nexmo.create_application.params.capabilities.verify Verification.

---@class sms.nexmo.create_application.params.capabilities.voice
---@field webhooks? sms.nexmo.create_application.params.capabilities.voice.webhooks
---@field signed_callbacks? boolean Whether webhooks are signed, true if left out.
---@field conversations_ttl? integer Hours, 48 if left out.
---@field leg_persistence_time? integer Days, 2 if left out.
---@field region? "na-east"|"na-west"|"eu-east"|"eu-west"|"apac-sng"|"apac-australia" Where calls are processed.

---@class sms.nexmo.create_application.params.capabilities.voice.webhooks
---@field answer_url? sms.nexmo.create_application.params.capabilities.voice.webhooks.answer_url Supplies the call control object.
---@field fallback_answer_url? sms.nexmo.create_application.params.capabilities.voice.webhooks.fallback_answer_url The same, where that fails.
---@field event_url? sms.nexmo.create_application.params.capabilities.voice.webhooks.event_url Receives the events of calls.

---@class sms.nexmo.create_application.params.capabilities.voice.webhooks.answer_url
---@field address string Where it is.
---@field http_method? "GET"|"POST" How it is called.
---@field connect_timeout? integer Milliseconds, 1000 if left out.
---@field socket_timeout? integer Milliseconds until it must have answered; the most if left out.

---@class sms.nexmo.create_application.params.capabilities.voice.webhooks.fallback_answer_url
---@field address string Where it is.
---@field http_method? "GET"|"POST" How it is called.
---@field connect_timeout? integer Milliseconds, 1000 if left out.
---@field socket_timeout? integer Milliseconds until it must have answered; the most if left out.

---@class sms.nexmo.create_application.params.capabilities.voice.webhooks.event_url
---@field address string Where it is.
---@field http_method? "GET"|"POST" How it is called.
---@field connect_timeout? integer Milliseconds, 1000 if left out.
---@field socket_timeout? integer Milliseconds until it must have answered; the most if left out.

---@class sms.nexmo.create_application.params.capabilities.messages
---@field version? string Of the webhooks, such as v1.
---@field webhooks? sms.nexmo.create_application.params.capabilities.messages.webhooks

---@class sms.nexmo.create_application.params.capabilities.messages.webhooks
---@field inbound_url? sms.nexmo.create_application.params.capabilities.messages.webhooks.inbound_url Receives messages.
---@field status_url? sms.nexmo.create_application.params.capabilities.messages.webhooks.status_url Receives the states of messages.

---@class sms.nexmo.create_application.params.capabilities.messages.webhooks.inbound_url
---@field address string Where it is.
---@field http_method? "POST" How it is called.
---@field connect_timeout? integer Milliseconds, 1000 if left out.
---@field socket_timeout? integer Milliseconds until it must have answered; the most if left out.

---@class sms.nexmo.create_application.params.capabilities.messages.webhooks.status_url
---@field address string Where it is.
---@field http_method? "POST" How it is called.
---@field connect_timeout? integer Milliseconds, 1000 if left out.
---@field socket_timeout? integer Milliseconds until it must have answered; the most if left out.

---@class sms.nexmo.create_application.params.capabilities.rtc
---@field webhooks? sms.nexmo.create_application.params.capabilities.rtc.webhooks
---@field signed_callbacks? boolean Whether webhooks are signed, true if left out.

---@class sms.nexmo.create_application.params.capabilities.rtc.webhooks
---@field event_url? sms.nexmo.create_application.params.capabilities.rtc.webhooks.event_url Receives events.

---@class sms.nexmo.create_application.params.capabilities.rtc.webhooks.event_url
---@field address string Where it is.
---@field http_method? "GET"|"POST" How it is called.
---@field connect_timeout? integer Milliseconds, 1000 if left out.
---@field socket_timeout? integer Milliseconds until it must have answered; the most if left out.

---@class sms.nexmo.create_application.params.capabilities.vbc

---@class sms.nexmo.create_application.params.capabilities.verify
---@field webhooks? sms.nexmo.create_application.params.capabilities.verify.webhooks

---@class sms.nexmo.create_application.params.capabilities.verify.webhooks
---@field status_url? sms.nexmo.create_application.params.capabilities.verify.webhooks.status_url Receives the states of verifications.

---@class sms.nexmo.create_application.params.capabilities.verify.webhooks.status_url
---@field address string Where it is.
---@field http_method? "POST" How it is called.
---@field connect_timeout? integer Milliseconds, 1000 if left out.
---@field socket_timeout? integer Milliseconds until it must have answered; the most if left out.

---@class sms.nexmo.create_application.params.keys
---@field public_key? string

---@class sms.nexmo.create_application.params.privacy
---@field improve_ai? boolean

---@class sms.nexmo.create_application.result
---@field id string
---@field name? string
---@field keys? sms.nexmo.create_application.result.keys

---@class sms.nexmo.create_application.result.keys
---@field public_key? string
---@field private_key? string

--- Create a new application. The answer has its private key, once.
---@param params sms.nexmo.create_application.params
---@param options? sms.call_options
---@return sms.nexmo.create_application.result? result
---@return sms.error? err
function nexmo_client:create_application(params, options) end

---@class sms.nexmo.get_application.params
---@field application_id string Id of the application.

---@class sms.nexmo.get_application.result
---@field id string
---@field name? string
---@field keys? sms.nexmo.get_application.result.keys

---@class sms.nexmo.get_application.result.keys
---@field public_key? string
---@field private_key? string

--- Get an application by its id.
---@param params sms.nexmo.get_application.params
---@param options? sms.call_options
---@return sms.nexmo.get_application.result? result
---@return sms.error? err
function nexmo_client:get_application(params, options) end

---@class sms.nexmo.list_applications.params
---@field page_size? integer Entries a page, 10 if left out.
---@field page? integer Page, from 1.
---@field page_index? integer Offset from the first page, from 0; in place of page.

---@class sms.nexmo.list_applications.result
---@field count integer
---@field page_size? integer
---@field page_index? integer
---@field _embedded sms.nexmo.list_applications.result._embedded

---@class sms.nexmo.list_applications.result._embedded
---@field applications sms.nexmo.list_applications.result._embedded.applications[]

---@class sms.nexmo.list_applications.result._embedded.applications
---@field id string
---@field name? string
---@field keys? sms.nexmo.list_applications.result._embedded.applications.keys

---@class sms.nexmo.list_applications.result._embedded.applications.keys
---@field public_key? string
---@field private_key? string

--- List the account's applications.
---@param params? sms.nexmo.list_applications.params
---@param options? sms.call_options
---@return sms.nexmo.list_applications.result? result
---@return sms.error? err
function nexmo_client:list_applications(params, options) end

---@class sms.nexmo.update_application.params
---@field application_id string Id of the application.
---@field name string Name.
---@field type? "voice" Kind of application.
---@field answer_url? string Supplies the call control object.
---@field answer_method? "GET"|"POST" GET if left out.
---@field event_url? string Receives the events of calls.
---@field event_method? "GET"|"POST" POST if left out.
---@field capabilities? sms.nexmo.update_application.params.capabilities Capabilities as version 2 has them, in place of type and the URLs.
---@field keys? sms.nexmo.update_application.params.keys A public key of one's own.
---@field privacy? sms.nexmo.update_application.params.privacy Use of data for AI; the provider's default is true.

---@class sms.nexmo.update_application.params.capabilities
---@field voice? sms.nexmo.update_application.params.capabilities.voice Calls.
---@field messages? sms.nexmo.update_application.params.capabilities.messages Messages.
---@field rtc? sms.nexmo.update_application.params.capabilities.rtc In-app voice and messages.
---@field vbc? sms.nexmo.update_application.params.capabilities.vbc Vonage Business Communications: an empty table.
---@field verify? sms.nexmo.update_application.params.capabilities.verify Verification.

---@class sms.nexmo.update_application.params.capabilities.voice
---@field webhooks? sms.nexmo.update_application.params.capabilities.voice.webhooks
---@field signed_callbacks? boolean Whether webhooks are signed, true if left out.
---@field conversations_ttl? integer Hours, 48 if left out.
---@field leg_persistence_time? integer Days, 2 if left out.
---@field region? "na-east"|"na-west"|"eu-east"|"eu-west"|"apac-sng"|"apac-australia" Where calls are processed.

---@class sms.nexmo.update_application.params.capabilities.voice.webhooks
---@field answer_url? sms.nexmo.update_application.params.capabilities.voice.webhooks.answer_url Supplies the call control object.
---@field fallback_answer_url? sms.nexmo.update_application.params.capabilities.voice.webhooks.fallback_answer_url The same, where that fails.
---@field event_url? sms.nexmo.update_application.params.capabilities.voice.webhooks.event_url Receives the events of calls.

---@class sms.nexmo.update_application.params.capabilities.voice.webhooks.answer_url
---@field address string Where it is.
---@field http_method? "GET"|"POST" How it is called.
---@field connect_timeout? integer Milliseconds, 1000 if left out.
---@field socket_timeout? integer Milliseconds until it must have answered; the most if left out.

---@class sms.nexmo.update_application.params.capabilities.voice.webhooks.fallback_answer_url
---@field address string Where it is.
---@field http_method? "GET"|"POST" How it is called.
---@field connect_timeout? integer Milliseconds, 1000 if left out.
---@field socket_timeout? integer Milliseconds until it must have answered; the most if left out.

---@class sms.nexmo.update_application.params.capabilities.voice.webhooks.event_url
---@field address string Where it is.
---@field http_method? "GET"|"POST" How it is called.
---@field connect_timeout? integer Milliseconds, 1000 if left out.
---@field socket_timeout? integer Milliseconds until it must have answered; the most if left out.

---@class sms.nexmo.update_application.params.capabilities.messages
---@field version? string Of the webhooks, such as v1.
---@field webhooks? sms.nexmo.update_application.params.capabilities.messages.webhooks

---@class sms.nexmo.update_application.params.capabilities.messages.webhooks
---@field inbound_url? sms.nexmo.update_application.params.capabilities.messages.webhooks.inbound_url Receives messages.
---@field status_url? sms.nexmo.update_application.params.capabilities.messages.webhooks.status_url Receives the states of messages.

---@class sms.nexmo.update_application.params.capabilities.messages.webhooks.inbound_url
---@field address string Where it is.
---@field http_method? "POST" How it is called.
---@field connect_timeout? integer Milliseconds, 1000 if left out.
---@field socket_timeout? integer Milliseconds until it must have answered; the most if left out.

---@class sms.nexmo.update_application.params.capabilities.messages.webhooks.status_url
---@field address string Where it is.
---@field http_method? "POST" How it is called.
---@field connect_timeout? integer Milliseconds, 1000 if left out.
---@field socket_timeout? integer Milliseconds until it must have answered; the most if left out.

---@class sms.nexmo.update_application.params.capabilities.rtc
---@field webhooks? sms.nexmo.update_application.params.capabilities.rtc.webhooks
---@field signed_callbacks? boolean Whether webhooks are signed, true if left out.

---@class sms.nexmo.update_application.params.capabilities.rtc.webhooks
---@field event_url? sms.nexmo.update_application.params.capabilities.rtc.webhooks.event_url Receives events.

---@class sms.nexmo.update_application.params.capabilities.rtc.webhooks.event_url
---@field address string Where it is.
---@field http_method? "GET"|"POST" How it is called.
---@field connect_timeout? integer Milliseconds, 1000 if left out.
---@field socket_timeout? integer Milliseconds until it must have answered; the most if left out.

---@class sms.nexmo.update_application.params.capabilities.vbc

---@class sms.nexmo.update_application.params.capabilities.verify
---@field webhooks? sms.nexmo.update_application.params.capabilities.verify.webhooks

---@class sms.nexmo.update_application.params.capabilities.verify.webhooks
---@field status_url? sms.nexmo.update_application.params.capabilities.verify.webhooks.status_url Receives the states of verifications.

---@class sms.nexmo.update_application.params.capabilities.verify.webhooks.status_url
---@field address string Where it is.
---@field http_method? "POST" How it is called.
---@field connect_timeout? integer Milliseconds, 1000 if left out.
---@field socket_timeout? integer Milliseconds until it must have answered; the most if left out.

---@class sms.nexmo.update_application.params.keys
---@field public_key? string

---@class sms.nexmo.update_application.params.privacy
---@field improve_ai? boolean

---@class sms.nexmo.update_application.result
---@field id string
---@field name? string
---@field keys? sms.nexmo.update_application.result.keys

---@class sms.nexmo.update_application.result.keys
---@field public_key? string
---@field private_key? string

--- Update an application. What the parameters do not name is kept.
---@param params sms.nexmo.update_application.params
---@param options? sms.call_options
---@return sms.nexmo.update_application.result? result
---@return sms.error? err
function nexmo_client:update_application(params, options) end

---@class sms.nexmo.delete_application.params
---@field application_id string Id of the application.

--- Delete an application; this cannot be undone.
---@param params sms.nexmo.delete_application.params
---@param options? sms.call_options
---@return table? result
---@return sms.error? err
function nexmo_client:delete_application(params, options) end

---@return true? ok
---@return sms.error? err
function nexmo_client:check() end

---@param operation string
---@param params? table
---@return { method: string, url: string, headers: table<string, string>, body: string? }? request
---@return sms.error? err
function nexmo_client:prepare(operation, params) end

---@param operation string
---@param params? table
---@param options? sms.call_options
---@return fun(): any, sms.error?
function nexmo_client:each(operation, params, options) end

---@return { operation: string, params: table, result: any, err: sms.error? }[] ended
---@return integer under_way
function nexmo_client:abandoned() end

function nexmo_client:close() end

---@param request sms.webhook_request
---@param options? sms.webhook_options
---@return sms.webhook? webhook
---@return sms.error? err
function nexmo_client:read_webhook(request, options) end

---@param params table<string, any>
---@return boolean is_signed
function nexmo_client:verify_signature(params) end

---@param source sms.nexmo.send_sms.params[]|fun(): sms.nexmo.send_sms.params?
---@param options? sms.nexmo.bulk_options
---@return sms.bulk_run run
function nexmo_client:send_all(source, options) end

---@class sms.nexmo
---@overload fun(options?: sms.nexmo.options): sms.nexmo.client
---@field send_sms fun(params: sms.nexmo.send_sms.params, options?: sms.call_options): sms.nexmo.send_sms.result?, sms.error?
---@field send_voice fun(params: sms.nexmo.send_voice.params, options?: sms.call_options): sms.nexmo.send_voice.result?, sms.error?
---@field list_inbound_numbers fun(params: sms.nexmo.list_inbound_numbers.params, options?: sms.call_options): sms.nexmo.list_inbound_numbers.result?, sms.error?
---@field list_owned_numbers fun(params?: sms.nexmo.list_owned_numbers.params, options?: sms.call_options): sms.nexmo.list_owned_numbers.result?, sms.error?
---@field create_application fun(params: sms.nexmo.create_application.params, options?: sms.call_options): sms.nexmo.create_application.result?, sms.error?
---@field get_application fun(params: sms.nexmo.get_application.params, options?: sms.call_options): sms.nexmo.get_application.result?, sms.error?
---@field list_applications fun(params?: sms.nexmo.list_applications.params, options?: sms.call_options): sms.nexmo.list_applications.result?, sms.error?
---@field update_application fun(params: sms.nexmo.update_application.params, options?: sms.call_options): sms.nexmo.update_application.result?, sms.error?
---@field delete_application fun(params: sms.nexmo.delete_application.params, options?: sms.call_options): table?, sms.error?

---@class sms.retarus.options
---@field username? string From RETARUS_USERNAME if left out.
---@field password? string From RETARUS_PASSWORD if left out.
---@field strict_parts? boolean A text that `maxParts` would cut is an error, not a `warning` event.
---@field timeout? number Seconds for one attempt, name look-up to last byte.
---@field connect_timeout? number Seconds for connecting alone.
---@field deadline? number Seconds for the whole call, with its waits and repeats.
---@field max_wait? number Seconds a call may wait for the rate limit, the deadline if left out; 0: an error at once.
---@field rate_limit? sms.rate_limit|sms.rate_limit[]|false Calls in any period; the provider's limits if left out.
---@field slots_path? string Folder of the limits with share = "machine"; one in /dev/shm if left out.
---@field slots_mode? integer Mode of their files, 0600 if left out.
---@field cold_start? "spread"|"hold" In a new container their slots come one by one over the first period, or all after it.
---@field retry? sms.retry|false When a call may be repeated.
---@field base_url? string Replaces scheme and host of all the provider's hosts. From the provider's variable (NEXMO_BASE_URL, RETARUS_BASE_URL) if left out.
---@field hosts? table<string, string> Replaces single hosts by name.
---@field allow_http? boolean Plain HTTP to other hosts than loopback.
---@field proxy? string Proxy; `""`: none; that of the environment if left out.
---@field no_proxy? string Hosts that are reached without it; `""`: none; those of the environment if left out.
---@field ca_file? string File of trusted certificates, also for a proxy over TLS.
---@field ca_path? string Folder of trusted certificates.
---@field client_cert? string File of the client's certificate.
---@field client_key? string File of its key.
---@field pinned_public_key? string Public key the server must have, as libcurl takes it.
---@field min_tls? "1.0"|"1.1"|"1.2"|"1.3" Lowest version of TLS.
---@field insecure? boolean Switches the check of certificates off, also that of a proxy.
---@field http_version? "1.1"|"2" Version of HTTP.
---@field max_connections? integer Connections to one host.
---@field keep_alive? integer Seconds a connection may idle before it is not used again.
---@field max_response_bytes? integer Longest answer that is read.
---@field on_event? fun(event: sms.event) Is told what happens in a call.
---@field runtime? sms.runtime How to wait, where that is not found out by itself.

---@class sms.retarus.bulk_options: sms.call_options
---@field options? sms.retarus.send_job.params.options Options of the jobs.
---@field strict_parts? boolean The client's own if left out.
---@field in_flight? integer Calls side by side; at most the share `use` of `max_connections`.
---@field use? number Share of the rate limit's slots that bulk may hold.
---@field total? integer Number of items, where a function gives them.
---@field journal? string File that remembers what was begun and how it ended.
---@field sync? boolean What is begun is on the disk before it is sent: survives a power cut.
---@field resend_ambiguous? boolean Sends again what may have been sent.
---@field resend_refused? boolean Tells and sends again what was refused.
---@field on_progress? fun(progress: sms.bulk_progress) Is told how far it is, at most ten times a second.

---@class sms.retarus.client
local retarus_client = {}

---@class sms.retarus.send_job.params
---@field options? sms.retarus.send_job.params.options Options for the whole job.
---@field messages sms.retarus.send_job.params.messages[] Texts and their recipients.

---@class sms.retarus.send_job.params.options
---@field src? string Sender shown to the recipient.
---@field encoding? "STANDARD"|"UTF-16" Preferred encoding: GSM 7-bit or UTF-16.
---@field billcode? string|integer Billing reference.
---@field statusRequested? boolean Ask for a delivery notification; without it the best status is SUC_ACC.
---@field flash? boolean Shown at once, not stored.
---@field customerRef? string|integer Reference of the job, returned in its report.
---@field validityMin? integer Minutes in which delivery is tried; 0 is the provider's default.
---@field maxParts? integer Most parts of a long text; what is longer is cut.
---@field invalidCharacters? "REFUSE"|"REPLACE"|"TO_UTF16"|"TRANSLITERATE" What happens to characters outside GSM 7-bit.
---@field qos? "EXPRESS"|"NORMAL" Priority.
---@field jobPeriod? string When the job starts.
---@field duplicateDetection? boolean Refuse a job equal to one of the last 10 minutes.
---@field blackoutPeriods? string[] Times in which nothing is sent.

---@class sms.retarus.send_job.params.messages
---@field text string Text of the SMS.
---@field recipients (string|sms.retarus.send_job.params.messages.recipients)[] Who receives it: tables, or plain numbers.

---@class sms.retarus.send_job.params.messages.recipients
---@field dst string Phone number.
---@field customerRef? string|integer Reference of this SMS; the number where it is left out.
---@field blackoutPeriods? string[] Times in which nothing is sent.

---@class sms.retarus.send_job.result
---@field jobId string

--- Send one or more texts as one job.
---@param params sms.retarus.send_job.params
---@param options? sms.call_options
---@return sms.retarus.send_job.result? result
---@return sms.error? err
function retarus_client:send_job(params, options) end

---@class sms.retarus.get_version.params

---@class sms.retarus.get_version.result
---@field buildNumber? integer
---@field buildTimestamp? string
---@field majorVersion? integer
---@field minorVersion? integer
---@field versionInfo? string
---@field message? string

--- Get version information.
---@param params? sms.retarus.get_version.params
---@param options? sms.call_options
---@return sms.retarus.get_version.result? result
---@return sms.error? err
function retarus_client:get_version(params, options) end

---@class sms.retarus.get_job.params
---@field jobId string Id of the job, of send_job.

---@class sms.retarus.get_job.result
---@field jobId string
---@field src? string
---@field encoding? string
---@field billcode? string
---@field statusRequested? boolean
---@field flash? boolean
---@field validityMin? integer
---@field customerRef? string
---@field qos? string
---@field receiptTs? string
---@field finishedTs? string
---@field recipientIds string[]

--- Get the status of a job; that of its single messages is list_recipients.
---@param params sms.retarus.get_job.params
---@param options? sms.call_options
---@return sms.retarus.get_job.result? result
---@return sms.error? err
function retarus_client:get_job(params, options) end

---@class sms.retarus.list_recipients.params
---@field jobId string Id of the job, of send_job.

---@class sms.retarus.list_recipients.result
---@field smsId string
---@field dst string
---@field processStatus? string
---@field status? string
---@field customerRef? string
---@field reason? string
---@field sentTs? string
---@field finishedTs? string
---@field final boolean Its state will not change any more.
---@field success? boolean The text went; nil: not known, or not yet.

--- Get the status of all recipients of a job.
---@param params sms.retarus.list_recipients.params
---@param options? sms.call_options
---@return sms.retarus.list_recipients.result[]? result
---@return sms.error? err
function retarus_client:list_recipients(params, options) end

---@class sms.retarus.list_jobs.params
---@field jobIdsOnly? boolean Only true is supported.
---@field fromTs? string Jobs from this time on.
---@field toTs? string Jobs up to this time.
---@field open? boolean Only open jobs, or only finished ones.
---@field offset? integer Index of the first record, from 0; 0 where two data centres are asked.
---@field limit? integer Most records of each data centre, 100 if left out.

---@class sms.retarus.list_jobs.result
---@field jobId string
---@field src? string
---@field encoding? string
---@field billcode? string
---@field statusRequested? boolean
---@field flash? boolean
---@field validityMin? integer
---@field customerRef? string
---@field qos? string
---@field receiptTs? string
---@field finishedTs? string
---@field recipientIds? string[]

--- Get all jobs for given criteria.
---@param params? sms.retarus.list_jobs.params
---@param options? sms.call_options
---@return sms.retarus.list_jobs.result[]? result
---@return sms.error? err
function retarus_client:list_jobs(params, options) end

---@return true? ok
---@return sms.error? err
function retarus_client:check() end

---@param operation string
---@param params? table
---@return { method: string, url: string, headers: table<string, string>, body: string? }? request
---@return sms.error? err
function retarus_client:prepare(operation, params) end

---@param operation string
---@param params? table
---@param options? sms.call_options
---@return fun(): any, sms.error?
function retarus_client:each(operation, params, options) end

---@return { operation: string, params: table, result: any, err: sms.error? }[] ended
---@return integer under_way
function retarus_client:abandoned() end

function retarus_client:close() end

---@param id string|table or the result that has it
---@param options? sms.follow_options
---@return fun(): sms.followed|false, sms.error?
function retarus_client:follow(id, options) end

---@class sms.retarus.bulk_item
---@field text string Text of the SMS.
---@field dst string Phone number.
---@field customerRef? string|integer Reference of this SMS; the number where it is left out.
---@field blackoutPeriods? string[] Times in which nothing is sent.

---@param source sms.retarus.bulk_item[]|fun(): sms.retarus.bulk_item?
---@param options? sms.retarus.bulk_options
---@return sms.bulk_run run
function retarus_client:send_all(source, options) end

---@class sms.retarus
---@overload fun(options?: sms.retarus.options): sms.retarus.client
---@field send_job fun(params: sms.retarus.send_job.params, options?: sms.call_options): sms.retarus.send_job.result?, sms.error?
---@field get_version fun(params?: sms.retarus.get_version.params, options?: sms.call_options): sms.retarus.get_version.result?, sms.error?
---@field get_job fun(params: sms.retarus.get_job.params, options?: sms.call_options): sms.retarus.get_job.result?, sms.error?
---@field list_recipients fun(params: sms.retarus.list_recipients.params, options?: sms.call_options): sms.retarus.list_recipients.result[]?, sms.error?
---@field list_jobs fun(params?: sms.retarus.list_jobs.params, options?: sms.call_options): sms.retarus.list_jobs.result[]?, sms.error?

return sms
