#!/bin/sh
# Unpacks Debian's Chromium, what it stands on and some fonts into one private directory and prints its path. The C library is the
# machine's own, which is of the same release.
set -eu

cache=${POSTHASTE_BROWSER_CACHE:-${TMPDIR:-/tmp}/posthaste-browser}
support=$(dirname "$0")/../support
. "$support/debian-packages.sh"

begin root
download 'chromium-headless-shell fonts-noto-core fonts-noto-mono'

for archive in "$archives"/*.deb; do
  case ${archive##*/} in
    libc6_* | libc-bin_* | perl* | libperl* | dpkg_* | tar_* | passwd_* | systemd* | libsystemd-shared*) continue ;;
    libllvm* | libz3-* | libgl1-mesa-dri_* | adwaita-* | fonts-dejavu*) continue ;;
  esac
  unpack "$archive" --no-same-owner --exclude './etc' --exclude './dev'
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
finish chromium-headless-shell
