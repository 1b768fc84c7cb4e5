# What a command needs, and how that is installed. A part of ./dev.

# Where releases differ, `this|that`: the first of them that the system knows. What has the choice
# of `none` is done without where the release has it no more.
for_build="cmake make gcc libc6-dev pkg-config liblua5.4-dev libluajit2-5.1-dev|libluajit-5.1-dev
  libcurl4-openssl-dev libssl-dev"
for_lua="lua5.4 luajit2|luajit lua-cjson lua-argparse"
for_sandbox="nginx libnginx-mod-http-lua openssl"
for_lint="clang clang-format clang-tidy cppcheck lua-check"
for_c_tests="libcmocka-dev"
for_test="lua-busted lua-socket luarocks redis-server lua-nginx-redis
  lua-redis lua-cqueues lua-luv ca-certificates valkey-server|redis-server git
  musl-tools e2fsprogs mount locales tmux curl zip tinyproxy"
for_long="valgrind dpkg-dev perl libpcre3-dev|none libpcre2-dev zlib1g-dev debootstrap
  debian-archive-keyring systemd logrotate prometheus chromium chromium-driver
  libclang-rt-dev" # beside them
for_release="git zip"
for_deb="build-essential debhelper lintian cmake pkgconf lua5.4 liblua5.4-dev
  liblua5.1-0-dev libcurl4-openssl-dev libssl-dev" # Build-Depends of packaging/debian/control
for_bench="nginx libnginx-mod-http-lua openssl valgrind curl wrk lua-curl|none lua-socket lua-sec
  lua-http git redis-server redis-tools lua-nginx-redis"

missing() { # packages
  for package; do
    dpkg-query -W -f='${db:Status-Status}\n' $(echo "$package" | tr '|' ' ') 2>/dev/null |
      grep -qx installed || printf ' %s' "$package"
  done
}

# Of names that differ, the first that is known, or else the last.
choose() { # packages
  for names; do
    rest=$names
    while :; do
      name=${rest%%"|"*}
      [ "$name" != "$rest" ] || break
      [ -z "$(apt-cache show "$name" 2>/dev/null)" ] || break
      rest=${rest#*"|"}
    done
    [ "$name" = none ] || printf ' %s' "$name"
  done
}

# Run by root. Servers that come in only for the sandbox or the tests must not start by themselves,
# neither now (policy-rc.d; where there is one, its owner has decided) nor from the next boot on.
# Standard output is apt's account of how far it is.
install='
  set -eu
  exec 3>&1 1>&2
  policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ] && [ ! -L $policy ]; then
    trap "rm -f $policy" EXIT
    trap "exit 130" INT
    trap "exit 143" TERM HUP
    printf "#!/bin/sh\nexit 101\n" >$policy
    chmod 755 $policy
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qy -o APT::Status-Fd=3 --no-install-recommends --no-remove install "$@" </dev/null
  for server in nginx redis-server valkey-server prometheus prometheus-node-exporter; do
    case " $* " in
      *" $server "*) update-rc.d "$server" disable || : ;;
    esac
  done
'

apt_would() { # options and packages
  LC_ALL=C apt-get -qq -o Debug::NoLocking=1 --no-install-recommends --no-remove "$@" \
    2>"$temporary/log"
}

megabytes() { # bytes, from standard input, one number a line
  awk '{ bytes += $1 } END { if (bytes < 1e6) print "less than 1 MB"; else printf "%.0f MB", bytes / 1e6 }'
}

# What is to be installed and how much that is, in words; fails where apt would.
announcement() { # packages
  apt_would --simulate install "$@" >"$temporary/plan" &&
    apt_would --print-uris install "$@" >"$temporary/uris" || return 1
  sed -n 's/^Inst \([^ ]*\) [^(]*(\([^ ]*\) .*/\1=\2/p' "$temporary/plan" >"$temporary/all"
  more=$(($(wc -l <"$temporary/all") - $#))
  download=$(awk '{ print $3 }' "$temporary/uris" | megabytes)
  disk=$(xargs -r apt-cache show <"$temporary/all" 2>/dev/null |
    awk '/^Installed-Size: / { print $2 * 1024 }' | megabytes)
  words="$# packages"
  [ $# != 1 ] || words="1 package"
  [ "$more" -le 0 ] || words="$words, and $more that they need"
  echo "$words: $download to download, $disk on disk"
}

# How far apt is: one line on a terminal, otherwise one for each quarter.
show_progress() { # its account comes from standard input
  trap '' PIPE # whoever does not want to know any more: apt must not be stopped halfway
  shown=
  while IFS=: read -r kind rest; do
    case $kind in
      dlstatus) doing="downloading" rest=${rest#*:} ;;
      pmstatus) doing="installing" ;;
      *) continue ;;
    esac
    while :; do # what stands before the percents, a package, may have a colon in it
      percent=${rest%%:*}
      case $percent in
        '' | *[!0-9.]*) ;;
        *) break ;;
      esac
      [ "$rest" != "${rest#*:}" ] || continue 2
      rest=${rest#*:}
    done
    percent=${percent%%.*} what=${rest#*:}
    if [ -t 1 ]; then
      printf '\r\033[K  %s: %3d %%  %.50s' "$doing" "$percent" "$what"
    elif [ "$shown" != "$doing $((percent / 25))" ]; then
      shown="$doing $((percent / 25))"
      printf '  %s: %d %%\n' "$doing" "$((percent / 25 * 25))"
    fi 2>/dev/null || :
  done
  [ ! -t 1 ] || printf '\r\033[K'
}

give_up_with_log() { # message: apt's last words, and what they are about
  tail -n 20 "$temporary/log" >&2
  give_up 2 "$1"
}

# Where this may not install: what root would have to. Without apt's lists nobody knows by which
# names this release has it.
leave_it_to_root() { # packages
  for package; do
    [ -n "$(apt-cache show "$package" 2>/dev/null)" ] ||
      give_up 2 "packages are missing, and apt has no lists of them yet; as root:
apt-get update
After that the same command again says what to install."
  done
  words=$(announcement "$@") || words="$# packages"
  give_up 2 "packages are missing, $words; as root:
apt-get install --no-install-recommends $*"
}

need() { # packages
  command -v apt-get >/dev/null || give_up 2 "this needs Debian or Ubuntu"
  packages=$(missing "$@")
  [ -n "$packages" ] || return 0
  as_root=
  [ "$(id -u)" = 0 ] || as_root="sudo -n"
  if ! $as_root true 2>/dev/null; then
    set -- $(choose $packages)
    [ $# = 0 ] || leave_it_to_root "$@"
    return 0
  fi
  echo "packages are missing; reading apt's lists"
  $as_root apt-get -q update >"$temporary/log" 2>&1 </dev/null ||
    echo "going on with the package lists there are"
  set -- $(choose $packages)
  [ $# != 0 ] || return 0
  words=$(announcement "$@") || give_up_with_log "apt cannot install $*"
  echo "installing $words"
  echo "$*" | fold -s -w 76 | sed 's/^/  /'
  {
    $as_root sh -c "$install" install "$@" 2>"$temporary/log" || echo "$?" >"$temporary/failed"
  } | show_progress
  [ ! -e "$temporary/failed" ] || give_up_with_log "could not install $*"
}

# The official SDK for Node, which only npm has, below build/: what is measured without it is
# measured all the same.
need_node_sdk() {
  sdk=build/bench/node
  [ ! -d "$sdk/node_modules/@vonage/sms" ] || return 0
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo "without the SDK for Node: there is no npm"
    return 0
  fi
  echo "installing @vonage/sms"
  mkdir -p "$sdk"
  npm install --prefix "$sdk" --no-save --ignore-scripts --no-audit --no-fund @vonage/sms \
    >"$temporary/log" 2>&1 || {
    rm -rf "$sdk"
    echo "without the SDK for Node: npm could not install it"
  }
}
