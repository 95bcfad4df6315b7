# Sourced by the install.sh scripts: unpacks Debian packages into a private folder and prints its path. Nothing is installed: no package
# database, user, service or file outside of `cache` changes. In this order: begin, download, unpack for each archive, finish.

fail() {
  echo "$0: $1" >&2
  exit 1
}

# begin NAME: sets `root`, the folder to print. If it is there, prints it and exits; else sets `build` and `archives`, to make it in.
# The folder's name changes with everything that decides what is in it.
begin() {
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || fail 'needs apt-get and dpkg-deb (Debian 12 or newer)'
  root=$cache/$1-$(dpkg --print-architecture)-$(cat "$0" "$support/debian-packages.sh" /etc/os-release | cksum | cut -d ' ' -f 1)
  if [ -f "$root/versions" ]; then
    echo "$root"
    exit 0
  fi
  mkdir -p "$cache"
  build=$(mktemp -d "$cache/build.XXXXXX")
  trap 'rm -rf "$build"' EXIT
  trap 'exit 1' HUP INT TERM
  archives=$build/archives
  mkdir -p "$archives/partial" "$build/cache" "$build/lists/partial" "$build/root"
  : >"$build/status"
}

# An empty status file makes apt name all dependencies, whatever the machine has; --download-only changes nothing.
fetch() {
  lists=$1
  shift
  for packages; do
    # shellcheck disable=SC2086 # the names are words, and the option is one or none
    apt-get $lists -qq -y --download-only --no-install-recommends -o Dir::State::status="$build/status" \
      -o Dir::Cache="$build/cache" -o Dir::Cache::archives="$archives" -o APT::Sandbox::User="$(id -un)" \
      -o Debug::NoLocking=1 install $packages >&2 || return 1
  done
}

# download PACKAGES...: each argument is a list of packages that can be together on one machine.
# First with the machine's own package lists; they may be old or missing, then with fresh ones of our own.
download() {
  if ! fetch '' "$@" 2>"$build/first-try"; then
    apt-get -qq update -o Dir::State::lists="$build/lists" -o APT::Sandbox::User="$(id -un)" >&2 || true
    fetch "-o Dir::State::lists=$build/lists" "$@" || {
      cat "$build/first-try" >&2
      fail 'the packages could not be downloaded (see above)'
    }
  fi
}

# unpack ARCHIVE [OPTION...]: into the folder that is made, with further options of tar.
unpack() {
  archive=$1
  shift
  dpkg-deb --fsys-tarfile "$archive" | tar -xC "$build/root" --keep-directory-symlink --exclude './usr/share/doc' \
    --exclude './usr/share/man' --exclude './usr/share/locale' "$@"
}

# finish PACKAGES...: writes down the versions of these, puts the folder in its place, and prints its path.
finish() {
  for package; do
    dpkg-deb -W --showformat '${Package} ${Version}\n' "$archives/${package}_"*.deb
  done >"$build/root/versions"
  if mv -T "$build/root" "$root" 2>/dev/null || [ -f "$root/versions" ]; then
    echo "$root"
  else
    fail "could not move what was unpacked to $root"
  fi
}
