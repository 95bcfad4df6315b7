#!/bin/sh
# Unpacks Debian's Chromium, what it stands on and some fonts into one private directory and prints its path. Nothing is installed:
# no package database and no file outside the cache changes. The C library is the machine's own, which is of the same release.
set -eu

packages='chromium-headless-shell fonts-noto-core fonts-noto-mono'
cache=${POSTHASTE_BROWSER_CACHE:-${TMPDIR:-/tmp}/posthaste-browser}

fail() {
  echo "test/browser/install.sh: $1" >&2
  exit 1
}

command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || fail 'needs apt-get and dpkg-deb (Debian 12 or newer)'

# The name of the root changes with everything that decides what is in it.
root=$cache/root-$(dpkg --print-architecture)-$(cat "$0" /etc/os-release | cksum | cut -d ' ' -f 1)
if [ -f "$root/version" ]; then
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
  # shellcheck disable=SC2086 # the names are words
  apt-get "$@" -qq -y --download-only --no-install-recommends -o Dir::State::status="$build/status" \
    -o Dir::Cache="$build/cache" -o Dir::Cache::archives="$archives" -o APT::Sandbox::User="$(id -un)" \
    -o Debug::NoLocking=1 install $packages >&2
}

# First with the machine's own package lists; they may be old or missing, then with fresh ones of our own.
if ! download 2>"$build/first-try"; then
  apt-get -qq update -o Dir::State::lists="$build/lists" -o APT::Sandbox::User="$(id -un)" >&2 || true
  download -o Dir::State::lists="$build/lists" || {
    cat "$build/first-try" >&2
    fail 'the packages could not be downloaded (see above)'
  }
fi

mkdir -p "$build/root"
for archive in "$archives"/*.deb; do
  case ${archive##*/} in
    libc6_* | libc-bin_* | perl* | libperl* | dpkg_* | tar_* | passwd_* | systemd* | libsystemd-shared*) continue ;;
    libllvm* | libz3-* | libgl1-mesa-dri_* | adwaita-* | fonts-dejavu*) continue ;;
  esac
  dpkg-deb --fsys-tarfile "$archive" | tar -xC "$build/root" --no-same-owner --keep-directory-symlink \
    --exclude './usr/share/doc' --exclude './usr/share/man' --exclude './usr/share/locale' --exclude './etc' \
    --exclude './dev'
done
find "$build/root/usr/share/fonts" -type f ! -name 'NotoSans-*' ! -name 'NotoSerif-*' ! -name 'NotoSansMono*' \
  ! -name 'NotoSansSymbols*' -delete

# Only the fonts above, so that the pages look the same on every machine.
cat >"$build/root/fonts.conf" <<XML
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>$root/usr/share/fonts</dir>
  <cachedir>$root/fontcache</cachedir>
  <alias binding="strong"><family>sans-serif</family><prefer><family>Noto Sans</family></prefer></alias>
  <alias binding="strong"><family>serif</family><prefer><family>Noto Serif</family></prefer></alias>
  <alias binding="strong"><family>monospace</family><prefer><family>Noto Sans Mono</family></prefer></alias>
</fontconfig>
XML
dpkg-deb -W --showformat '${Version}\n' "$archives"/chromium-headless-shell_*.deb >"$build/root/version"

if mv -T "$build/root" "$root" 2>/dev/null || [ -f "$root/version" ]; then
  echo "$root"
else
  fail "could not move the browser to $root"
fi
