#!/bin/sh
# Every test: Python on SQLite, engine and door on PostgreSQL with Redis, the front end. Ends by naming what was not run.
# It installs the packages of the system that are missing (as root, where there is apt), and starts the servers itself.
set -u
cd "$(dirname "$0")/.."
python=.venv/bin/python
missing=""
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || missing="$missing postgresql"
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 || missing="$missing chromium"
command -v dot >/dev/null 2>&1 || missing="$missing graphviz"
if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "Installing$missing …"
        # shellcheck disable=SC2086
        apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null
    else
        echo "Missing:$missing. The tests that need them will fail; install them to run everything." >&2
    fi
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export FLOWSTUDIO_DATA="$folder/data" FLOWSTUDIO_TEST_NOTES="$folder/notes"
: >"$FLOWSTUDIO_TEST_NOTES"
failed=""
part() {
    name=$1
    shift
    echo "── $name"
    "$@" || failed="$failed, $name"
}

part "Python, on SQLite" $python -m pytest -q "$@"
part "engine, door and live view on PostgreSQL and Redis" \
    $python -m tests.servers $python -m pytest -q tests/engine tests/live tests/api/test_door.py
cd frontend || exit 1
part "front end" npx vitest run --reporter=default --reporter=json --outputFile.json="$folder/vitest.json"
cd ..
$python -m tests.notes "$folder/vitest.json" >>"$FLOWSTUDIO_TEST_NOTES"

echo
if [ -s "$FLOWSTUDIO_TEST_NOTES" ]; then
    echo "Not run:"
    sed 's/^/  /' "$FLOWSTUDIO_TEST_NOTES"
else
    echo "Nothing was skipped."
fi
if [ -n "$failed" ]; then
    echo "FAILED: ${failed#, }"
    exit 1
fi
echo "All tests passed."
