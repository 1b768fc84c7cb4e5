# All suites of ./dev test, and their order. A part of ./dev.

c_test() { # build folder, name
  status=0
  CMOCKA_MESSAGE_OUTPUT=TAP $steady ctest --test-dir "$1" -V --timeout "$longest" -R "^$2\$" \
    >"$temporary/ctest" 2>&1 || status=$?
  sed -n 's/^[0-9]*: //p; /\*\*\*/p' "$temporary/ctest"
  return "$status"
}

spec() { # interpreter, name
  timeout --foreground -k 10 "$longest" $steady "$1" /usr/bin/busted -o TAP "spec/${2}_spec.lua"
}

# Suites of these names count on waking in time: four at a time, since they do little but wait.
waits='promises/never_over/(containers|http2|late|limits|versions)|: limits/(limits|queue|several)'
waits="$waits|promises/outbox/(loss|replica|stopped)|bulk/limits|deadline|runtime/tasks"
waits="$waits|http/(driver_(fault|wake)|engine/end)"
# These do so too, or use a limit up, and ask for a core.
timed='never_twice|never_over|: limits/(machine|redis_processes)|nginx/(bulk|calls|life|soak)'
timed="$timed|promises/outbox|http/(driver|engine/(life|lookup))"
# The longest of all others, which come first.
early='clang-tidy|schema/(writer|reader)|locales|outcome_table|project/|command/|crashes|receipts'
early="$early|incoming/notes|nginx/(edge|hooks|setup)"
# What looks at texts, or at programs that are the same in each Lua, runs in one.
once='project/(bench|compiles|docs|includes|rooms|sandbox|dev/|pages/(guides|references|shell))'
once="$once|project/release/(release|cmake|packaging|update|ways|openresty)|^sandbox/"
# What goes by other programs more than by the Lua it runs in: in one, and the long form in each.
again='promises/(memory|outbox)|command/[^sw]|outbox/(lost|places|misuse|failure|hygiene|cluster)|testing/'
again="$again|project/release/rocks|locales/suites"
# What shows a sanitizer nothing that other suites do not: programs on top of the library, and long
# loops in Lua alone. The long form has them.
on_top='^sandbox/|command/|project/[^t]|nginx/example_heads|wire/outcome_table|incoming/(receipts|notes)'
on_top="$on_top|outbox/([^kq]|queue/[^s])|testing/"

threaded="limit/announcements limit/rate_limit promises/never_over/windows http/driver
  http/driver_step secret/token journal/sync"

own_nginx=$PWD/build/nginx_without_threads

# What a suite of a kind is, and in which surroundings it runs.
run() { # kind, name
  case $1 in
    lint | build | *C | *threads) ;;
    sanitized*) use_build ./build/asan ;;
    *) use_build ./build ;;
  esac
  case $1 in
    sanitized*)
      # Sanitizers of yesterday do not get along with the kernels' wider randomisation of today.
      steady="setarch $(uname -m) -R"
      $steady true 2>/dev/null || steady=
      PATH=$PWD/build/asan/bin:$PATH # for the programs that specs start, too
      ;;
  esac
  case $1 in
    lint) lint "$2" ;;
    build) build_beside "$2" ;;
    C) c_test build "$2" ;;
    "Lua 5.4") spec lua5.4 "$2" ;;
    LuaJIT) spec luajit "$2" ;;
    Valkey) SMS_TEST_REDIS=valkey-server && export SMS_TEST_REDIS && spec lua5.4 "$2" ;;
    "without a driver thread")
      steady="env LD_PRELOAD=$PWD/build/preload/no_openssl_threads.so"
      spec luajit "$2"
      ;;
    "nginx with its own OpenSSL") steady="env SMS_NGINX=$own_nginx/nginx" && spec luajit "$2" ;;
    "sanitized C") c_test build/asan "$2" ;;
    "sanitized C, threads") c_test build/tsan "$2" ;;
    "sanitized, Lua 5.4") spec lua5.4 "$2" ;;
    "sanitized, LuaJIT") spec luajit "$2" ;;
    *) return 1 ;;
  esac
}

builds="build: address, undefined
build: thread"

build_beside() { # name
  lightly=-DCMAKE_C_FLAGS_RELEASE=-O1 # sanitizers see more in it, and it takes half the time
  case $1 in
    "nginx and its own OpenSSL") spec/support/hosts/nginx_without_threads "$own_nginx" ;;
    thread) build build/tsan "$(printf '%s_test ' $threaded | tr / _)" -DSMS_TESTS=ON \
      -DSMS_SANITIZE=thread "$lightly" ;;
    "address, undefined") build build/asan all -DSMS_TESTS=ON -DSMS_SANITIZE=address,undefined \
      -DCMAKE_C_FLAGS=-Werror "$lightly" ;;
    *) return 1 ;;
  esac
}

# In a process of its own, which shows its report at its end and leaves its count.
one_suite() { # "<kind>: <name>"
  kind=${1%%: *}
  chmod 711 "$temporary" # workers of nginx may be another user
  mkdir "$temporary/files"
  export TMPDIR="$temporary/files"
  unset SMS_SANDBOX NEXMO_BASE_URL RETARUS_BASE_URL # of whoever is trying things out
  steady=
  case $kind in
    build | lint) check "$1" run "$kind" "${1#*: }" ;;
    *) suite "$1" run "$kind" "${1#*: }" ;;
  esac >"$temporary/report"
  cat "$temporary/report"
  echo "$passed $failed $1" >>"$totals"
}

# Runs suites side by side.
queue() { # how many at a time, lines of "<kind>: <name>"
  totals=$temporary/totals
  : >"$totals"
  export totals longest
  [ "$1" -lt "$at_once" ] || at_once=1 # where suites have the cores, none takes all of them
  export at_once
  echo "$2" >"$temporary/queued"
  attended xargs -r -P "$1" -I '{}' ./dev one-suite '{}' <"$temporary/queued" || :
  while read -r good bad _; do
    passed=$((passed + good)) failed=$((failed + bad))
  done <"$totals"
  cut -d ' ' -f 3- "$totals" >"$temporary/counted"
  echo "$2" | grep -vxFf "$temporary/counted" >"$temporary/lost" || :
  while read -r lost; do
    [ -z "$lost" ] || count "$lost: without a count" 0 0 1
  done <"$temporary/lost"
}

spec_names() { # grep's arguments
  find spec -name '*_spec.lua' | sed 's|^spec/||; s|_spec\.lua$||' | sort | grep -E "$@"
}

of() { # kind, names
  printf "$1: %s\n" $2
}

plain_suites() {
  of C "$all"
  of "Lua 5.4" "$(spec_names -v nginx)" # nginx has no Lua but LuaJIT
  of LuaJIT "$(spec_names -v "tls_memory|$once|$not_again")" # it has a heap of its own
  ! command -v valkey-server >/dev/null ||
    of Valkey "$(spec_names 'redis|outbox' | grep -vE "nginx|$not_valkey")"
  of "without a driver thread" "$(spec_names 'nginx|/(loop|hooks|gateway)$')"
  if [ -n "${SMS_TEST_LONG:-}" ] && [ -x "$own_nginx/nginx" ]; then
    of "nginx with its own OpenSSL" "$(spec_names nginx)"
  fi
}

sanitized_suites() {
  # A child of a process with threads may find the sanitizer's allocator locked for ever.
  of "sanitized C" "$(echo "$all" | grep -v driver_fork)"
  of "sanitized C, threads" "$threaded"
  paced='deadline|never_twice|promises/outbox|redis_processes|limits/machine|bulk/memory|tls_memory'
  paced="$paced|project/release/(ways|openresty)" # not a sanitizer's
  # What is slow takes minutes with them.
  of "sanitized, Lua 5.4" "$(spec_names -v "nginx|/rocks?\$|$paced|$not_sanitized")"
  of "sanitized, LuaJIT" "$(spec_names nginx | grep -vE "$not_sanitized")"
}

unhurried() { # lines of "<kind>: <name>": those that need not wake in time, the longest first
  others=$(echo "$1" | grep -vE "$waits|$timed")
  echo "$others" | grep -E "$early" || :
  echo "$others" | grep -vE "$early" || :
}

test_all() { # --long?
  not_again='^$' not_valkey='command/' not_sanitized='^$'
  case $* in
    --long) longest=3600 && export SMS_TEST_LONG=1 ;;
    *)
      longest=300 not_again=$again not_valkey='command/|promises/outbox'
      not_sanitized="soak|schema/writer|promises/locales|$on_top"
      ;;
  esac
  check "build" build_quietly build all -DSMS_TESTS=ON
  [ "$failed" = 0 ] || { total; return 1; }
  all=$(ctest --test-dir build -N | sed -n 's/^ *Test *#[0-9]*: //p')
  [ -z "${SMS_TEST_LONG:-}" ] || queue 1 "build: nginx and its own OpenSSL"
  plain=$(plain_suites) sanitized=$(sanitized_suites)
  queue 5 "$(echo "$builds"; unhurried "$(lint_parts; echo "$plain")")"
  ! grep -q '^0 1 build' "$totals" || { total; return 1; }
  queue 5 "$(unhurried "$sanitized")"
  both="$plain
$sanitized"
  queue 4 "$(echo "$both" | grep -E "$waits")"
  queue 2 "$(echo "$both" | grep -vE "$waits" | grep -E "$timed")"
  total
}
