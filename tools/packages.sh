# What a command needs, and how that is installed. A part of ./dev.

# Where releases differ, `this|that`: the first of them that the system knows. What has the choice
# of `none` is done without where the release has it no more.
for_build="cmake make gcc libc6-dev pkg-config liblua5.4-dev libluajit2-5.1-dev|libluajit-5.1-dev
  libcurl4-openssl-dev libssl-dev"
for_lua="lua5.4 luajit2|luajit lua-cjson lua-argparse"
for_sandbox="nginx libnginx-mod-http-lua openssl"
for_lint="clang-format clang-tidy cppcheck lua-check"
for_test="libcmocka-dev lua-busted lua-socket luarocks redis-server lua-nginx-redis
  lua-redis lua-cqueues lua-luv ca-certificates valkey-server|redis-server git
  musl-tools e2fsprogs mount locales tmux"
for_long="dpkg-dev perl libpcre3-dev|none libpcre2-dev zlib1g-dev" # beside that of the tests
for_bench="nginx libnginx-mod-http-lua openssl valgrind curl wrk lua-curl|none lua-socket lua-sec
  lua-http git"

# Of names that differ, the first that is known, or else the last.
choose='
  choose() {
    for names; do
      rest=$names
      while :; do
        name=${rest%%"|"*}
        [ "$name" != "$rest" ] || break
        [ -z "$(apt-cache show "$name" 2>/dev/null)" ] || break
        rest=${rest#*"|"}
      done
      [ "$name" = none ] || echo "$name"
    done
  }
'

# Run by root. Servers that come in only for the sandbox or the tests must not start by themselves,
# neither now (policy-rc.d; where there is one, its owner has decided) nor from the next boot on.
install='
  set -eu
  policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ] && [ ! -L $policy ]; then
    trap "rm -f $policy" EXIT
    trap "exit 130" INT
    trap "exit 143" TERM HUP
    printf "#!/bin/sh\nexit 101\n" >$policy
    chmod 755 $policy
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get -q update || echo "going on with the package lists there are"
  set -- $(choose "$@")
  [ $# != 0 ] || exit 0
  apt-get -qy --no-install-recommends --no-remove install "$@"
  for server in nginx redis-server valkey-server; do
    case " $* " in
      *" $server "*) update-rc.d "$server" disable || : ;;
    esac
  done
'

missing() { # packages
  for package; do
    dpkg-query -W -f='${db:Status-Status}\n' $(echo "$package" | tr '|' ' ') 2>/dev/null |
      grep -qx installed || printf ' %s' "$package"
  done
}

need() { # packages
  command -v apt-get >/dev/null || give_up 2 "this needs Debian or Ubuntu"
  packages=$(missing "$@")
  [ -n "$packages" ] || return 0
  as_root=
  if [ "$(id -u)" != 0 ]; then
    as_root="sudo -n"
    $as_root true 2>/dev/null || {
      packages=$(eval "$choose"; choose $packages | xargs)
      [ -n "$packages" ] || return 0
      give_up 2 "packages are missing; as root:
apt-get install --no-install-recommends $packages"
    }
  fi
  echo "installing$packages"
  $as_root sh -c "$choose$install" install $packages >"$temporary/log" 2>&1 || {
    cat "$temporary/log" >&2
    give_up 2 "could not install$packages"
  }
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
