# A release: tarball, rockspec, source rock and checksums. A part of ./dev.

help_for_release() {
  cat <<'END'
usage: ./dev release

Makes, in build/release/, of the version that CMakeLists.txt names: the tarball, the rockspec, the
source rock and SHA256SUMS. It refuses where something is not committed, where CHANGELOG.md has no
heading of the version with its day, and where spec/kept/ has no files of it.

The same tree gives the same bytes. Where it may be found is nowhere in the tree; of these variables
what is not set is left out:

  SMS_HOMEPAGE       address of the homepage
  SMS_ISSUES         address where faults are told
  SMS_SECURITY       mail or web address where what concerns security is told: ends up in SECURITY.md
  SOURCE_DATE_EPOCH  time of all files, seconds since 1970; otherwise the version's day
END
}

version_of_tree() { # its parts, put together with the second between them
  sed -n 's/^project(lua-sms VERSION \([0-9.]*\) .*/\1/p' CMakeLists.txt | tr -d '\n'
  suffix=$(sed -n 's/^set(SMS_VERSION_SUFFIX "\(.*\)").*/\1/p' CMakeLists.txt)
  [ -z "$suffix" ] || printf '%s%s' "$1" "$suffix"
}

day_of() { # version: the day its heading in the changelog names
  dotless=$(echo "$1" | sed 's/\./\\./g')
  sed -n "s/^## \[$dotless\] - \(20[0-9][0-9]-[01][0-9]-[0-3][0-9]\)\$/\1/p" CHANGELOG.md
}

is_address() { # text, "mail" where that counts, too
  kinds='https?://'
  [ -z "$2" ] || kinds='https?://|[A-Za-z0-9._+-]+@[A-Za-z0-9-]+\.'
  printf '%s\n' "$1" | grep -qxE "($kinds)[A-Za-z0-9._~:/?#@=&%+,;-]+"
}

check_addresses() {
  for name in SMS_HOMEPAGE SMS_ISSUES SMS_SECURITY; do
    eval "value=\${$name:-}"
    kind=
    [ "$name" != SMS_SECURITY ] || kind=mail
    [ -z "$value" ] || is_address "$value" "$kind" || give_up 2 "$name is no address: $value"
  done
}

# What keeps this tree from being a release, a line each.
release_problems() { # version
  [ -n "$(day_of "$1")" ] || echo "CHANGELOG.md has no heading '## [$1] - YYYY-MM-DD'"
  [ -d "spec/kept/$1" ] && grep -qF "[\"$1\"]" spec/kept/versions.lua ||
    echo "spec/kept/ has no files of $1: lua5.4 spec/kept/make.lua $1"
  if [ -e .git ] && [ -n "$(git status --porcelain 2>&1)" ]; then
    echo "something is not committed: git status"
  fi
}

has_unreleased() { # whether the changelog has changes that it gives to no version yet
  sed '1,/^## \[Unreleased\]/d; /^## \[/,$d' CHANGELOG.md | grep -q '^- '
}

# All files of the tree, of git where it is a checkout, else those of an unpacked tarball.
source_files() {
  if [ -e .git ]; then
    git ls-files -z --cached --others --exclude-standard
  else
    find . \( -path ./build -o -path ./build.luarocks -o -name '*.rock' \) -prune \
      -o \( -type f -o -type l \) -print0
  fi
}

set_epoch() { # version
  day=$(day_of "$1")
  [ -n "${SOURCE_DATE_EPOCH:-}" ] || SOURCE_DATE_EPOCH=$(date -u -d "${day:-today 0:00}" +%s)
  case $SOURCE_DATE_EPOCH in
    '' | *[!0-9]*) give_up 2 "SOURCE_DATE_EPOCH is no time: $SOURCE_DATE_EPOCH" ;;
  esac
  export SOURCE_DATE_EPOCH
}

# The tree as it is released, in $temporary/<name>.
stage() { # name of its folder
  rm -rf "${temporary:?}/$1"
  mkdir "$temporary/$1"
  source_files | tar --create --null --no-recursion --files-from=- --ignore-failed-read |
    tar --extract --no-same-owner -C "$temporary/$1"
  [ -z "${SMS_SECURITY:-}" ] || {
    [ -s SECURITY.md ] || echo "# Security"
    printf '\n## Reporting\n\nWhat concerns security is told here: <%s>.\n' "$SMS_SECURITY"
  } >>"$temporary/$1/SECURITY.md"
}

make_tarball() { # name of the folder in it, where to
  stage "$1"
  tar --create --format=ustar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 \
    --numeric-owner --mode=u=rwX,go=rX -C "$temporary" "$1" | gzip -9 -n >"$2"
  rm -rf "${temporary:?}/$1"
}

make_rockspec() { # version: on standard output
  VERSION=$1 awk '
    /^version = / { $0 = "version = \"" ENVIRON["VERSION"] "-1\"" }
    /^source = / {
      name = "lua-sms-" ENVIRON["VERSION"]
      $0 = "source = { url = \"file://" name ".tar.gz\", dir = \"" name "\" }"
    }
    { print }
    /^  license = / {
      if (ENVIRON["SMS_HOMEPAGE"]) print "  homepage = \"" ENVIRON["SMS_HOMEPAGE"] "\","
      if (ENVIRON["SMS_ISSUES"]) print "  issues_url = \"" ENVIRON["SMS_ISSUES"] "\","
    }' lua-sms-scm-1.rockspec
}

# An archive of both, as LuaRocks itself packs it, but with the times of the release.
make_source_rock() { # rockspec, tarball, rock; in the folder of all three
  chmod 644 "$1" "$2"
  touch -d "@$SOURCE_DATE_EPOCH" "$1" "$2"
  TZ=UTC zip -q -X -D "$3" "$1" "$2"
}

release() {
  version=$(version_of_tree "")
  problems=$(release_problems "$version")
  [ -z "$problems" ] || give_up 1 "$version cannot be released yet:
$problems"
  set_epoch "$version"
  name=lua-sms-$version
  made=build/release
  rm -rf "$made"
  mkdir "$made"
  make_tarball "$name" "$made/$name.tar.gz"
  make_rockspec "$version" >"$made/$name-1.rockspec"
  (
    cd "$made"
    make_source_rock "$name-1.rockspec" "$name.tar.gz" "$name-1.src.rock"
    sha256sum "$name-1.rockspec" "$name-1.src.rock" "$name.tar.gz" >SHA256SUMS
  )
  echo "$version, in $made:"
  cat "$made/SHA256SUMS"
  ! has_unreleased || echo "dev: what CHANGELOG.md has under [Unreleased] is in them, too" >&2
}
