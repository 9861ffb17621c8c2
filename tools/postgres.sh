#!/bin/sh
# Find PostgreSQL's server for the tests of the record, or install Debian's, or say what to do.
set -u
found() {
    for folder in $(echo "$PATH" | tr : ' ') /usr/lib/postgresql/*/bin; do
        [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ] && [ -x "$folder/postgres" ] && return 0
    done
    return 1
}
found && exit 0
as_root=""
if [ "$(id -u)" -ne 0 ]; then
    as_root="sudo -n"
    sudo -n true 2>/dev/null || as_root="no"
fi
if command -v apt-get >/dev/null 2>&1 && [ "$as_root" != no ]; then
    echo "installing PostgreSQL for the tests of the record (apt-get)"
    log=$(mktemp)
    if { $as_root apt-get update && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql; } >"$log" 2>&1 </dev/null; then
        rm -f "$log"
        found && exit 0
    else
        tail -n 15 "$log"
        rm -f "$log"
    fi
fi
echo "The tests of the record start a PostgreSQL server of their own, and none was found on PATH or in /usr/lib/postgresql."
echo "Install it (Debian: apt-get install postgresql; others: your package manager), or leave those tests out: make test POSTGRES=no"
exit 1
