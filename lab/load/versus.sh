#!/bin/sh
# The instrument against wrk and oha on this machine: builds it, installs wrk (Debian) and oha
# (from the package registry; slow, skip it with OHA=0) where they are missing, runs interleaved pairs and prints
# the ratios of requests per second of client CPU with their 95 % intervals.
#
#   lab/load/versus.sh                       all settings against a cheap server of its own
#   lab/load/versus.sh --settings 64,64r     some of them ("r": a new connection per request)
#   lab/load/versus.sh --url http://HOST:PORT/PATH     against any server; the clients' own counts
#   lab/load/versus.sh --against fixed       what fields in requests cost; "unstamped": receive stamps;
#                                            "sleeping": what it costs the server to wake the instrument
#   lab/load/versus.sh --against /tmp/instrument-before --settings 1,64,1000 --pairs 40
#                                            another build of the instrument, and that against itself
#   OHA=0 lab/load/versus.sh                 without oha
set -eu
WRK=1
case " $* " in *" --against "*) OHA=0 WRK=0 ;; esac
cd "$(dirname "$0")/../.."
if [ "$WRK" = 1 ] && ! command -v wrk >/dev/null; then
    apt-get update -qq && apt-get install -y -qq wrk >/dev/null ||
        { echo "wrk is missing and cannot be installed here: install it by hand." >&2; exit 2; }
fi
if [ "${OHA:-1}" = 1 ] && ! command -v oha >/dev/null; then
    cargo install --quiet --locked oha || echo "oha cannot be built here: going on without it." >&2
fi
cargo build --quiet --release -p instrument -p load --bins --examples
target=${CARGO_TARGET_DIR:-target}/release
set -- --load "$target/instrument" "$@"
case " $* " in *" --url "*) ;; *) set -- --server "$target/examples/plain_server" "$@" ;; esac
"$target/examples/versus" "$@"
if [ "${OHA:-1}" = 1 ] && command -v oha >/dev/null; then
    "$target/examples/versus" --against oha "$@"
fi
