# Kairo: `make` lists the commands. Works with GNU make 3.81 (macOS) and newer, in folders with spaces in their names.

PORT ?=
DATA ?=
ARGS ?=
UPGRADE ?=

SHELL := /bin/sh
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
# Finds the machine's Python and lets it set up .venv; a fresh environment costs a blink.
SETUP = python="$$(sh scripts/find_python.sh)" && "$$python" scripts/environment.py

.DEFAULT_GOAL := help
.PHONY: help run setup development test check fix bench bundle lock assets docs clean
.NOTPARALLEL:

help: ## list these commands
	@echo "Kairo (回廊): make run, then open the address that it prints."
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "  PORT=9000 and DATA=/a/folder change where 'make run' serves and keeps its data."

run: setup assets ## start Kairo with the demo city Yamaguchi (PORT=8080 DATA=.kairo)
	@exec $(BIN)/kairo demo $(if $(PORT),--port "$(PORT)") $(if $(DATA),--data "$(DATA)") $(ARGS)

setup: ## make .venv and install the locked packages
	@$(SETUP) runtime

# Covers setup, so it stands before `assets` where both are wanted: then one pip run does.
development:
	@$(SETUP) dev

assets: setup
	@$(BIN)/python -m kairo.platform.web.assets

test: development assets ## set up and run every test, the browser's too (ARGS="-k name" for some)
	@$(BIN)/python -m scripts.ensure_chromium
	@$(BIN)/python -m scripts.run_tests $(ARGS)

check: development ## ruff, mypy, import-linter, docs up to date, no registry or machine named
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m scripts.generate_docs --check
	$(BIN)/python -m scripts.tracked_files

fix: development ## format, mend what ruff can mend, write the generated docs, record new migrations and schemas
	-$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format .
	$(BIN)/python -m scripts.generate_docs
	$(BIN)/python -m scripts.migrations
	$(BIN)/python -m scripts.schemas

docs: development
	@$(BIN)/python -m scripts.generate_docs

bench: development assets ## measure speed and memory (bench/README.md; ARGS chooses)
	@$(BIN)/kairo bench $(ARGS)

bundle: development assets ## make dist/kairo-*.tar.gz, which installs without internet
	@$(BIN)/python -m scripts.bundle $(ARGS)

lock: ## write requirements/*.txt from pyproject.toml (UPGRADE=1 takes the newest)
	@$(SETUP) runtime
	@$(BIN)/python -m scripts.lock $(if $(UPGRADE),--upgrade)

clean: ## remove what was built; the data folder stays
	rm -rf dist build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .schemathesis test-results
	rm -rf .venv node_modules src/kairo/platform/web/static/vendor src/kairo.egg-info
