#!/bin/sh
# Unpacks Chromium where that is still to be done, and runs the tests of the inbox's page in it. Arguments go to jest:
# test/browser/run.sh -t keyboard
set -eu

here=$(cd "$(dirname "$0")" && pwd)
POSTHASTE_BROWSER_ROOT=$("$here/install.sh")
export POSTHASTE_BROWSER_ROOT

cd "$here/../.."
# playwright-core drives it, and lives in tools/.
node scripts/with-tools.mjs
node --experimental-vm-modules --disable-warning=ExperimentalWarning node_modules/jest/bin/jest.js \
  --config jest.browser.config.js "$@"
