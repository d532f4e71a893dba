# flowstudio: `make run` starts the product, `make test` runs every test, `make check` reads the code.
# `make faults` is the nightly list of crashes (docs/reliability.md).
PY = .venv/bin/python

.PHONY: run dev scale install check test faults bench format

# Recipes that start servers exec: a signal to make reaches the server, and nothing stands between.
run:
	@exec scripts/run.sh

scale:
	@exec scripts/run.sh scale

dev:
	@FLOWSTUDIO_PUBLIC_URL="$${FLOWSTUDIO_PUBLIC_URL:-http://127.0.0.1:5173}" exec scripts/run.sh serve --dev

install:
	@scripts/install.sh requirements-dev.txt
	@scripts/frontend.sh

check: install
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/lint-imports
	.venv/bin/mypy flowstudio
	$(PY) manage.py makemigrations --check --dry-run
	cd frontend && npx biome check src
	cd frontend && npx tsc --noEmit
	scripts/types.sh check

bench: install
	for one in layout flows door 'engine --scale' waiting noisy scaling; do $(PY) -m benchmarks.$$one || exit 1; done

test: install
	@exec scripts/test.sh

faults: install
	@exec scripts/faults.sh

format: install
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .
	cd frontend && npx biome check --write src
