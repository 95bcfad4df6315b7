#!/bin/sh
# Unpacks Debian's redis-server with the libraries it needs into a private folder and prints its path. Nothing is installed:
# a Redis that the machine already has is neither used nor touched. It needs no root: the server runs as who starts it.
set -eu

cache=${POSTHASTE_INTEROP_CACHE:-${TMPDIR:-/tmp}/posthaste-interop}

fail() {
  echo "test/interop/redis/install.sh: $1" >&2
  exit 1
}

command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || fail 'needs apt-get and dpkg-deb (Debian 12 or newer)'

# The name of the folder changes with everything that decides what is in it.
root=$cache/redis-$(dpkg --print-architecture)-$(cat "$0" /etc/os-release | cksum | cut -d ' ' -f 1)
if [ -f "$root/versions" ]; then
  echo "$root"
  exit 0
fi

mkdir -p "$cache"
build=$(mktemp -d "$cache/build.XXXXXX")
trap 'rm -rf "$build"' EXIT
trap 'exit 1' HUP INT TERM
archives=$build/archives
mkdir -p "$archives/partial" "$build/cache" "$build/lists/partial"
: >"$build/status"

# An empty status file makes apt name all dependencies, whatever the machine has; --download-only changes nothing.
download() {
  apt-get "$@" -qq -y --download-only --no-install-recommends -o Dir::State::status="$build/status" \
    -o Dir::Cache="$build/cache" -o Dir::Cache::archives="$archives" -o APT::Sandbox::User=root \
    -o Debug::NoLocking=1 install redis-server >&2
}

# First with the machine's own package lists; they may be old or missing, then with fresh ones of our own.
if ! download 2>"$build/first-try"; then
  apt-get -qq update -o Dir::State::lists="$build/lists" -o APT::Sandbox::User=root >&2 || true
  download -o Dir::State::lists="$build/lists" || {
    cat "$build/first-try" >&2
    fail 'the package could not be downloaded (see above)'
  }
fi

mkdir -p "$build/root/usr/bin" "$build/root/usr/lib" "$build/root/usr/lib64"
for name in bin lib lib64; do ln -s "usr/$name" "$build/root/$name"; done
for archive in "$archives"/*.deb; do
  case ${archive##*/} in
    lib* | lua-* | redis-tools_* | redis-server_*) ;;
    *) continue ;;
  esac
  dpkg-deb --fsys-tarfile "$archive" | tar -xC "$build/root" --keep-directory-symlink --no-same-owner \
    --exclude './usr/share' --exclude './usr/lib/*/gconv' --exclude './usr/lib/*/perl*' --exclude './usr/lib/*/*.a'
done
dpkg-deb -W --showformat '${Package} ${Version}\n' "$archives/redis-tools_"*.deb >"$build/root/versions"

if mv -T "$build/root" "$root" 2>/dev/null || [ -f "$root/versions" ]; then
  echo "$root"
else
  fail "could not move the server to $root"
fi
