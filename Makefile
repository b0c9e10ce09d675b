# make demo: train on real digits and show the results.  make test: check and test everything.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check tests

demo: $(VENV)/ready
	$(BIN)/saddle train digits

test: check tests

check: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# A process for each core, of one thread each; neighbours stay together, for they share what is dear to make.
tests: $(VENV)/ready
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist worksteal

$(VENV)/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[dev]"
	touch $@
