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

# Suites of these names count on waking in time: eight at a time, since they do nothing but wait.
waits='promises/never_over/(containers|http2|late|limits|versions)|: limits/(limits|queue|several)'
waits="$waits|promises/outbox/stopped|bulk/limits|deadline|runtime/tasks"
waits="$waits|http/(driver_(fault|wake)|engine/end)"
# These do so too, or use a limit up, and ask for a core.
timed='never_over|: limits/(machine|redis_processes)|nginx/(bulk|life|soak)|promises/(load|outbox)'
timed="$timed|http/(driver|engine/(life|lookup))"
# The longest of each queue, which come first, the longest of all first.
early="clang-tidy release/rocks project/rock promises/outbox/kills locales/suites promises/memory
  http_repeat promises/never_over/windows promises/never_over/processes project/dev/processes
  promises/outbox nginx/edge schema/writer project/dev never_twice/cut incoming/webhook/fuzz
  outcome_table project/bench project/ command/ promises/ nginx/(calls|hooks|life|setup)
  schema/reader http/driver_ http/tls incoming/(notes|receipts) limits/ deadline bulk/limits"
# What looks at texts, or at programs that are the same in each Lua, runs in one.
once='project/(bench|compiles|docs|includes|rooms|sandbox|dev/|pages/(guides|references|shell))'
once="$once|project/release/(release|cmake|packaging|update|ways|openresty)|^sandbox/"
# What goes by other programs more than by the Lua it runs in: in one, and the long form in each.
again='promises/(calls|outbox|load|memory|starved)|command/[^sw]|testing/'
again="$again|http/(tls_refused|proxied)|outbox/(lost|places|misuse|failure|hygiene|cluster)"
again="$again|project/release/rocks|locales/suites|limits/redis_processes"
again="$again|never_over/(containers|versions)|never_twice/(disk|journal)|secrets/suites"
# What looks at nginx' own files and users, or at examples, more than at how its calls go: with the
# driver thread, and the long form without it, too.
either_way='project/|nginx/(example_heads|setup|hosts/(init|users)|outbox/example)|example_nginx'
# What shows a sanitizer nothing that other suites do not: programs on top of the library, and long
# loops in Lua alone. The long form has them.
on_top='^sandbox/|command/|project/[^t]|nginx/example_heads|wire/outcome_table|bulk/refusals'
on_top="$on_top|incoming/(receipts|notes)|outbox/([^kq]|queue/[^s])|testing/"
on_top="$on_top|runtime/(polls|resuming)|http/(tls_refused|proxied)|never_over/(containers|versions)"
on_top="$on_top|secrets/(suites|traces)"

# What looks at the process' own memory.
own_heap='free_memory|secrets/remains'

# What reads and writes of one byte show the most of. In the long form all that runs in Lua, but for:
byte_by_byte='call/attempt$|gateway/gateway|webhook/signature'
# programs and builds of their own, and suites that stand before the system themselves;
not_by_bytes='nginx|^(project|testing|command|sandbox)/|starved|promises/(load|memory|calls|misuse)'
not_by_bytes="$not_by_bytes|promises/(secrets|locales|crashes)|containers|versions"
# what is long, or has times that are too short for single bytes;
not_by_bytes="$not_by_bytes|bulk/(bulk|follow|memory)$|call/(retry|undeclared)|options_wire"
not_by_bytes="$not_by_bytes|promises/outbox/[^s]|never_twice/gateway|limits/machine|wire/replies"
# libcurl 7.88's HTTP/2, whose first frames are not sent in parts, and handshakes that are refused:
# OpenSSL's last word, interrupted, is waited for until connect_timeout. Both are told as not sent.
not_by_bytes="$not_by_bytes|http/tls|never_over/http2"

threaded="base/thread limit/announcements limit/rate_limit promises/never_over/windows http/driver
  http/driver_step http/driver_wake http/driver_fault http/engine/wait secret/credentials
  secret/credentials_fork secret/token journal/sync"

# Registers are as they should be at each access, since the guard of maps goes on behind a fault.
# What is lost is looked for in what is told: as an error it would be the status of a child of fork,
# too, which has lost what other threads and its parent have.
valgrind="valgrind -q --fair-sched=yes --vex-iropt-register-updates=allregs-at-mem-access
  --error-exitcode=9 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=none
  --child-silent-after-fork=yes"

under_valgrind() { # command
  status=0
  timeout --foreground -k 10 "$longest" $valgrind "$@" >"$temporary/valgrind" 2>&1 || status=$?
  cat "$temporary/valgrind"
  ! grep -q 'are definitely lost in' "$temporary/valgrind" || status=9
  return "$status"
}

own_nginx=$PWD/build/nginx_without_threads

# Ten minutes of libFuzzer. What it learns is kept for the next time, and so is what it finds.
fuzz() { # target
  learnt=build/fuzz/learnt/$1
  mkdir -p "$learnt"
  echo 1..1
  if "build/fuzz/fuzz/$1" -max_total_time=600 -rss_limit_mb=2048 -timeout=25 -detect_leaks=0 \
    "-artifact_prefix=build/fuzz/$1-" "$learnt" "spec/fuzz/corpus/$1" >"$temporary/fuzz" 2>&1; then
    sed -n 's/^#[0-9]*[[:blank:]]*DONE/# &/p' "$temporary/fuzz"
    echo "ok 1 - $1"
  else
    tail -n 60 "$temporary/fuzz"
    echo "not ok 1 - $1"
  fi
}

# What a suite of a kind is, and in which surroundings it runs.
run() { # kind, name
  case $1 in
    lint | build | fuzz | *C | *threads) ;;
    sanitized*) use_build ./build/asan ;;
    covered*)
      counted=$PWD/build/coverage # from the root: the command runs in other folders, too
      use_build "$counted"
      LUA_PATH="$counted/lua/?.lua;$counted/lua/?/init.lua;$LUA_PATH"
      export SMS_TEST_COMMAND="$counted/bin/sms" # which looks for its modules beside
      export SMS_STEPS="$counted/steps" # for spec/support/branches.lua
      ;;
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
    fuzz) fuzz "$2" ;;
    "Lua 5.4") spec lua5.4 "$2" ;;
    LuaJIT) spec luajit "$2" ;;
    Valkey) SMS_TEST_REDIS=valkey-server && export SMS_TEST_REDIS && spec lua5.4 "$2" ;;
    "without a driver thread")
      steady="env LD_PRELOAD=$PWD/build/preload/no_openssl_threads.so"
      spec luajit "$2"
      ;;
    "byte by byte")
      steady="env LD_PRELOAD=$PWD/build/preload/byte_by_byte.so"
      spec lua5.4 "$2"
      ;;
    "nginx with its own OpenSSL") steady="env SMS_NGINX=$own_nginx/nginx" && spec luajit "$2" ;;
    "covered C") c_test build/coverage "$2" ;;
    "covered, Lua 5.4") spec lua5.4 "$2" ;;
    "covered, LuaJIT") spec luajit "$2" ;;
    "valgrind C")
      program=build/spec/$(echo "$2" | tr / _)_test
      export CMOCKA_MESSAGE_OUTPUT=TAP
      under_valgrind "$program"
      ;;
    "valgrind, Lua 5.4") under_valgrind lua5.4 /usr/bin/busted -o TAP "spec/${2}_spec.lua" ;;
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
    fuzzing) build build/fuzz fuzz -DCMAKE_C_COMPILER=clang -DSMS_TESTS=ON \
      -DSMS_SANITIZE=fuzzer-no-link,address,undefined "$lightly" ;;
    "address, undefined") build build/asan all -DSMS_TESTS=ON -DSMS_SANITIZE=address,undefined \
      -DCMAKE_C_FLAGS=-Werror "$lightly" ;;
    *) return 1 ;;
  esac
}

# Waits for the build that a suite uses, where its queue began with that; whether it is there.
built() { # kind
  case ${awaits_builds:+$1} in
    "sanitized C, threads") name="build: thread" ;;
    sanitized*) name="build: address, undefined" ;;
    fuzz) name="build: fuzzing" ;;
    *) return 0 ;;
  esac
  waited=0
  until grep -q "^. . $name\$" "$totals"; do
    [ "$waited" -lt 3600 ] || return 1
    sleep 1
    waited=$((waited + 1))
  done
  grep -q "^1 0 $name\$" "$totals"
}

# In a process of its own, which shows its report at its end and leaves its count.
one_suite() { # "<kind>: <name>"
  kind=${1%%: *}
  built "$kind" || { # where that failed, it has been counted; else this is lost
    ! grep -q "^0 1 build: " "$totals" || echo "0 0 $1" >>"$totals"
    return 0
  }
  unset awaits_builds # of what is run in it
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
  of LuaJIT "$(spec_names -v "$own_heap|$once|$not_again")" # it has a heap of its own
  ! command -v valkey-server >/dev/null ||
    of Valkey "$(spec_names 'redis|outbox' | grep -vE "nginx|$not_valkey")"
  of "without a driver thread" "$(spec_names 'nginx|/(loop|hooks|gateway)$' |
    grep -vE "$not_threadless")"
  of "byte by byte" "$(spec_names "$byte_by_byte" | grep -vE "$not_by_bytes")"
  if [ -n "${SMS_TEST_LONG:-}" ] && [ -x "$own_nginx/nginx" ]; then
    of "nginx with its own OpenSSL" "$(spec_names nginx)"
  fi
}

sanitized_suites() {
  # A child of a process with threads may find the sanitizer's allocator locked for ever.
  of "sanitized C" "$(echo "$all" | grep -v driver_fork)"
  of "sanitized C, threads" "$threaded"
  paced='deadline|never_twice|promises/outbox|redis_processes|limits/machine|bulk/memory'
  paced="$paced|$own_heap|project/release/(ways|openresty)|promises/(starved|load)" # not a sanitizer's
  # What is slow takes minutes with them.
  of "sanitized, Lua 5.4" "$(spec_names -v "nginx|/rocks?\$|$paced|$not_sanitized")"
  of "sanitized, LuaJIT" "$(spec_names nginx | grep -vE "$not_sanitized")"
  [ -z "${SMS_TEST_LONG:-}" ] || of fuzz "$(echo "$all" | sed -n 's|^fuzz/||p')"
}

# Under valgrind: the rooms that do not count on time, in their long form alone.
valgrind_suites() {
  # There threads take turns: 500 forks beside one that never rests take hours.
  of "valgrind C" "$(echo "$all" | grep -E '^(base|text|secret|journal|limit)/' |
    grep -v credentials_fork)"
  of "valgrind, Lua 5.4" "$(spec_names '^(base|schema|wire|providers|text)/')"
}

longest_first() { # lines of "<kind>: <name>"
  others=$1
  for name in $early; do
    echo "$others" | grep -E "$name" || :
    others=$(echo "$others" | grep -vE "$name") || :
  done
  echo "$others"
}

unhurried() { # lines of "<kind>: <name>": those that need not wake in time
  longest_first "$(echo "$1" | grep -vE "$waits|$timed")"
}

waiting() {
  longest_first "$(echo "$1" | grep -E "$waits")"
}

keeping_time() {
  longest_first "$(echo "$1" | grep -vE "$waits" | grep -E "$timed")"
}

test_all() { # --long?
  not_again='^$' not_valkey='command/' not_sanitized='^$' not_threadless='^$'
  case $* in
    --long)
      longest=3600 side_by_side=5 && export SMS_TEST_LONG=1 # some of these take all of an hour
      byte_by_byte=.
      builds="$builds
build: fuzzing"
      ;;
    *)
      # On two cores fewer leave these idle, since suites wait for half of their time, or longer.
      longest=600 side_by_side=8
      not_again=$again not_valkey='command/|promises/outbox' not_threadless=$either_way
      not_sanitized="soak|schema/writer|promises/locales|$on_top"
      ;;
  esac
  check "build" build_quietly build all -DSMS_TESTS=ON
  [ "$failed" = 0 ] || { total; return 1; }
  all=$(ctest --test-dir build -N | sed -n 's/^ *Test *#[0-9]*: //p')
  [ -z "${SMS_TEST_LONG:-}" ] || queue 1 "build: nginx and its own OpenSSL"
  plain=$(plain_suites) sanitized=$(sanitized_suites)
  parts=$(lint_parts)
  if [ -n "${SMS_TEST_LONG:-}" ]; then
    sanitized="$sanitized
$(valgrind_suites)"
  else
    parts=$(echo "$parts" | grep -v analyzer) # as long as all others
  fi
  both="$plain
$sanitized"
  awaits_builds=yes && export awaits_builds
  queue "$side_by_side" "$(echo "$builds"; unhurried "$parts
$plain"; unhurried "$sanitized")"
  ! grep -q '^0 1 build' "$totals" || { total; return 1; }
  unset awaits_builds
  queue 6 "$(waiting "$both")"
  queue 2 "$(keeping_time "$both")"
  total
}
