#!/bin/sh
# Find what some tests need outside Python (chromium, postgres or r), or install Debian's, or say what to do.
set -u
case "${1:-}" in
chromium)
    what="Chromium" packages="chromium" instead="leave the tests of pages out: make test BROWSER=no"
    found() { for name in chromium chromium-browser google-chrome; do command -v "$name" >/dev/null 2>&1 && return 0; done; return 1; } ;;
postgres)
    what="PostgreSQL's server" packages="postgresql" instead="leave the tests of databases out: make test POSTGRES=no"
    found() {
        for folder in $(echo "$PATH" | tr : ' ') /usr/lib/postgresql/*/bin; do
            [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ] && [ -x "$folder/postgres" ] && return 0
        done
        return 1
    } ;;
r)
    libraries="metafor survival cmprsk MatchIt lme4"
    what="R with $libraries" instead="be content with what R said before: make test compares with the tables kept in tests/oracles"
    packages="r-base-core r-cran-metafor r-cran-survival r-cran-cmprsk r-cran-matchit r-cran-lme4"
    found() {
        command -v Rscript >/dev/null 2>&1 || return 1
        for library in $libraries; do Rscript -e "library($library)" >/dev/null 2>&1 || return 1; done
    } ;;
*)
    echo "usage: tools/system.sh chromium|postgres|r"; exit 2 ;;
esac
found && exit 0
as_root=""
if [ "$(id -u)" -ne 0 ]; then
    as_root="sudo -n"
    sudo -n true 2>/dev/null || as_root="no"
fi
if command -v apt-get >/dev/null 2>&1 && [ "$as_root" != no ]; then
    echo "installing $what (apt-get)"
    log=$(mktemp)
    # shellcheck disable=SC2086  # the packages are several words
    if { $as_root apt-get update && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages; } >"$log" 2>&1 </dev/null; then
        rm -f "$log"
        found && exit 0
    else
        tail -n 15 "$log"
        rm -f "$log"
    fi
fi
echo "Some tests need $what, and it was not found."
echo "Install it (Debian: apt-get install $packages; others: your package manager), or $instead"
exit 1
