#!/bin/sh
# The whole test suite: builds what is stale, sees to the real components that the tests start, then runs
# every stage. `npm test` and CI call this and nothing else.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
cd "$root"
sh tools/build.sh
sh tools/test-components.sh
. "$root/tools/node.sh"
PATH="$(dirname "$node"):$PATH" exec "$node" --no-warnings tools/test.mjs "$@"
