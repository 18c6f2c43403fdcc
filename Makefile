# Nightline. A fresh machine with Python 3.11+ and make is enough: `make run`, `make test`.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do command -v $$p >/dev/null 2>&1 && echo $$p && break; done)
BIN := .venv/bin
# Tests of calls mostly wait for one another to speak: more of them than processors fit beside each other.
TEST_PROCESSES ?= 3
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help run test test-dates check bench chaos format clean

help:
	@echo "make run    start the demo on http://127.0.0.1:8000"
	@echo "make test   run all tests"
	@echo "make test-dates  run all tests on six other days: a Monday, a Sunday, 31 December, 29 February, both clock changes"
	@echo "make check  formatter, linter, types, import order, migrations"
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

run: .venv/ready
	@exec $(BIN)/flask demo

test: .venv/ready-dev
	@$(BIN)/python -m tests.browser_setup
	@$(BIN)/python -m tests.programs_setup
	@$(BIN)/python -m pytest --numprocesses $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder

test-dates: .venv/ready-dev
	@$(BIN)/python -m tests.browser_setup
	@TEST_PROCESSES=$(TEST_PROCESSES) $(BIN)/python -m tests.dates

check: .venv/ready-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest tests/test_migrations.py

bench: .venv/ready
	@$(BIN)/python -m bench

chaos: .venv/ready-dev
	@$(BIN)/python -m bench.chaos

format: .venv/ready-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf .venv var .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
