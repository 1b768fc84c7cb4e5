# Debian packages, with Debian's own tools. A part of ./dev.

# The first of what names whoever builds: Debian's tools know these variables, too.
maintainer() {
  name=${DEBFULLNAME:-lua-sms contributors}
  echo "$name <${DEBEMAIL:-lua-sms@packages.invalid}>"
}

# The folder debian/ of a source: version, day and who builds are nowhere in the tree.
make_debian_folder() { # source, version, Debian's version
  cp -r packaging/debian "$1/debian"
  MAINTAINER=$(maintainer)
  export MAINTAINER
  awk '
    /^Maintainer: / { $0 = "Maintainer: " ENVIRON["MAINTAINER"] }
    { print }
    /^Rules-Requires-Root: / && ENVIRON["SMS_HOMEPAGE"] { print "Homepage: " ENVIRON["SMS_HOMEPAGE"] }
    ' packaging/debian/control >"$1/debian/control"
  cat >"$1/debian/changelog" <<END
lua-sms ($3) unstable; urgency=medium

  * Version $2: CHANGELOG.md has what changed.

 -- $MAINTAINER  $(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")
END
}

deb() {
  version=$(version_of_tree "")
  debian=$(version_of_tree "~")
  set_epoch "$version"
  made=build/deb
  source=$made/lua-sms-$version
  rm -rf "$made"
  mkdir "$made"
  make_tarball "lua-sms-$version" "$made/lua-sms_$debian.orig.tar.gz"
  tar -xzf "$made/lua-sms_$debian.orig.tar.gz" -C "$made"
  make_debian_folder "$source" "$version" "$debian-1"
  (
    cd "$source"
    unset LUA_PATH LUA_CPATH LUA_CPATH_5_4 LUA_INIT LUA_INIT_5_4
    dpkg-buildpackage -us -uc -j"$at_once"
  ) >"$made/log" 2>&1 </dev/null || {
    tail -n 40 "$made/log" >&2
    give_up 1 "the packages could not be built: $made/log"
  }
  rm -rf "$source"
  as_root=
  [ "$(id -u)" != 0 ] || as_root=--allow-root
  lintian $as_root --fail-on error "$made"/*.changes || give_up 1 "lintian finds errors"
  echo "$debian-1, in $made:"
  ls "$made" | grep '\.deb$'
}
