#!/bin/sh
# Prints the path of a Python >= 3.12 that really runs (a version manager's shim may be on PATH and still not answer).
ok() { "$1" -c 'import sys, sqlite3, ssl, venv; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1; }
for candidate in "${FLOW_PYTHON:-}" python3.14 python3.13 python3.12 python3 \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[2-9]*/bin/python \
    "${XDG_DATA_HOME:-$HOME/.local/share}"/uv/python/cpython-3.1[2-9]*/bin/python3; do
    [ -n "$candidate" ] || continue
    if ok "$candidate"; then command -v "$candidate"; exit 0; fi
done
echo "flowstudio needs Python 3.12 or newer, and found none that runs. Install it, or name one: FLOW_PYTHON=/path/to/python make run" >&2
exit 1
