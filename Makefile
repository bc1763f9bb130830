# Every target does its own set-up; what is done already is skipped.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup demo test lint types bench format

help:  ## show this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup: $(VENV)/.dev node_modules/.installed  ## everything: CLI, local cloud, tests

demo: $(VENV)/.local node_modules/.installed  ## photos to a served prediction, on this machine
	$(BIN)/python -m examples.demo

test: setup lint types  ## linters, types, import contracts, every test
	$(BIN)/python -m pytest

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

types: $(VENV)/.dev
	$(BIN)/mypy .

format: $(VENV)/.dev  ## rewrite the code in the project's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup  ## measure, and write docs/results.md
	$(BIN)/python -m benchmarks

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "darkroom: $(PYTHON) is older than Python 3.11; run make PYTHON=python3.11 (or newer)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.local: requirements.txt requirements-local.txt constraints.txt | $(VENV)/bin/python
	@echo "darkroom: installing into $(VENV) (once; some minutes, about 2.5 GB)"
	$(BIN)/python -m pip install --quiet -r requirements-local.txt
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.local
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	@touch $@

node_modules/.installed: package.json package-lock.json | $(VENV)/.local
	$(BIN)/npm ci --no-audit --no-fund --loglevel=error
	@touch $@
