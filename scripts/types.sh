#!/bin/sh
# The front end's types follow the API: `write` renews them, `check` fails when they are not what the server says.
set -eu
cd "$(dirname "$0")/.."
kept=frontend/src/api/openapi.json
codegen=frontend/tools/codegen
stamp="$codegen/node_modules/.installed-$(cksum <$codegen/package-lock.json | tr ' ' '-')"
if [ ! -f "$stamp" ]; then
    echo "Installing the type generator …"
    npm --prefix $codegen ci --silent --no-audit --no-fund
    touch "$stamp"
fi
made=$(mktemp)
trap 'rm -f "$made"' EXIT
.venv/bin/python manage.py spectacular --format openapi-json --fail-on-warn >"$made"
case ${1:-check} in
write)
    cp "$made" $kept
    npm --prefix $codegen run --silent generate
    ;;
*)
    cmp -s "$made" $kept || { echo "$kept is not what the server says. Run scripts/types.sh write and commit what changed." >&2; exit 1; }
    npm --prefix $codegen run --silent check
    ;;
esac
