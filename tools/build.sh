# Builds. A part of ./dev.

build() { # folder, targets, cmake's options
  folder=$1 targets=$2
  shift 2
  cmake -S . -B "$folder" -DCMAKE_EXPORT_COMPILE_COMMANDS=ON "$@" >"$temporary/build" &&
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
