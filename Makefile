# `make help` lists what there is. Everything runs in a virtual environment of its own.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# Renovate reads this command in the files that it writes, and takes these options only.
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version=3.11 --generate-hashes

# Every run starts dozens of Python programs, which would compile the same modules again each time.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help venv test check format up preview refresh destroy down status test-lab test-lab-all mutants bench lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(INSTALLED): requirements.txt requirements-dev.txt
	@echo "virtual environment: installing what the project needs, some minutes"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements-dev.txt
	@touch $@

venv: $(INSTALLED) ## Make the virtual environment and nothing else

up: $(INSTALLED) ## Run the whole program on this machine: tools, lab, stack, table of its traffic
	@$(BIN)/python -m lab up
	@$(BIN)/python -m lab deploy $(ARGS)

preview: $(INSTALLED) ## Show what `make up` would change in the running lab; ARGS=--diff for more
	@$(BIN)/python -m lab preview $(ARGS)

refresh: $(INSTALLED) ## Bring the lab stack's state to what is there
	@$(BIN)/python -m lab refresh $(ARGS)

destroy: $(INSTALLED) ## Delete everything of the lab stack; the lab goes on running
	@$(BIN)/python -m lab destroy $(ARGS)

down: $(INSTALLED) ## End the lab and leave nothing on the machine but .lab/ and the cache
	@$(BIN)/python -m lab down

status: $(INSTALLED) ## Show what of the lab runs
	@$(BIN)/python -m lab status

test: $(INSTALLED) ## Run the unit tests; needs no cloud account and no lab
	$(BIN)/pytest --numprocesses=auto --dist=loadscope --quiet

test-lab: $(INSTALLED) ## Run the tests that need the lab; as root, with no lab running
	@$(BIN)/python -m lab build
	$(BIN)/pytest --verbose --durations=8 -m 'lab and not lab_all' -p no:randomly tests/lab

test-lab-all: $(INSTALLED) ## Run those as well that take hours, such as many kills
	@$(BIN)/python -m lab build
	OKE_MESH_RECORD=1 $(BIN)/pytest --verbose --durations=0 -m 'lab or lab_all' -p no:randomly tests/lab
	$(BIN)/python -m docs.generate_changes

mutants: $(INSTALLED) ## Put a hundred faults into copies of the tree, of which tests must find each
	scripts/mutants $(ARGS)

check: $(INSTALLED) ## Check the format, the style and the types of all code
	PATH="$(CURDIR)/$(BIN):$$PATH" scripts/check

format: $(INSTALLED) ## Bring all code into the project's format
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format --quiet .

lock: $(INSTALLED) ## Compile requirements*.in into requirements*.txt; ARGS=--upgrade for the newest
	@$(COMPILE) --output-file=requirements.txt requirements.in $(ARGS)
	@$(COMPILE) --constraints=requirements.txt --output-file=requirements-dev.txt \
		requirements-dev.in $(ARGS)

bench: $(INSTALLED) ## Measure the building of the graph for 2 to 50 clusters
	$(BIN)/python -m bench.graph

clean: ## Remove the virtual environment and every cache in this folder
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
