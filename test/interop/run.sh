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
  # sudo clears the environment; an empty TMPDIR, cache or switch is as good as none.
  exec sudo -n env "PATH=$PATH" "TMPDIR=${TMPDIR-}" "POSTHASTE_INTEROP_CACHE=${POSTHASTE_INTEROP_CACHE-}" \
    "POSTHASTE_WRITE_DOCS=${POSTHASTE_WRITE_DOCS-}" "$0" "$@"
fi

POSTHASTE_INTEROP_ROOT=$("$here/install.sh")
POSTHASTE_INTEROP_INSTANCES=${POSTHASTE_INTEROP_ROOT%/*}/instances.$$
export POSTHASTE_INTEROP_ROOT POSTHASTE_INTEROP_INSTANCES

# Ends what still runs in the private root directories below $1, each by its id, and removes them. After a run that ended by
# itself there is nothing to do; it is for one that was killed.
clear_instances() {
  for process in /proc/[0-9]*; do
    case $(readlink "$process/root" || true) in
      "$1"/*) kill -KILL "${process#/proc/}" || true ;;
    esac
  done 2>/dev/null
  rm -rf "$1"
}

for left in "${POSTHASTE_INTEROP_ROOT%/*}"/instances.*; do
  [ -e "/proc/${left##*.}/exe" ] || clear_instances "$left"
done
trap 'clear_instances "$POSTHASTE_INTEROP_INSTANCES"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$POSTHASTE_INTEROP_INSTANCES"

# A namespace of process ids ends with its first process, and takes along all that runs in it, whatever user that changed to;
# a death signal by itself is forgotten when a process changes its user. So no server outlives the tests, and no test this
# script, however these end. The first process is a shell, because it has to wait for what the servers leave behind. Where the
# machine allows no namespace, what is left of a killed run ends when this script does, or when the next run begins.
contain() {
  exec setpriv --pdeathsig KILL unshare --pid --fork --kill-child --mount-proc sh -c '"$@" & wait "$!"' sh "$@"
}
(contain true) 2>/dev/null || contain() { exec "$@"; }

cd "$here/../.."
# In front of the tests: jest remembers which packages there are.
node --input-type=module -e "
  import { installFolder } from './scripts/install-folder.mjs';
  await installFolder('$here/nodemailer-wrappers');
"
contain node --experimental-vm-modules --disable-warning=ExperimentalWarning node_modules/jest/bin/jest.js \
  --config jest.interop.config.js "$@" &
tests=$!
# The shell looks at signals while it waits in this way, and only then.
trap 'kill -KILL "$tests" 2>/dev/null; exit 1' HUP INT TERM
wait "$tests"
