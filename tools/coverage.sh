# How much of the code the tests execute. A part of ./dev.

# Those of ./dev test that show it, each once: what has no Lua but LuaJIT in that, for its lines.
covered_suites() {
  of "covered C" "$(ctest --test-dir build/coverage -N | sed -n 's/^ *Test *#[0-9]*: //p')"
  # What looks at pages and programs, does not; nor what measures memory and pace, which a hook for
  # each line changes, and long loops, which take minutes with one; nor hosts without a disk or
  # room on it, where nobody can count.
  others="^(project|sandbox)/|(bulk/|tls_)memory|secrets/remains|soak"
  others="$others|promises/(load|outbox|starved)|redis_processes|locales"
  others="$others|never_twice/(budget|cut|duplicates|gateway|lost|trust)"
  others="$others|schema/writer|whole/command"
  of "covered, Lua 5.4" "$(spec_names -v "$others|nginx")"
  of "covered, LuaJIT" "$(spec_names nginx | grep -vE "$others")"
}

coverage() {
  longest=300
  check "build" build build/coverage all -DSMS_TESTS=ON -DCMAKE_BUILD_TYPE=Debug \
    -DCMAKE_C_FLAGS="--coverage -fprofile-update=atomic -O0"
  [ "$failed" = 0 ] || { total; return 1; }
  # Where there is a file, children that have become another user can write to it, too.
  find build/coverage -name '*.gcno' | sed 's/gcno$/gcda/' | while read -r counts; do
    : >"$counts"
    chmod 666 "$counts"
  done
  LUA_PATH='./?.lua;;' lua5.4 tools/coverage.lua prepare build/coverage
  suites=$(covered_suites)
  queue 4 "$(unhurried "$suites")"
  queue 8 "$(waiting "$suites")"
  queue 2 "$(keeping_time "$suites")"
  LUA_PATH='./?.lua;;' lua5.4 tools/coverage.lua report build/coverage || failed=$((failed + 1))
  total
}
