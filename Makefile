# Every target makes what it needs: Python 3.11 or newer and make are enough.
#   make demo | test | lint | bench | fuzz | clean

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
FUZZ_EXAMPLES ?= 20000
# NumPy's BLAS on one thread, so that a measurement means the same everywhere.
ONE_THREAD = OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1

.PHONY: demo test lint bench fuzz clean
.DELETE_ON_ERROR:

demo: $(VENV)/.demo
	$(BIN)/python examples/digits.py

test: $(VENV)/.test
	$(BIN)/python -m pytest -n 2

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.bench
	$(ONE_THREAD) $(BIN)/python -m benchmarks

fuzz: $(VENV)/.test
	FUZZ_EXAMPLES=$(FUZZ_EXAMPLES) $(BIN)/python -m pytest -n 2 tests/test_fuzz.py

clean:
	rm -rf $(VENV) build dist *.egg-info examples/output

# One stamp per extra of pyproject.toml: $(VENV)/.demo, .test, .bench
$(VENV)/.%: $(VENV)/.made pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[$*]'
	@touch $@

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit( \
	    "s2s needs Python 3.11 or newer: make PYTHON=/path/to/python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	@touch $@
