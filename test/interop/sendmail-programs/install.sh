#!/bin/sh
# Unpacks programs that send mail through sendmail (git send-email, bsd-mailx, s-nail), zsh, which completes commands, and msmtp and
# swaks, which the benchmark runs, into a private folder and prints its path.
set -eu

# What of their dependencies is unpacked: all but what the machine has anyway, such as its C library.
wanted='git-email git liberror-perl libmailtools-perl bsd-mailx s-nail liblockfile1 libbsd0 libmd0 libidn2-0 libunistring2
zsh zsh-common libcap2 libtinfo6
msmtp libgsasl18 libsecret-1-0 libglib2.0-0 libidn12 libntlm0 libgssglue1 libgcrypt20 swaks'
cache=${POSTHASTE_INTEROP_CACHE:-${TMPDIR:-/tmp}/posthaste-interop}
support=$(dirname "$0")/../../support
. "$support/debian-packages.sh"

begin programs
download 'git-email libmailtools-perl bsd-mailx s-nail zsh msmtp swaks'
for package in $wanted; do
  for archive in "$archives/${package}_"*.deb; do
    if [ -f "$archive" ]; then unpack "$archive"; fi
  done
done
finish git-email bsd-mailx s-nail zsh msmtp swaks
