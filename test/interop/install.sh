#!/bin/sh
# Unpacks real mail servers into one private root directory and prints its path. Nothing is installed: no package database,
# user, service or file outside the cache changes, so a mail server that the machine already has is neither used nor
# touched. The servers conflict as packages (they share the name /usr/sbin/sendmail), not as files that these tests run.
set -eu

packages='libeatmydata1 postfix dovecot-core dovecot-lmtpd python3-aiosmtpd python3-dkim dash openssl'
cache=${POSTHASTE_INTEROP_CACHE:-${TMPDIR:-/tmp}/posthaste-interop}

fail() {
  echo "test/interop/install.sh: $1" >&2
  exit 1
}

command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || fail 'needs apt-get and dpkg-deb (Debian 12 or newer)'
[ "$(id -u)" = 0 ] || fail 'needs root: the servers run in a private root directory (chroot)'

# The name of the root changes with everything that decides what is in it.
root=$cache/root-$(dpkg --print-architecture)-$(cat "$0" /etc/os-release | cksum | cut -d ' ' -f 1)
if [ -f "$root/versions" ]; then
  echo "$root"
  exit 0
fi

mkdir -p "$cache"
chmod 755 "$cache"
build=$(mktemp -d "$cache/build.XXXXXX")
trap 'rm -rf "$build"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$build"
archives=$build/archives
mkdir -p "$archives/partial" "$build/cache" "$build/lists/partial"
: >"$build/status"

# An empty status file makes apt name all dependencies, whatever the machine has; --download-only changes nothing.
# The servers that exclude each other go one by one.
download() {
  for names in "$packages" exim4-daemon-light opensmtpd; do
    # shellcheck disable=SC2086 # the names are words
    apt-get "$@" -qq -y --download-only --no-install-recommends -o Dir::State::status="$build/status" \
      -o Dir::Cache="$build/cache" -o Dir::Cache::archives="$archives" -o APT::Sandbox::User=root \
      -o Debug::NoLocking=1 install $names >&2 || return 1
  done
}

# First with the machine's own package lists; they may be old or missing, then with fresh ones of our own.
if ! download 2>"$build/first-try"; then
  apt-get -qq update -o Dir::State::lists="$build/lists" -o APT::Sandbox::User=root >&2 || true
  download -o Dir::State::lists="$build/lists" || {
    cat "$build/first-try" >&2
    fail 'the packages could not be downloaded (see above)'
  }
fi

mkdir -p "$build/root/usr/bin" "$build/root/usr/sbin" "$build/root/usr/lib" "$build/root/usr/lib64" "$build/root/dev"
for name in bin sbin lib lib64; do ln -s "usr/$name" "$build/root/$name"; done
for archive in "$archives"/*.deb; do
  case ${archive##*/} in
    fonts-* | libjs-* | sphinx-* | perl* | libperl* | e2fsprogs* | usrmerge* | gcc-*) continue ;;
  esac
  dpkg-deb --fsys-tarfile "$archive" | tar -xC "$build/root" --keep-directory-symlink --exclude './usr/share/doc' \
    --exclude './usr/share/man' --exclude './usr/share/locale' --exclude './usr/share/perl*' --exclude './usr/lib/*/perl*' \
    --exclude './usr/share/i18n' --exclude './usr/share/zoneinfo' --exclude './usr/lib/*/gconv' --exclude './usr/lib/*/*.a'
done
mknod -m 666 "$build/root/dev/null" c 1 3
mknod -m 666 "$build/root/dev/urandom" c 1 9

for package in postfix dovecot-core exim4-daemon-light opensmtpd python3-aiosmtpd; do
  dpkg-deb -W --showformat '${Package} ${Version}\n' "$archives/${package}_"*.deb
done >"$build/root/versions"

if mv -T "$build/root" "$root" 2>/dev/null || [ -f "$root/versions" ]; then
  echo "$root"
else
  fail "could not move the servers to $root"
fi
