_sms() {
    local IFS=$' \t\n'
    local args cur prev cmd opts arg
    args=("${COMP_WORDS[@]}")
    cur="${COMP_WORDS[COMP_CWORD]}"
    prev="${COMP_WORDS[COMP_CWORD-1]}"
    opts="--version -h --help"

    args=("${args[@]:1}")
    for arg in "${args[@]}"; do
        case "$arg" in
            send)
                cmd="send"
                opts="$opts --from --to --key --provider --type --status-report-req --client-ref --vcard --vcal --ttl --callback --message-class --udh --protocol-id --body --title --url --validity --account-ref --entity-id --content-id --trusted-number --pool-id --network-code --encoding --billcode --statusRequested --flash --customerRef --validityMin --maxParts --invalidCharacters --qos --jobPeriod --duplicateDetection --blackoutPeriods --json --dry-run -h --help"
                break
                ;;
            job)
                cmd="job"
                opts="$opts --from --encoding --billcode --statusRequested --flash --customerRef --validityMin --maxParts --invalidCharacters --qos --jobPeriod --duplicateDetection --blackoutPeriods --strict-parts --json --dry-run -h --help"
                break
                ;;
            campaign)
                cmd="campaign"
                opts="$opts --provider --from --type --status-report-req --vcard --vcal --ttl --callback --message-class --udh --protocol-id --body --title --url --validity --account-ref --entity-id --content-id --trusted-number --pool-id --network-code --encoding --billcode --statusRequested --flash --customerRef --validityMin --maxParts --invalidCharacters --qos --jobPeriod --duplicateDetection --blackoutPeriods --max-parts --until --journal --result --resend-refused --resend-ambiguous --sync --in-flight --use --strict-parts --json --dry-run --yes -y -h --help"
                break
                ;;
            status)
                cmd="status"
                opts="$opts --follow --timeout --json --dry-run -h --help"
                break
                ;;
            numbers)
                cmd="numbers"
                opts="$opts -h --help"
                args=("${args[@]:1}")
                for arg in "${args[@]}"; do
                    case "$arg" in
                        search)
                            cmd="$cmd search"
                            opts="$opts --search_pattern --pattern --features --type --limit --json --dry-run -h --help"
                            break
                            ;;
                        owned)
                            cmd="$cmd owned"
                            opts="$opts --search_pattern --pattern --country --application_id --has_application --limit --json --dry-run -h --help"
                            break
                            ;;
                        buy)
                            cmd="$cmd buy"
                            opts="$opts --target_api_key --json --dry-run --yes -y -h --help"
                            break
                            ;;
                        cancel)
                            cmd="$cmd cancel"
                            opts="$opts --target_api_key --json --dry-run --yes -y -h --help"
                            break
                            ;;
                        update)
                            cmd="$cmd update"
                            opts="$opts --app_id --moHttpUrl --moSmppSysType --voiceCallbackType --voiceCallbackValue --voiceStatusCallback --messagesCallbackType --messagesCallbackValue --json --dry-run -h --help"
                            break
                            ;;
                    esac
                done
                break
                ;;
            apps)
                cmd="apps"
                opts="$opts -h --help"
                args=("${args[@]:1}")
                for arg in "${args[@]}"; do
                    case "$arg" in
                        list)
                            cmd="$cmd list"
                            opts="$opts --limit --json --dry-run -h --help"
                            break
                            ;;
                        show)
                            cmd="$cmd show"
                            opts="$opts --json --dry-run -h --help"
                            break
                            ;;
                        create)
                            cmd="$cmd create"
                            opts="$opts --name --type --answer_url --answer_method --event_url --event_method --capabilities --public_key --improve_ai --key-file --json --dry-run -h --help"
                            break
                            ;;
                        update)
                            cmd="$cmd update"
                            opts="$opts --name --type --answer_url --answer_method --event_url --event_method --capabilities --public_key --improve_ai --json --dry-run -h --help"
                            break
                            ;;
                        delete)
                            cmd="$cmd delete"
                            opts="$opts --json --dry-run --yes -y -h --help"
                            break
                            ;;
                    esac
                done
                break
                ;;
            call)
                cmd="call"
                opts="$opts --to --from --lg --voice --repeat --machine_detection --machine_timeout --callback --callback_method --style --behavior --mode --beep_timeout --length_timer --ringing_timer --json --dry-run --yes -y -h --help"
                break
                ;;
            check)
                cmd="check"
                opts="$opts --provider --json --dry-run -h --help"
                break
                ;;
            balance)
                cmd="balance"
                opts="$opts --provider --json --dry-run -h --help"
                break
                ;;
            measure)
                cmd="measure"
                opts="$opts --json -h --help"
                break
                ;;
            doctor)
                cmd="doctor"
                opts="$opts --json -h --help"
                break
                ;;
            worker)
                cmd="worker"
                opts="$opts --outbox --redis --provider --label --lease --block --in-flight --use --timeout --accept-risk --from --encoding --billcode --statusRequested --flash --customerRef --validityMin --maxParts --invalidCharacters --qos --jobPeriod --duplicateDetection --blackoutPeriods --json --dry-run --yes -y -h --help"
                break
                ;;
            outbox)
                cmd="outbox"
                opts="$opts -h --help"
                args=("${args[@]:1}")
                for arg in "${args[@]}"; do
                    case "$arg" in
                        add)
                            cmd="$cmd add"
                            opts="$opts --outbox --redis --provider --from --to --key --priority --not-before --not-after --keep --forget-texts --accept-risk --type --status-report-req --client-ref --vcard --vcal --ttl --callback --message-class --udh --protocol-id --body --title --url --validity --account-ref --entity-id --content-id --trusted-number --pool-id --network-code --customerRef --blackoutPeriods --json --dry-run -h --help"
                            break
                            ;;
                        status)
                            cmd="$cmd status"
                            opts="$opts --outbox --redis --json --dry-run -h --help"
                            break
                            ;;
                        ambiguous)
                            cmd="$cmd ambiguous"
                            opts="$opts --outbox --redis --json --dry-run -h --help"
                            break
                            ;;
                        result)
                            cmd="$cmd result"
                            opts="$opts --outbox --redis --json --dry-run -h --help"
                            break
                            ;;
                        resend)
                            cmd="$cmd resend"
                            opts="$opts --outbox --redis --json --dry-run --yes -y -h --help"
                            break
                            ;;
                        settle)
                            cmd="$cmd settle"
                            opts="$opts --outbox --redis --json --dry-run --yes -y -h --help"
                            break
                            ;;
                        pause)
                            cmd="$cmd pause"
                            opts="$opts --outbox --redis --json --dry-run -h --help"
                            break
                            ;;
                        resume)
                            cmd="$cmd resume"
                            opts="$opts --outbox --redis --json --dry-run -h --help"
                            break
                            ;;
                        cancel)
                            cmd="$cmd cancel"
                            opts="$opts --outbox --redis --json --dry-run --yes -y -h --help"
                            break
                            ;;
                        erase)
                            cmd="$cmd erase"
                            opts="$opts --outbox --redis --json --dry-run --yes -y -h --help"
                            break
                            ;;
                    esac
                done
                break
                ;;
            sandbox)
                cmd="sandbox"
                opts="$opts --dir --port --application --tls --json -h --help"
                break
                ;;
            webhook)
                cmd="webhook"
                opts="$opts -h --help"
                args=("${args[@]:1}")
                for arg in "${args[@]}"; do
                    case "$arg" in
                        listen)
                            cmd="$cmd listen"
                            opts="$opts --port --address --json -h --help"
                            break
                            ;;
                    esac
                done
                break
                ;;
            help)
                cmd="help"
                opts="$opts -h --help"
                break
                ;;
        esac
    done

    case "$cmd" in
        '')
            COMPREPLY=($(compgen -W "send job campaign status numbers apps call check balance measure doctor worker outbox sandbox webhook help" -- "$cur"))
            ;;
        'send')
            case "$prev" in
                --from)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --to)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --key)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --provider)
                    COMPREPLY=($(compgen -W "nexmo retarus" -- "$cur"))
                    return 0
                    ;;
                --type)
                    COMPREPLY=($(compgen -W "text unicode binary wappush vcal vcard" -- "$cur"))
                    return 0
                    ;;
                --client-ref)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --vcard)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --vcal)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --ttl)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --callback)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --message-class)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --udh)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --protocol-id)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --body)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --title)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --url)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --validity)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --account-ref)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --entity-id)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --content-id)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --pool-id)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --network-code)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --encoding)
                    COMPREPLY=($(compgen -W "STANDARD UTF-16" -- "$cur"))
                    return 0
                    ;;
                --billcode)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --customerRef)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --validityMin)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --maxParts)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --invalidCharacters)
                    COMPREPLY=($(compgen -W "REFUSE REPLACE TO_UTF16 TRANSLITERATE" -- "$cur"))
                    return 0
                    ;;
                --qos)
                    COMPREPLY=($(compgen -W "EXPRESS NORMAL" -- "$cur"))
                    return 0
                    ;;
                --jobPeriod)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --blackoutPeriods)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'job')
            case "$prev" in
                --from)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --encoding)
                    COMPREPLY=($(compgen -W "STANDARD UTF-16" -- "$cur"))
                    return 0
                    ;;
                --billcode)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --customerRef)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --validityMin)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --maxParts)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --invalidCharacters)
                    COMPREPLY=($(compgen -W "REFUSE REPLACE TO_UTF16 TRANSLITERATE" -- "$cur"))
                    return 0
                    ;;
                --qos)
                    COMPREPLY=($(compgen -W "EXPRESS NORMAL" -- "$cur"))
                    return 0
                    ;;
                --jobPeriod)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --blackoutPeriods)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'campaign')
            case "$prev" in
                --provider)
                    COMPREPLY=($(compgen -W "nexmo retarus" -- "$cur"))
                    return 0
                    ;;
                --from)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --type)
                    COMPREPLY=($(compgen -W "text unicode binary wappush vcal vcard" -- "$cur"))
                    return 0
                    ;;
                --vcard)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --vcal)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --ttl)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --callback)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --message-class)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --udh)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --protocol-id)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --body)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --title)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --url)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --validity)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --account-ref)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --entity-id)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --content-id)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --pool-id)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --network-code)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --encoding)
                    COMPREPLY=($(compgen -W "STANDARD UTF-16" -- "$cur"))
                    return 0
                    ;;
                --billcode)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --customerRef)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --validityMin)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --maxParts)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --invalidCharacters)
                    COMPREPLY=($(compgen -W "REFUSE REPLACE TO_UTF16 TRANSLITERATE" -- "$cur"))
                    return 0
                    ;;
                --qos)
                    COMPREPLY=($(compgen -W "EXPRESS NORMAL" -- "$cur"))
                    return 0
                    ;;
                --jobPeriod)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --blackoutPeriods)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --max-parts)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --until)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --journal)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --result)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --in-flight)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --use)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'status')
            case "$prev" in
                --timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'numbers')
            COMPREPLY=($(compgen -W "search owned buy cancel update" -- "$cur"))
            ;;
        'numbers search')
            case "$prev" in
                --search_pattern)
                    COMPREPLY=($(compgen -W "contains ends starts" -- "$cur"))
                    return 0
                    ;;
                --pattern)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --features)
                    COMPREPLY=($(compgen -W "SMS VOICE MMS SMS,VOICE SMS,MMS VOICE,MMS SMS,MMS,VOICE" -- "$cur"))
                    return 0
                    ;;
                --type)
                    COMPREPLY=($(compgen -W "landline mobile-lvn landline-toll-free" -- "$cur"))
                    return 0
                    ;;
                --limit)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'numbers owned')
            case "$prev" in
                --search_pattern)
                    COMPREPLY=($(compgen -W "contains ends starts" -- "$cur"))
                    return 0
                    ;;
                --pattern)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --country)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --application_id)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --limit)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'numbers buy')
            case "$prev" in
                --target_api_key)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'numbers cancel')
            case "$prev" in
                --target_api_key)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'numbers update')
            case "$prev" in
                --app_id)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --moHttpUrl)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --moSmppSysType)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --voiceCallbackType)
                    COMPREPLY=($(compgen -W "sip tel app" -- "$cur"))
                    return 0
                    ;;
                --voiceCallbackValue)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --voiceStatusCallback)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --messagesCallbackType)
                    COMPREPLY=($(compgen -W "app" -- "$cur"))
                    return 0
                    ;;
                --messagesCallbackValue)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'apps')
            COMPREPLY=($(compgen -W "list show create update delete" -- "$cur"))
            ;;
        'apps list')
            case "$prev" in
                --limit)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'apps create')
            case "$prev" in
                --name)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --type)
                    COMPREPLY=($(compgen -W "voice" -- "$cur"))
                    return 0
                    ;;
                --answer_url)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --answer_method)
                    COMPREPLY=($(compgen -W "GET POST" -- "$cur"))
                    return 0
                    ;;
                --event_url)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --event_method)
                    COMPREPLY=($(compgen -W "GET POST" -- "$cur"))
                    return 0
                    ;;
                --capabilities)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --public_key)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --key-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'apps update')
            case "$prev" in
                --name)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --type)
                    COMPREPLY=($(compgen -W "voice" -- "$cur"))
                    return 0
                    ;;
                --answer_url)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --answer_method)
                    COMPREPLY=($(compgen -W "GET POST" -- "$cur"))
                    return 0
                    ;;
                --event_url)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --event_method)
                    COMPREPLY=($(compgen -W "GET POST" -- "$cur"))
                    return 0
                    ;;
                --capabilities)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --public_key)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'call')
            case "$prev" in
                --to)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --from)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --lg)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --voice)
                    COMPREPLY=($(compgen -W "female male" -- "$cur"))
                    return 0
                    ;;
                --repeat)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --machine_detection)
                    COMPREPLY=($(compgen -W "false hangup true" -- "$cur"))
                    return 0
                    ;;
                --machine_timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --callback)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --callback_method)
                    COMPREPLY=($(compgen -W "GET POST" -- "$cur"))
                    return 0
                    ;;
                --style)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --behavior)
                    COMPREPLY=($(compgen -W "continue hangup" -- "$cur"))
                    return 0
                    ;;
                --mode)
                    COMPREPLY=($(compgen -W "default detect detect_beep" -- "$cur"))
                    return 0
                    ;;
                --beep_timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --length_timer)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --ringing_timer)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'check')
            case "$prev" in
                --provider)
                    COMPREPLY=($(compgen -W "nexmo retarus" -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'balance')
            case "$prev" in
                --provider)
                    COMPREPLY=($(compgen -W "nexmo retarus" -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'worker')
            case "$prev" in
                --outbox)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --redis)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --provider)
                    COMPREPLY=($(compgen -W "nexmo retarus" -- "$cur"))
                    return 0
                    ;;
                --label)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --lease)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --block)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --in-flight)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --use)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --from)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --encoding)
                    COMPREPLY=($(compgen -W "STANDARD UTF-16" -- "$cur"))
                    return 0
                    ;;
                --billcode)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --customerRef)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --validityMin)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --maxParts)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --invalidCharacters)
                    COMPREPLY=($(compgen -W "REFUSE REPLACE TO_UTF16 TRANSLITERATE" -- "$cur"))
                    return 0
                    ;;
                --qos)
                    COMPREPLY=($(compgen -W "EXPRESS NORMAL" -- "$cur"))
                    return 0
                    ;;
                --jobPeriod)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --blackoutPeriods)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'outbox')
            COMPREPLY=($(compgen -W "add status ambiguous result resend settle pause resume cancel erase" -- "$cur"))
            ;;
        'outbox add')
            case "$prev" in
                --outbox)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --redis)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --provider)
                    COMPREPLY=($(compgen -W "nexmo retarus" -- "$cur"))
                    return 0
                    ;;
                --from)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --to)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --key)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --priority)
                    COMPREPLY=($(compgen -W "high bulk" -- "$cur"))
                    return 0
                    ;;
                --not-before)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --not-after)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --keep)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --type)
                    COMPREPLY=($(compgen -W "text unicode binary wappush vcal vcard" -- "$cur"))
                    return 0
                    ;;
                --client-ref)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --vcard)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --vcal)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --ttl)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --callback)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --message-class)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --udh)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --protocol-id)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --body)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --title)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --url)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --validity)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --account-ref)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --entity-id)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --content-id)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --pool-id)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --network-code)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --customerRef)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --blackoutPeriods)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'outbox status')
            case "$prev" in
                --outbox)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --redis)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'outbox ambiguous')
            case "$prev" in
                --outbox)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --redis)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'outbox result')
            case "$prev" in
                --outbox)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --redis)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'outbox resend')
            case "$prev" in
                --outbox)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --redis)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'outbox settle')
            case "$prev" in
                --outbox)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --redis)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'outbox pause')
            case "$prev" in
                --outbox)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --redis)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'outbox resume')
            case "$prev" in
                --outbox)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --redis)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'outbox cancel')
            case "$prev" in
                --outbox)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --redis)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'outbox erase')
            case "$prev" in
                --outbox)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --redis)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'sandbox')
            case "$prev" in
                --dir)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --port)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'webhook')
            COMPREPLY=($(compgen -W "listen" -- "$cur"))
            ;;
        'webhook listen')
            case "$prev" in
                --port)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --address)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
    esac

    if [[ "$cur" = -* ]]; then
        COMPREPLY=($(compgen -W "$opts" -- "$cur"))
    fi
}

complete -F _sms -o bashdefault -o default sms
