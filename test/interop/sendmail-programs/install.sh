#!/bin/sh
# Unpacks programs that send mail through sendmail (git send-email, bsd-mailx, s-nail), zsh, which completes commands, and msmtp and
# swaks, which the benchmark runs, into a private folder and prints its path. Nothing is installed: no package database, service or
# file outside the cache changes.
set -eu

packages='git-email libmailtools-perl bsd-mailx s-nail zsh msmtp swaks'
# What of their dependencies is unpacked: all but what the machine has anyway, such as its C library.
wanted='git-email git liberror-perl libmailtools-perl bsd-mailx s-nail liblockfile1 libbsd0 libmd0 libidn2-0 libunistring2
zsh zsh-common libcap2 libtinfo6
msmtp libgsasl18 libsecret-1-0 libglib2.0-0 libidn12 libntlm0 libgssglue1 libgcrypt20 swaks'
cache=${POSTHASTE_INTEROP_CACHE:-${TMPDIR:-/tmp}/posthaste-interop}

fail() {
  echo "test/interop/sendmail-programs/install.sh: $1" >&2
  exit 1
}

command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || fail 'needs apt-get and dpkg-deb (Debian 12 or newer)'

root=$cache/programs-$(dpkg --print-architecture)-$(cat "$0" /etc/os-release | cksum | cut -d ' ' -f 1)
if [ -d "$root" ]; then
  echo "$root"
  exit 0
fi

mkdir -p "$cache"
build=$(mktemp -d "$cache/build.XXXXXX")
trap 'rm -rf "$build"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$build/archives/partial" "$build/cache" "$build/lists/partial" "$build/root"
: >"$build/status"

# An empty status file makes apt name all dependencies, whatever the machine has; --download-only changes nothing.
download() {
  # shellcheck disable=SC2086 # the names are words
  apt-get "$@" -qq -y --download-only --no-install-recommends -o Dir::State::status="$build/status" \
    -o Dir::Cache="$build/cache" -o Dir::Cache::archives="$build/archives" -o APT::Sandbox::User=root \
    -o Debug::NoLocking=1 install $packages >&2
}

# First with the machine's own package lists; they may be old or missing, then with fresh ones of our own.
if ! download 2>"$build/first-try"; then
  apt-get -qq update -o Dir::State::lists="$build/lists" -o APT::Sandbox::User=root >&2 || true
  download -o Dir::State::lists="$build/lists" || {
    cat "$build/first-try" >&2
    fail 'the packages could not be downloaded (see above)'
  }
fi

for package in $wanted; do
  for archive in "$build/archives/${package}_"*.deb; do
    [ -f "$archive" ] || continue
    dpkg-deb --fsys-tarfile "$archive" | tar -xC "$build/root" --exclude './usr/share/doc' --exclude './usr/share/man' \
      --exclude './usr/share/locale'
  done
done

if mv -T "$build/root" "$root" 2>/dev/null || [ -d "$root" ]; then
  echo "$root"
else
  fail "could not move the programs to $root"
fi
