# `make help` lists what there is. Everything runs in a virtual environment of its own.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help test check format up preview destroy down test-lab bench clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(INSTALLED): requirements.txt requirements-dev.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements-dev.txt
	@touch $@

test: $(INSTALLED) ## Run the unit tests; needs no cloud account and no lab
	$(BIN)/pytest --numprocesses=auto --dist=loadscope --quiet

check: $(INSTALLED) ## Check the format, the style and the types of all code
	PATH="$(CURDIR)/$(BIN):$$PATH" scripts/check

format: $(INSTALLED) ## Bring all code into the project's format
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format --quiet .

bench: $(INSTALLED) ## Measure the building of the graph for 2 to 50 clusters
	$(BIN)/python -m bench.graph

clean: ## Remove the virtual environment and every cache in this folder
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
