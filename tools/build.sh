# Builds. A part of ./dev.

# Where CMake's notes in a folder are of a checkout elsewhere: says so. CMake itself would refuse
# them, or build that one.
is_of_elsewhere() { # build folder
  made_for=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$1/CMakeCache.txt" 2>/dev/null)
  [ -n "$made_for" ] || return 1
  [ "$(cd "$made_for" 2>/dev/null && pwd -P)" != "$(pwd -P)" ] || return 1
  echo "$1/ was built for the checkout in $made_for, and has been copied or moved from there;
remove it, since all in it is made anew: rm -rf '$(pwd -P)/$1'"
}

# A sentence where nothing can be built here, before anything is installed for it.
need_build_folder() {
  words=$(is_of_elsewhere build) && give_up 1 "$words"
  { mkdir -p build && probe=$(mktemp build/probe.XXXXXX); } 2>/dev/null && {
    room=
    head -c 16777216 /dev/zero >"$probe" 2>/dev/null && room=yes
    rm "$probe"
    [ -z "$room" ] || return 0
    give_up 1 "no room in $(pwd -P)/build, where all is built: it takes 16 MB, and the tests more"
  }
  owner=$(stat -c %U build 2>/dev/null || stat -c %U .)
  why="it is read-only"
  [ "$(id -u)" = 0 ] || [ "$owner" = "$(id -un)" ] || why="it belongs to $owner"
  give_up 1 "cannot write in $(pwd -P)/build, where all is built: $why.
A copy of yours will do: cp -r '$(pwd -P)' ~/lua-sms && rm -rf ~/lua-sms/build && cd ~/lua-sms"
}

configure() { # folder, cmake's options
  ! is_of_elsewhere "$1" || return 1
  cmake -S . -B "$@" -DCMAKE_EXPORT_COMPILE_COMMANDS=ON >"$temporary/build" && return
  cat "$temporary/build"
  return 1
}

build() { # folder, targets, cmake's options
  folder=$1 targets=$2
  shift 2
  configure "$folder" "$@" || return 1
  cmake --build "$folder" -j "$at_once" --target $targets >>"$temporary/build" 2>&1 || {
    cat "$temporary/build"
    return 1
  }
}

# The same without a warning; what warns is built anew the next time.
build_quietly() { # as above
  build "$@" || return 1
  ! grep -A 5 'warning: ' "$temporary/build" || {
    cmake --build "$1" --target clean
    return 1
  }
}

use_build() { # folder: the environment of a Lua program that uses the module built there
  unset LUA_INIT LUA_INIT_5_4 LUA_PATH_5_4
  export LUA_PATH="./lua/?.lua;./lua/?/init.lua;./?.lua;;"
  export LUA_CPATH_5_4="$1/5.4/?.so;;" LUA_CPATH="$1/luajit/?.so;;"
}

# What another commit's programs need, below build/.
need_commit() { # commit
  BESIDE=$PWD/build/beside/$1
  export BESIDE
  [ -e "$BESIDE/dev" ] || {
    mkdir -p "$BESIDE"
    git archive "$1" | tar -x -C "$BESIDE"
  }
  (cd "$BESIDE" && build build all -DSMS_TESTS=OFF)
}
