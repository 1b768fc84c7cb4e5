# Other machines: just booted, or busy. A part of ./dev.

# Clocks that count from a boot 10 s ago, and a /dev/shm without anything of times before.
as_if_just_booted() { # command of ./dev
  back=$(awk '{ print int($1) - 10 }' /proc/uptime)
  [ "$back" -gt 0 ] || back=0
  attended unshare --time --monotonic "-$back" --boottime "-$back" --fork --kill-child \
    --mount --propagation private \
    sh -c 'mount -t tmpfs -o mode=1777 tmpfs /dev/shm; "$@"; exit $?' booted ./dev "$@"
}

# Loops that end with this shell, whatever becomes of it.
keep_busy() {
  loops=
  for core in $(seq "$(nproc)"); do
    sh -c 'while kill -0 "$1"; do
        turns=0
        while [ $turns -lt 1000000 ]; do turns=$((turns + 1)); done
      done' busy $$ 2>/dev/null &
    loops="$loops $!"
  done
}
