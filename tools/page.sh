#!/bin/sh
# Build the console's page (needs Node 20.19 or later, and npm). `tools/page.sh check` builds it beside the committed one and compares.
set -eu
cd "$(dirname "$0")/../console"
command -v npm >/dev/null 2>&1 || { echo "The page is built with Node and npm, and none was found on PATH. Users and tests do not need them: the built page is committed."; exit 1; }
npm ci --no-audit --no-fund --silent
if [ "${1:-}" = check ]; then
    fresh=$(mktemp -d)
    trap 'rm -rf "$fresh"' EXIT
    npx vite build --logLevel error --outDir "$fresh" --emptyOutDir
    if diff -r "$fresh" ../src/perfuse/views/console/page; then echo "the page: a rebuild gives the same bytes"; else
        echo "The committed page is not what its sources give. Run tools/page.sh and commit src/perfuse/views/console/page."; exit 1; fi
else
    npx svelte-check --tsconfig ./tsconfig.json --fail-on-warnings --output human
    npx vite build --logLevel warn
fi
