# One file, a dozen verbs. Everything runs in .venv, which the first target that needs it builds.
# `make PYTHON=python3.12 test` uses another interpreter.
PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CHECKED := pushwoosh_async pytest_pushwoosh_async.py tests examples benchmarks

# What the sample is drawn by: the same commit draws the same tests again.
SEED := $(shell git rev-parse --short HEAD 2>/dev/null || echo none)
SHARE := 4
# One process of tests for each core, each with files of its own: much of a test's time is waiting.
AT_ONCE := -n auto --dist loadfile

.PHONY: demo test sample adversity audit matrix lint format bench clean pins

# The main job: a million users through a faulty network, held against the server's own ledger.
demo: $(READY)
	$(BIN)/pushwoosh-async demo

# The quick part of the tests.
test: $(READY)
	$(BIN)/python -m pytest $(AT_ONCE)

# One in SHARE of the slow ones, drawn by SEED; and what the simulated server is owed at each change.
sample: $(READY)
	$(BIN)/python -m pytest $(AT_ONCE) -m slow --sample $(SEED)/$(SHARE)
	$(BIN)/python -m pytest $(AT_ONCE) -m '' tests/fanout/simulation

# Every fault in the book, with full effort: a line a row, and docs/adversity.md. ROWS="N8 R" does some.
adversity: $(READY)
	$(BIN)/python -m tests.adversity $(ROWS)

# Has a pinned package a known hole? Fails, and says so, where nobody could be asked.
audit: $(READY)
	$(BIN)/python tests/adversity/security/audit.py

# The quick rows on every Python there is, on uvloop, with the lowest and the newest dependencies.
matrix: $(READY)
	$(BIN)/python -m tests.matrix $(if $(FULL),--full)

lint: $(READY)
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff check --fix $(CHECKED)
	$(BIN)/ruff format $(CHECKED)

# The figures of README and benchmarks/README.md, as ratios within one run.
bench: $(READY)
	$(BIN)/python -m pip install --quiet -c constraints.txt --group bench
	$(BIN)/python -m benchmarks.journal
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) .matrix .mypy_cache .ruff_cache .pytest_cache .hypothesis

# Resolve the tools anew and write down what came out.
pins: clean
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -e '.[aiohttp,cli,sandbox]' --group dev --group bench
	{ head -n 1 constraints.txt; $(BIN)/python -m pip freeze --all --exclude-editable; } > constraints.new
	mv constraints.new constraints.txt

# pip of Python 3.11 cannot read dependency groups, so it is replaced first, by a pinned one.
$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt pip
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[aiohttp,cli,sandbox]' --group dev
	@touch $(READY)
