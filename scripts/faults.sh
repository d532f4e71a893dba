#!/bin/sh
# The nightly list of faults: more kills, more customers, several seeds; then the same on PostgreSQL, and the scaled stack.
# A failure prints its FAULTS_SEED; `FAULTS_SEED=<n> make faults` draws the same again.
set -u
cd "$(dirname "$0")/.."
python=.venv/bin/python
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export FLOWSTUDIO_DATA="$folder/data" FAULTS=all
failed=""
part() {
    name=$1
    shift
    echo "── $name"
    "$@" || failed="$failed, $name"
}

part "kills and vendors, on SQLite" $python -m pytest -q tests/faults "$@"
part "kills and vendors, on PostgreSQL" $python -m tests.servers $python -m pytest -q tests/faults "$@"
part "kills of web and engine, poison, races" $python -m pytest -q \
    tests/engine/test_crash.py tests/engine/test_web_crash.py tests/engine/test_rules_10_8.py tests/engine/test_blocks_race.py "$@"
part "workers, broker and database" $python -m pytest -q tests/scaled "$@"

if [ -n "$failed" ]; then
    echo "FAILED: ${failed#, }"
    exit 1
fi
echo "Every fault was survived."
