#!/bin/sh
# Starts flowstudio: finds a Python that really runs and hands over to the launcher (arguments go through).
set -eu
cd "$(dirname "$0")/.."
python=$(scripts/python.sh)
exec "$python" scripts/launch.py "$@"
