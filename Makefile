# Every target does its own set-up; what is done already is skipped.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
CLIENTS := .venv-clients
PEERS  := .venv-bench
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup cli demo test lint types bench soak format

help:  ## show this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup: $(VENV)/.dev $(CLIENTS)/.installed node_modules/.installed  ## everything: CLI, local cloud, tests

cli: $(VENV)/.cli node_modules/.installed  ## the CLI and synth alone: enough for diff and deploy on AWS

demo: $(VENV)/.local node_modules/.installed  ## photos to a served prediction, on this machine
	$(BIN)/python -m examples.demo

test: setup lint types  ## linters, types, import contracts, every test
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/zizmor --offline --quiet --strict-collection --pedantic .github

types: $(VENV)/.dev
	$(BIN)/mypy . .github/scripts/*.py

format: $(VENV)/.dev  ## rewrite the code in the project's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup $(PEERS)/.installed  ## measure, and write docs/results.md
	$(BIN)/python -m benchmarks

soak: setup  ## every endpoint under load while it is updated and killed; writes docs/results.md
	$(BIN)/python -m benchmarks.soak
	$(BIN)/python -m benchmarks.soak.rollouts

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "darkroom: $(PYTHON) is older than Python 3.11; run make PYTHON=python3.11 (or newer)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.cli: requirements.txt constraints.txt | $(VENV)/bin/python
	@echo "darkroom: installing the CLI into $(VENV) (once; about a minute, 1.2 GB)"
	$(BIN)/python -m pip install --quiet -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

$(VENV)/.local: requirements-local.txt $(VENV)/.cli
	@echo "darkroom: installing the local cloud into $(VENV) (once; some minutes, 1.2 GB)"
	$(BIN)/python -m pip install --quiet -r requirements-local.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.local
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	@touch $@

# Environments of their own: what is in them cannot share ours.
$(CLIENTS)/.installed: requirements-clients.txt | $(VENV)/bin/python
	@echo "darkroom: installing the clients under test into $(CLIENTS) (once; half a minute, 500 MB)"
	$(BIN)/python -m venv --clear $(CLIENTS)
	$(CLIENTS)/bin/python -m pip install --quiet --no-deps -r requirements-clients.txt
	@touch $@

$(PEERS)/.installed: requirements-bench.txt | $(VENV)/bin/python
	@echo "darkroom: installing what we measure against into $(PEERS) (once; half a minute, 300 MB)"
	$(BIN)/python -m venv --clear $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --no-deps -r requirements-bench.txt
	@touch $@

node_modules/.installed: package.json package-lock.json | $(VENV)/.cli
	$(BIN)/npm ci --no-audit --no-fund --loglevel=error
	@touch $@
