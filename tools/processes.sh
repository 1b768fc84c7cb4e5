# Processes that ./dev starts, and their end. A part of ./dev.

# Runs a command as a child that no signal has to wait for; its status.
attended() { # command
  { "$@" <&3 3<&- & } 3<&0 # its input is ours
  running=$!
  ended=0
  wait "$running" || ended=$?
  running=
  return "$ended"
}

# All that is started from now on has this in its environment, wherever it goes and whosever child
# it becomes.
mark_processes() {
  mark="SMS_DEV_$$=$temporary"
  export "${mark?}"
}

descendants() { # process id
  for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
    echo "$child"
    descendants "$child"
  done
}

own_processes() {
  {
    descendants $$
    grep -lsazxF "$mark" /proc/[0-9]*/environ | tr -dc '0-9\n'
  } | sort -nu | grep -vx $$
}

lives() { # process id
  read -r stat <"/proc/$1/stat" || return 1
  case ${stat##*) } in
    [ZX]*) return 1 ;;
  esac
} 2>/dev/null

# Ends them all. What they start to tidy up has a second for it; after five all are killed.
end_own_processes() {
  told=" " looks=0
  while [ "$looks" -lt 60 ]; do
    left=
    for one in $(own_processes); do
      lives "$one" || continue
      left=yes
      case $told in
        *" $one "*) [ "$looks" -lt 50 ] || kill -KILL "$one" 2>/dev/null || : ;;
        *)
          [ "$((looks % 10))" = 0 ] || continue
          kill "$one" 2>/dev/null || :
          told="$told$one "
          ;;
      esac
    done
    [ -n "$left" ] || return 0
    looks=$((looks + 1))
    sleep 0.1
  done
}
