# Style and the common mistakes. A part of ./dev.

# Clang's own warnings are among them. Some are known to newer releases only.
tidy_checks="-*,bugprone-*,clang-diagnostic-*\
,-bugprone-assignment-in-if-condition,-bugprone-easily-swappable-parameters\
,-bugprone-casting-through-void,-bugprone-multi-level-implicit-pointer-conversion\
,-bugprone-not-null-terminated-result,-bugprone-reserved-identifier"
# These go through what a function may do, which takes most of the time.
analyzer_checks="-*,clang-analyzer-*\
,-clang-analyzer-optin.core.EnumCastOutOfRange,-clang-analyzer-unix.BlockInCriticalSection\
,-clang-analyzer-security.insecureAPI.*"

folders() { # those of the given ones that exist
  for folder; do
    [ ! -d "$folder" ] || echo "$folder"
  done
}

files() { # name pattern, folders
  pattern=$1
  shift
  find $(folders "$@") -name "$pattern" -type f
}

compiles() { # interpreter, files
  interpreter=$1
  shift
  "$interpreter" -e '
    local good = true
    for i = 1, #arg do
      local chunk, message = loadfile(arg[i])
      if not chunk then print(message) end
      good = good and chunk
    end
    os.exit(good and 0 or 1)' /dev/null "$@"
}

# What no build for this machine compiles has no command, and is not looked at.
tidy() { # checks, folders
  checks=$1
  shift
  mkdir -p "$temporary/tidied"
  lua5.4 tools/tidy_commands.lua build/compile_commands.json \
    >"$temporary/tidied/compile_commands.json" || return 1
  lua5.4 tools/tidy_commands.lua --files build/compile_commands.json "$@" | xargs -P "$at_once" -n 1 \
    clang-tidy -p "$temporary/tidied" --quiet --warnings-as-errors='*' --checks="$checks" \
    >"$temporary/tidy" 2>&1 && return
  grep -v 'warnings* generated\.$' "$temporary/tidy"
  return 1
}

no_stray_blanks() { # files
  ! grep -nE "$(printf '\t| $')" "$@"
}

shell_scripts() {
  echo tools/*.sh
  grep -lE '^#!/bin/sh' dev .ci/* $(files '*' sandbox demo bench spec examples)
}

parse_shell() {
  for script in $(shell_scripts); do
    sh -n "$script" || return 1
  done
}

lint_parts() {
  cat <<'END'
lint: clang-tidy
lint: clang
lint: clang-analyzer
lint: cppcheck
lint: luacheck
lint: clang-format
lint: compiles in Lua 5.4
lint: compiles in LuaJIT
lint: references
lint: stray blanks
lint: shell
END
}

lint() { # part
  code="lua spec sandbox examples bench demo docs tools" here=$(pwd -P)
  case $1 in
    clang) build build/clang all -DSMS_TESTS=ON -DCMAKE_C_COMPILER=clang -DCMAKE_C_FLAGS=-Werror ;;
    clang-tidy) tidy "$tidy_checks" "$here/src" "$here/spec" ;;
    clang-analyzer) tidy "$analyzer_checks" "$here/src" ;;
    cppcheck) cppcheck --quiet --std=c99 --error-exitcode=1 --inline-suppr \
      --enable=warning,performance,portability --suppress=normalCheckLevelMaxBranches \
      --suppress='nullPointerOutOfMemory:spec/*' --suppress='ctunullpointerOutOfMemory:spec/*' \
      --suppress='nullPointerOutOfResources:spec/*' \
      --suppress='nullPointerArithmeticOutOfMemory:spec/*' -j "$at_once" -I src src spec ;;
    luacheck) luacheck --quiet --no-color $(folders $code) bin/sms ;;
    clang-format) clang-format --dry-run -Werror $(files '*.[ch]' src spec bench) ;;
    "compiles in Lua 5.4") compiles lua5.4 bin/sms $(files '*.lua' $code) ;;
    "compiles in LuaJIT") compiles luajit bin/sms $(files '*.lua' $code) ;;
    references) lua5.4 tools/references.lua ;;
    "stray blanks") no_stray_blanks bin/sms CMakeLists.txt src/CMakeLists.txt spec/CMakeLists.txt \
      $(files '*' src $code | grep -E '\.(c|h|lua)$') $(shell_scripts) ;;
    shell) parse_shell ;;
    *) return 1 ;;
  esac
}
