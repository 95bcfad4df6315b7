#!/bin/sh
# Runs the tests of the inbox's page in the browser that POSTHASTE_BROWSER names (a Chrome or Chromium), else in Debian's Chromium,
# which is unpacked where that is still to be done. Arguments go to jest: test/browser/run.sh -t keyboard
set -eu

here=$(cd "$(dirname "$0")" && pwd)
if [ -z "${POSTHASTE_BROWSER-}" ]; then
  POSTHASTE_BROWSER_ROOT=$("$here/install.sh") || {
    echo 'POSTHASTE_BROWSER may name a browser that is installed' >&2
    exit 1
  }
  export POSTHASTE_BROWSER_ROOT
fi

cd "$here/../.."
# playwright-core drives it, and lives in tools/.
node scripts/with-tools.mjs
node --experimental-vm-modules --disable-warning=ExperimentalWarning node_modules/jest/bin/jest.js \
  --config jest.browser.config.js "$@"
