#!/bin/sh
# Makes .venv and installs the locked packages; does nothing when the lock has not changed. $1: a requirements file.
set -eu
cd "$(dirname "$0")/.."
lock=$1
stamp=".venv/.installed-$(basename "$lock")-$(cksum <"$lock" | tr ' ' '-')"
[ -f "$stamp" ] && exit 0
if ! .venv/bin/python -c '' 2>/dev/null; then
    echo "Making the Python environment …"
    python=$(scripts/python.sh)
    "$python" -m venv .venv
fi
echo "Installing Python packages ($lock) …"
if [ -x .venv/bin/uv ] || command -v uv >/dev/null 2>&1; then
    uv=$(command -v uv || echo .venv/bin/uv)
    VIRTUAL_ENV="$PWD/.venv" "$uv" pip install --quiet --require-hashes -r "$lock"
else
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
fi
touch "$stamp"
