# Every target lists itself: `make help`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help setup system demo test lint type bench docs clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: system $(VENV)/.base  ## create .venv with the base install (no torch) and what Debian packages it may

system:  ## install flite and a CJK font when root on Debian; otherwise say what is missing
	@bash scripts/system_packages.sh

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) install --quiet --no-compile --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) install --quiet --constraint constraints.txt torch==2.13.0
	$(PIP) install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@ $(VENV)/.base

demo: setup  ## the main job on sample inputs; prints where the results are
	$(BIN)/viva demo --output-dir out --overwrite

test: system $(VENV)/.dev  ## every test
	$(BIN)/python -m pytest

lint: $(VENV)/.dev  ## ruff: style and imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

type: $(VENV)/.dev  ## mypy, strict, over all of src
	$(BIN)/mypy

bench: system $(VENV)/.dev  ## every script of benchmarks/, each printing JSON
	@for script in benchmarks/*.py; do echo "# $$script"; $(BIN)/python $$script || exit 1; done

docs: $(VENV)/.dev  ## regenerate the pages made from code, and check that none is stale
	$(BIN)/python scripts/build_docs.py

clean:  ## remove .venv, caches and outputs
	rm -rf $(VENV) out .mypy_cache .ruff_cache .pytest_cache
