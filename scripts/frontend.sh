#!/bin/sh
# Installs the front end's locked packages when the lock has changed.
set -eu
cd "$(dirname "$0")/../frontend"
command -v node >/dev/null 2>&1 || { echo "flowstudio needs Node.js 20.19 or newer to build its front end. Install it and start again." >&2; exit 1; }
stamp="node_modules/.installed-$(cksum <package-lock.json | tr ' ' '-')"
[ -f "$stamp" ] && exit 0
echo "Installing front-end packages …"
npm ci --silent --no-audit --no-fund
touch "$stamp"
