# The commands of this project. "make" alone lists them.
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8000

.DEFAULT_GOAL := help
.PHONY: help demo run test check faults fix bench migration lock clean

help: ## list these commands
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

# Installed from the lock file, so that everyone runs what was tested.
.venv/run.done: pyproject.toml requirements.lock
	@echo "Making .venv and installing (once; about half a minute) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.9,<1"
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements.lock
	@$(BIN)/uv pip install --quiet --no-deps --python $(BIN)/python -e .
	@touch $@

.venv/test.done: .venv/run.done requirements-test.lock
	@echo "Installing what the tests need ..."
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements-test.lock
	@touch $@

demo: .venv/run.done ## example partnership, answered and closed, at http://127.0.0.1:8000
	@$(BIN)/muster demo --port $(PORT)

run: .venv/run.done ## web and worker on this machine, for real use
	@$(BIN)/muster serve --port $(PORT)

test: .venv/test.done ## every test, with a real browser, mail server and PostgreSQL
	@sh tests/install-servers.sh
	@$(BIN)/pytest -n 2 --dist worksteal

check: .venv/test.done ## format, lint, types, imports, questionnaires
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/muster questionnaire check surveys/catalog/*.toml

faults: .venv/test.done ## which known faults and attacks a test covers, and which none
	@$(BIN)/pytest --collect-only -qq --no-header --no-summary -p tests.faults.listing | grep -v '::.*: [0-9]*$$'

fix: .venv/test.done ## repair format and what lint can repair
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

bench: .venv/test.done ## benchmarks: ratios against a floor measured in the same run
	@for program in benchmarks/*.py; do echo "== $$program"; $(BIN)/python $$program || exit 1; done

migration: .venv/test.done ## a new numbered migration from the models: make migration name=...
	@rm -rf build/migration
	@MUSTER_INSTANCE=build/migration $(BIN)/muster db upgrade
	@MUSTER_INSTANCE=build/migration $(BIN)/alembic --config webapp/migrations/alembic.ini revision --autogenerate -m "$(name)"

lock: .venv/run.done ## new lock files from pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 --extra pdf pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 --all-extras pyproject.toml -o requirements-test.lock

clean: ## remove what was built
	rm -rf .venv instance/demo build dist
