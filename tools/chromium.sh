#!/bin/sh
# Find Chromium for the browser tests, or install Debian's, or say what to do.
set -u
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
as_root=""
if [ "$(id -u)" -ne 0 ]; then
    as_root="sudo -n"
    sudo -n true 2>/dev/null || as_root="no"
fi
if command -v apt-get >/dev/null 2>&1 && [ "$as_root" != no ]; then
    echo "installing Chromium for the browser tests (apt-get)"
    log=$(mktemp)
    if { $as_root apt-get update && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium; } >"$log" 2>&1 </dev/null; then
        rm -f "$log"
        command -v chromium >/dev/null 2>&1 && exit 0
    else
        tail -n 15 "$log"
        rm -f "$log"
    fi
fi
echo "The browser tests open reports in Chromium, and none was found on PATH."
echo "Install it (Debian: apt-get install chromium; others: your package manager), or leave those tests out: make test BROWSER=no"
exit 1
