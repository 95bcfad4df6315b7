#!/bin/sh
# Unpacks Debian's redis-server with the libraries it needs into a private folder and prints its path: a Redis that the machine
# already has is neither used nor touched. It needs no root: the server runs as who starts it.
set -eu

cache=${POSTHASTE_INTEROP_CACHE:-${TMPDIR:-/tmp}/posthaste-interop}
support=$(dirname "$0")/../../support
. "$support/debian-packages.sh"

begin redis
download redis-server

mkdir -p "$build/root/usr/bin" "$build/root/usr/lib" "$build/root/usr/lib64"
for name in bin lib lib64; do ln -s "usr/$name" "$build/root/$name"; done
for archive in "$archives"/*.deb; do
  case ${archive##*/} in
    lib* | lua-* | redis-tools_* | redis-server_*) ;;
    *) continue ;;
  esac
  unpack "$archive" --no-same-owner --exclude './usr/share' --exclude './usr/lib/*/gconv' --exclude './usr/lib/*/perl*' \
    --exclude './usr/lib/*/*.a'
done
finish redis-tools
