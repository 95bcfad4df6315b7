#!/bin/sh
# Unpacks the servers where that is still to be done, runs the tests against them, and leaves nothing running.
# Arguments go to jest: test/interop/run.sh -t postfix
set -eu

here=$(cd "$(dirname "$0")" && pwd)
if [ "$(id -u)" != 0 ]; then
  sudo -n true 2>/dev/null || {
    echo 'test/interop/run.sh: needs root, or sudo without a password: the servers run in private root directories' >&2
    exit 1
  }
  exec sudo -n env "PATH=$PATH" ${TMPDIR:+"TMPDIR=$TMPDIR"} "$0" "$@"
fi

POSTHASTE_INTEROP_ROOT=$("$here/install.sh")
POSTHASTE_INTEROP_INSTANCES=${POSTHASTE_INTEROP_ROOT%/*}/instances.$$
export POSTHASTE_INTEROP_ROOT POSTHASTE_INTEROP_INSTANCES

# The servers of a run that was killed died with it (jail.ts); what it left are files.
for left in "${POSTHASTE_INTEROP_ROOT%/*}"/instances.*; do
  [ -e "/proc/${left##*.}" ] || rm -rf "$left"
done
mkdir "$POSTHASTE_INTEROP_INSTANCES"
trap 'rm -rf "$POSTHASTE_INTEROP_INSTANCES"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$POSTHASTE_INTEROP_INSTANCES"

cd "$here/../.."
node --experimental-vm-modules --disable-warning=ExperimentalWarning node_modules/jest/bin/jest.js \
  --config jest.interop.config.js "$@"
