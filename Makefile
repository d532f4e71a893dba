# flowstudio: `make run` starts the product, `make test` runs every test, `make check` reads the code.
PY = .venv/bin/python

.PHONY: install check test format

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

test: install
	$(PY) -m pytest -q
	cd frontend && npx vitest run

format: install
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .
	cd frontend && npx biome check --write src
