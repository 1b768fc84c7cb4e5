# Processes that ./dev starts, and their end. A part of ./dev.

# Runs a command as a child that no signal has to wait for; its status.
attended() { # command
  { "$@" <&3 3<&- & } 3<&0 # its input is ours
  ended=0
  wait $! || ended=$?
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

# An nginx writes its title over its environment, and is known by its folder.
own_processes() {
  {
    descendants $$
    grep -lsazxF "$mark" /proc/[0-9]*/environ || :
    grep -lsaE "^nginx: master process .* -p $temporary/" /proc/[0-9]*/cmdline || :
  } | sed 's|^/proc/\([0-9]*\)/.*|\1|' | sort -nu | grep -vx $$
}

lives() { # process id
  read -r stat <"/proc/$1/stat" || return 1
  case ${stat##*) } in
    [ZX]*) return 1 ;;
  esac
} 2>/dev/null

# Ends them all. They are told once a second, since an nginx that is just starting does not hear it;
# and looked for once more when none is left, since what is just starting may be overlooked.
end_own_processes() { # seconds after which they are killed
  looks=0 none=0
  while [ "$looks" -le $(($1 * 10)) ]; do
    signal=
    [ "$((looks % 10))" != 0 ] || signal=TERM
    [ "$looks" -lt $(($1 * 10)) ] || signal=KILL
    none=$((none + 1))
    for one in $(own_processes); do
      lives "$one" || continue
      none=0
      [ -z "$signal" ] || kill -"$signal" "$one" 2>/dev/null || :
    done
    [ "$none" -lt 2 ] || return 0
    looks=$((looks + 1))
    sleep 0.1 || :
  done
}
