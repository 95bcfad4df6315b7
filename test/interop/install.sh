#!/bin/sh
# Unpacks real mail servers into one private root directory and prints its path: a mail server that the machine already has is neither
# used nor touched. The servers conflict as packages (they share the name /usr/sbin/sendmail), not as files that these tests run.
set -eu

cache=${POSTHASTE_INTEROP_CACHE:-${TMPDIR:-/tmp}/posthaste-interop}
support=$(dirname "$0")/../support
. "$support/debian-packages.sh"

[ "$(id -u)" = 0 ] || fail 'needs root: the servers run in a private root directory (chroot)'
begin root
chmod 755 "$cache" "$build"
# The servers that exclude each other go one by one.
download 'libeatmydata1 postfix dovecot-core dovecot-lmtpd python3-aiosmtpd python3-dkim dash openssl' exim4-daemon-light opensmtpd

mkdir -p "$build/root/usr/bin" "$build/root/usr/sbin" "$build/root/usr/lib" "$build/root/usr/lib64" "$build/root/dev"
for name in bin sbin lib lib64; do ln -s "usr/$name" "$build/root/$name"; done
for archive in "$archives"/*.deb; do
  case ${archive##*/} in
    fonts-* | libjs-* | sphinx-* | perl* | libperl* | e2fsprogs* | usrmerge* | gcc-*) continue ;;
  esac
  unpack "$archive" --exclude './usr/share/perl*' --exclude './usr/lib/*/perl*' --exclude './usr/share/i18n' \
    --exclude './usr/share/zoneinfo' --exclude './usr/lib/*/gconv' --exclude './usr/lib/*/*.a'
done
mknod -m 666 "$build/root/dev/null" c 1 3
mknod -m 666 "$build/root/dev/urandom" c 1 9
finish postfix dovecot-core exim4-daemon-light opensmtpd python3-aiosmtpd
