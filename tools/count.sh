# Ways to run checks and to count them. A part of ./dev.

passed=0 failed=0

count() { # name, seconds, passed, failed, skipped
  passed=$((passed + $3)) failed=$((failed + $4))
  printf '%-48s %4d s %4d passed %3d failed' "$1" "$2" "$3" "$4"
  [ "${5:-0}" = 0 ] || printf ' %3d skipped' "$5"
  echo
}

show() { # file: what failed, set off from the counts
  sed 's/^/    /' "$1"
}

# One check: passed if the command ends well.
check() { # name, command
  name=$1 began=$(date +%s)
  shift
  if attended "$@" >"$temporary/log" 2>&1 </dev/null; then
    count "$name" $(($(date +%s) - began)) 1 0
  else
    count "$name" $(($(date +%s) - began)) 0 1
    show "$temporary/log"
  fi
}

# Many checks, which the command tells as TAP. What it lost by a crash, by a count that does not
# agree with its plan, or by checking nothing counts as one failure more.
suite() { # name, command
  name=$1 began=$(date +%s) status=0
  shift
  attended "$@" >"$temporary/log" 2>&1 </dev/null || status=$?
  if grep -q 'Tracer caught signal' "$temporary/log"; then # LeakSanitizer's own end: it saw nothing
    status=0
    attended "$@" >"$temporary/log" 2>&1 </dev/null || status=$?
  fi
  awk -v status="$status" '
    /^1\.\.[0-9]+$/ { planned += substr($0, 4); next }
    /^(not )?ok [0-9]+.*# SKIP/ { skipped++; print; next }
    /^ok [0-9]/ { passed++; next }
    /^not ok [0-9]/ { failed++ }
    { print }
    END {
      done = passed + failed + skipped
      if (done != planned || done == 0 || status && !failed) {
        failed++
        print "ended with status " status " after " done " checks of " planned + 0
      }
      print passed + 0, failed + 0, skipped + 0 >counts
    }' counts="$temporary/counts" "$temporary/log" >"$temporary/told"
  read -r good bad left <"$temporary/counts"
  count "$name" $(($(date +%s) - began)) "$good" "$bad" "$left"
  if [ "$bad$left" != 00 ]; then
    show "$temporary/told"
  elif [ -n "${SMS_TEST_LONG:-}" ]; then
    sed -n 's/^# /    &/p' "$temporary/told" # the figures of a long form
  fi
}

total() {
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ]
}

at_once=${at_once:-$(nproc)} # processes of a command
