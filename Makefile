# Everything runs in a virtual environment of its own, which the first target makes.
# Needs make and Python 3.11 or newer; `make PYTHON=python3.12 test` names one.

VENV := .venv
BIN := $(VENV)/bin
RECENT := import sys; sys.exit(sys.version_info < (3, 11))
# The first recent enough Python on PATH; plain python3 when there is none, for the message below.
PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	if $$each -c '$(RECENT)' 2>/dev/null; then echo $$each; exit; fi; done; echo python3)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test browser lint format wheel bench docs clean

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' $(MAKEFILE_LIST) | while read -r name text; do printf '  make %-7s %s\n' "$$name" "$$text"; done

demo: $(VENV)/installed-cli,opennebula ## Filter and rank the 60 hosts of examples/host_pool.xml
	$(BIN)/matchmaker match examples/host_pool.xml \
	  -r 'HYPERVISOR = "kvm" & FREE_MEMORY > 33554432 & !(RACK = "r1?")' \
	  -k 'FREE_CPU - 50 * RUNNING_VMS' --limit 10

test: $(VENV)/installed-dev ## Run all tests
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

browser: $(VENV)/installed-dev,browser ## Test the HTML page in Chromium, which must be installed
	MATCHMAKER_BROWSER_TESTS=required $(BIN)/python -m pytest tests/browser

lint: $(VENV)/installed-dev ## Check style, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict matchmaker
	$(BIN)/lint-imports --no-logo

format: $(VENV)/installed-dev ## Format the code and mend what ruff can mend
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

wheel: $(VENV)/installed-dev ## Build wheel and sdist and try them outside the checkout
	$(BIN)/python .ci/wheel_check.py

bench: $(VENV)/installed-bench ## Time the library beside its peers, and draw the plots
	$(BIN)/python -m benchmarks --plots docs/explanation

docs: $(VENV)/installed-docs ## Build the documentation into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

clean: ## Remove everything that these targets made
	rm -rf $(VENV) site dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One stamp per set of extras, so that a second run installs nothing until pyproject.toml changes.
$(VENV)/installed-%: pyproject.toml $(VENV)/created
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$*]'
	@touch $@

$(VENV)/created:
	@$(PYTHON) -c '$(RECENT)' || { \
	  echo "matchmaker needs Python 3.11 or newer, and $(PYTHON) is not; name one: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@
